import { describe, expect, test } from "vitest";
import { EngineError } from "../../../engine/errors.ts";
import { asGo } from "../../../src/format/template/go-shape.ts";
import { type GoType, goTypes } from "../../../src/format/template/go-types.ts";
import { compileTemplate } from "../../../src/format/template/index.ts";
import fc from "../../support/property.ts";

const data = {
  Name: "/web",
  State: { Running: true, Pid: 12, ExitCode: 0, Error: "" },
  Config: { Labels: { "com.example.team": "ops", tier: "1" }, Env: ["A=1", "B=2"], Cmd: null },
  Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }], "443/tcp": null },
  Empty: [],
  Mixed: [1, "two", true, 2.5],
};

const render = (template: string, value: unknown = data) => compileTemplate(template)(value);

function failure(template: string, value: unknown = data): EngineError {
  try {
    render(template, value);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error(`${template} was accepted`);
}

describe("docker's Go types behind the JSON", () => {
  const container = asGo(
    {
      Id: "0123",
      State: { Status: "running", Running: true },
      HostConfig: { Binds: null, RestartPolicy: { Name: "always", MaximumRetryCount: 0 }, CpuShares: 2, Devices: [] },
      NetworkSettings: {
        Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }], "443/tcp": null },
        Networks: { bridge: { IPAddress: "10.0.0.2" } },
      },
      Config: { Labels: { z: "1", a: "2" }, Volumes: null, Healthcheck: { Test: ["CMD", "x"], Interval: 90e9 } },
    },
    "Container",
  );
  test.each([
    ["{{.ID}} {{.Id}}", "0123 0123"],
    ["{{.HostConfig.RestartPolicy}}", "{always 0}"],
    ["{{.NetworkSettings.Ports}}", "map[443/tcp:[] 80/tcp:[{0.0.0.0 8080}]]"],
    ["{{json .NetworkSettings.Ports}}", '{"443/tcp":null,"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}'],
    ['{{(index .NetworkSettings.Ports "80/tcp" 0).HostIP}}', "0.0.0.0"],
    ["{{.HostConfig.Binds}} {{len .HostConfig.Binds}} {{json .HostConfig.Binds}}", "[] 0 null"],
    ["{{.Config.Volumes}}{{range .Config.Volumes}}x{{else}}none{{end}}", "map[]none"],
    ["{{json .Config.Labels}}", '{"a":"2","z":"1"}'],
    ["{{.Config.Labels.Z}}", "<no value>"],
    ["{{.HostConfig.CPUShares}} {{.HostConfig.CpuShares}} {{.HostConfig.Resources.CPUShares}}", "2 2 2"],
    ["{{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Timeout}}", "1m30s 0s"],
  ])("%s", (template, text) => {
    expect(render(template, container)).toBe(text);
  });

  test.each([
    ["{{.State.Health}} {{.HostConfig.PidsLimit}} {{.HostConfig.Init}} {{.SizeRw}}", "<nil> <nil> <nil> <nil>"],
    ["{{.Config.StopSignal}}|{{.Config.MacAddress}}|{{.State.Error}}", "||"],
    ["{{.State.Paused}} {{.State.Pid}} {{.Config.NetworkDisabled}}", "false 0 false"],
    ["{{.HostConfig.Sysctls}} {{len .HostConfig.Tmpfs}} {{json .HostConfig.StorageOpt}}", "map[] 0 null"],
    ["{{.Mounts}} {{range .HostConfig.Mounts}}x{{end}} {{json .Config.Shell}}", "[]  null"],
    ["{{eq .State.Health nil}} {{eq .Config.Shell nil}} {{eq .HostConfig.Devices nil}}", "true true false"],
    ["{{if .State.Health}}y{{else}}n{{end}} {{and .State.Health .State.Health.Status}}", "n <nil>"],
    ["{{.NetworkSettings.Networks.other}} {{.NetworkSettings.Networks.other.IPAddress}}", "<no value> <no value>"],
    ['{{index .NetworkSettings.Networks "other"}} {{index .HostConfig.Sysctls "a"}}.', "<nil> ."],
    ["{{.HostConfig.LogConfig}} {{.GraphDriver.Data}}", "{ map[]} map[]"],
  ])("what JSON leaves out is empty: %s", (template, text) => {
    expect(render(template, container)).toBe(text);
  });

  test.each([
    ["Image", "{{.Metadata.LastTagTime}} {{.Config}} {{.RootFS.Layers}}", "0001-01-01 00:00:00 +0000 UTC <nil> []"],
    ["DockerImageConfig", "{{.}} {{.Shell}} {{.ImageConfig.Cmd}}", "{{ map[] [] [] [] map[]  map[]  false} {<nil> [] []}} [] []"],
    ["NetworkSettings", "{{.}}", "{{   map[] false  0 [] []} {   0  0  } map[]}"],
    ["LogConfig", "{{.}}", "{ map[]}"],
    ["Network", "{{.IPAM.Config}} {{.ConfigFrom}} {{.Internal}} {{.Peers}}", "[] {} false []"],
    ["Volume", "{{.UsageData}} {{.Status}} {{.Labels}}", "<nil> map[] map[]"],
    ["Info", "{{.Swarm.LocalNodeState}}|{{.Isolation}}|{{len .DiscoveredDevices}}", "||0"],
  ] as const)("%s: %s", (type, template, text) => {
    expect(render(template, asGo({}, type))).toBe(text);
  });

  test("a time as Go prints it, and as it was in JSON", () => {
    const network = asGo({ Created: "2026-01-02T03:04:05.120000000Z" }, "Network");
    expect(render("{{.Created}} {{json .Created}}", network)).toBe('2026-01-02 03:04:05.12 +0000 UTC "2026-01-02T03:04:05.120000000Z"');
  });

  test.each([
    ["{{.State.Nope}}", ':1:8: executing "" at <.State.Nope>: map has no entry for key "Nope"'],
    ["{{.State.Health.Status}}", ':1:15: executing "" at <.State.Health.Status>: nil pointer evaluating interface {}.Status'],
    ["{{if .Nope}}{{end}}", ':1:5: executing "" at <.Nope>: map has no entry for key "Nope"'],
  ])("a field that docker's structure has not is an error: %s", (template, message) => {
    expect(failure(template, container)).toMatchObject({ exit: 1, message: `template parsing error: template: ${message}` });
  });

  test("no field of docker's is missing: as many as its types of API 1.51 have, for what inspect shows", () => {
    const counts: Partial<Record<GoType, number>> = {
      ...{ Container: 5, ContainerJSONBase: 22, State: 12, Health: 3, HealthcheckResult: 4, DriverData: 2, MountPoint: 8, Config: 25 },
      ...{ Healthcheck: 6, HostConfig: 41, Resources: 31, LogConfig: 2, RestartPolicy: 2, PortBinding: 2, WeightDevice: 2 },
      ...{ ThrottleDevice: 2, DeviceMapping: 3, DeviceRequest: 5, Ulimit: 3, Mount: 10, BindOptions: 5, VolumeOptions: 4, VolumeDriver: 2 },
      ...{ ImageOptions: 1, TmpfsOptions: 3, NetworkSettings: 3, NetworkSettingsBase: 9, DefaultNetworkSettings: 8, Address: 2 },
      ...{ EndpointSettings: 15, EndpointIPAMConfig: 3, Descriptor: 8, Platform: 5, Image: 22, DockerImageConfig: 2, ImageConfig: 10 },
      ...{ DockerOCIImageConfigExt: 3, ManifestSummary: 7, ImageProperties: 3, AttestationProperties: 1, RootFS: 2, Metadata: 1 },
      ...{ Network: 18, IPAM: 3, IPAMConfig: 4, ConfigReference: 1, EndpointResource: 5, PeerInfo: 2, ServiceInfo: 4, Task: 4 },
      ...{ Volume: 10, UsageData: 2 },
    };
    const names = Object.keys(counts) as (keyof typeof counts)[];
    expect(Object.fromEntries(names.map((name) => [name, goTypes[name].split(/ +/).length]))).toEqual(counts);
  });

  test("every field of every structure has a value, whatever JSON leaves out", () => {
    for (const [type, fields] of Object.entries(goTypes)) {
      const names = fields.split(/ +/).map((field) => /^\w+/.exec(field)![0]);
      expect(() => render(names.map((name) => `{{.${name}}}`).join(""), asGo({}, type as GoType)), type).not.toThrow();
      for (const [, other] of fields.matchAll(/[=^](\w+)/g)) expect(goTypes).toHaveProperty(other!);
    }
  });
});

describe("values", () => {
  test.each([
    ["plain text", "plain text"],
    ["", ""],
    ["{{.State.Running}}", "true"],
    ["{{.State.Pid}}", "12"],
    ["{{ .Name }}", "/web"],
    ["{{.}}", "map[a:1]", { a: 1 }],
    ["{{.Config.Env}}", "[A=1 B=2]"],
    ["{{.Config.Cmd}}", "<nil>"],
    ["{{.Config.Labels}}", "map[com.example.team:ops tier:1]"],
    ["{{.Config.Labels.tier}}", "1"],
    ["{{.Config.Labels.missing}}", "<no value>"],
    ["{{.Mixed}}", "[1 two true 2.5]"],
    ["{{$.Name}}", "/web"],
    ['{{(index .Ports "80/tcp" 0).HostPort}}', "8080"],
    ['{{"a\\tb\\x41\\u00e9\\""}}', 'a\tbAé"'],
    ["{{`raw \\n`}}", "raw \\n"],
    ["{{'a'}}", "97"],
    ["{{0x1f}} {{1_000}} {{1e3}} {{-2}}", "31 1000 1000 -2"],
    ["{{true}} {{false}}", "true false"],
  ])("%s", (template, text, value: unknown = data) => {
    expect(render(template, value)).toBe(text);
  });
});

describe("control", () => {
  test.each([
    ["{{if .State.Running}}up{{else}}down{{end}}", "up"],
    ["{{if .State.Error}}bad{{else if eq .State.Pid 12}}twelve{{else}}other{{end}}", "twelve"],
    ["{{if .Empty}}some{{else}}none{{end}}", "none"],
    ["{{with .State}}{{.Pid}} {{$.Name}}{{end}}", "12 /web"],
    ["{{with .Empty}}x{{else with .Name}}{{.}}{{end}}", "/web"],
    ["{{with $x := .State.Pid}}{{$x}}{{.}}{{end}}", "1212"],
    ["{{range .Config.Env}}[{{.}}]{{end}}", "[A=1][B=2]"],
    ["{{range $i, $e := .Config.Env}}{{$i}}:{{$e}};{{end}}", "0:A=1;1:B=2;"],
    ["{{range $e := .Config.Env}}{{$e}},{{end}}", "A=1,B=2,"],
    ["{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", "com.example.team=ops tier=1 "],
    ["{{range $p, $c := .Ports}}{{$p}}{{if $c}}->{{(index $c 0).HostPort}}{{end}} {{end}}", "443/tcp 80/tcp->8080 "],
    ["{{range .Empty}}x{{else}}nothing{{end}}", "nothing"],
    ["{{range .Config.Cmd}}x{{else}}nil{{end}}", "nil"],
    ["{{range 3}}{{.}}{{end}}", "012"],
    ['{{range .Mixed}}{{if eq (printf "%v" .) "true"}}{{break}}{{end}}{{.}},{{end}}', "1,two,"],
    ["{{range $i, $_ := .Mixed}}{{if eq $i 1}}{{continue}}{{end}}{{$i}}{{end}}", "023"],
    ["{{$n := 0}}{{range .Mixed}}{{$n = len .}}{{break}}{{else}}{{end}}{{$n}}", "0", { Mixed: [""] }],
    ["{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{end}}{{$x}}", "2"],
    ["a {{- 1 -}} b", "a1b"],
    ["a {{/* note */}} b", "a  b"],
    ["a {{- /* note\n over lines */ -}} b", "ab"],
    ["x\n{{- if true }}\ny\n{{- end }}\nz", "x\ny\nz"],
    ["{{ -1 }}", "-1"],
    ['{{define "x"}}[{{.}}]{{end}}{{template "x" .Name}}{{template "x"}}', "[/web][<no value>]"],
    ['{{block "x" .State}}{{.Pid}} {{$.Pid}}{{end}}!', "12 12!"],
    ['{{$a := 1}}{{template "x" 2}}{{$a}}{{define "x"}}{{$a := .}}{{$a}}{{end}}', "21"],
  ])("%s", (template, text, value: unknown = data) => {
    expect(render(template, value)).toBe(text);
  });
});

describe("functions", () => {
  test.each([
    ["{{json .Config.Env}}", '["A=1","B=2"]'],
    ["{{json .Config.Cmd}}", "null"],
    ['{{json "<&>"}}', '"<&>"'],
    ['{{join .Config.Env ", "}}', "A=1, B=2"],
    ['{{split "a:b:c" ":"}}', "[a b c]"],
    ['{{index (split "a:b" ":") 1}}', "b"],
    ['{{lower "AbC"}}{{upper "AbC"}}{{title "hello big world"}}', "abcABCHello Big World"],
    ['{{pad "x" 1 2}}|{{truncate "abcdef" 3}}', " x  |abc"],
    ["{{len .Config.Env}} {{len .Name}} {{len .Config.Labels}}", "2 4 2"],
    ['{{index .Config.Labels "com.example.team"}}', "ops"],
    ['[{{index .Config.Labels "missing"}}]', "[]"],
    ["{{index .Config.Env 1}}", "B=2"],
    ["{{slice .Name 1}} {{slice .Name 1 3}} {{slice .Config.Env 1}}", "web we [B=2]"],
    ['{{eq 1 1}} {{eq "a" "b" "a"}} {{ne 1 2}}', "true true true"],
    ['{{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1 2}}', "true true true false"],
    ['{{and true 0}} {{and 1 2}} {{or 0 "x"}} {{or 0 ""}} {{not 1}}', "0 2 x  false"],
    ['{{print 1 2}} {{print "a" "b"}} {{print "a" 1 2}}', "1 2 ab a1 2"],
    ['{{println "x" 1}}', "x 1\n"],
    ['{{.Name | upper | printf "%s!"}}', "/WEB!"],
    ["{{.Config.Env | json | len}}", "13"],
    ["{{html \"<a href='x'>\"}}", "&lt;a href=&#39;x&#39;&gt;"],
    ['{{urlquery "a b&c"}}', "a+b%26c"],
    ['{{js "it\'s \\"<&>=\\n"}}', "it\\'s \\\"\\u003C\\u0026\\u003E\\u003D\\u000A"],
    ["{{eq .Config.Cmd nil}}", "true"],
  ])("%s", (template, text) => {
    expect(render(template)).toBe(text);
  });

  test.each([
    ['"%s|%v|%d" "a" 1 2', "a|1|2"],
    ['"%5s|%-5s|" "a" "b"', "    a|b    |"],
    ['"%05d|%+d|%x|%X|%o|%b|%c" 42 7 255 255 8 5 65', "00042|+7|ff|FF|10|101|A"],
    ['"%.2f|%8.3f|%e" 3.14159 2.5 1500.0', "3.14|   2.500|1.500000e+03"],
    ['"%q %t %%" "it\\"s" true', '"it\\"s" true %'],
    ['"%.3s|%x" "abcdef" "hi"', "abc|6869"],
    ['"%#v|%#v|%#v" "a\\"b" 1 true', '"a\\"b"|1|true'],
    ['"%*d" 5 42', "   42"],
    ['"%d" "x"', "%!d(string=x)"],
    ['"%d"', "%!d(MISSING)"],
    ['"%d" 1 2', "1%!(EXTRA int=2)"],
  ])("printf %s", (call, text) => {
    expect(render(`{{printf ${call}}}`)).toBe(text);
  });
});

describe("errors name their place", () => {
  test.each([
    ["{{.State.Runing}}", 'map has no entry for key "Runing"', 9, ".Running"],
    ["ok {{.Stat}}", 'map has no entry for key "Stat"', 6, ".State"],
    ["{{.State.Health.Status}}", 'map has no entry for key "Health"', 9, undefined],
    ["{{.Name.First}}", "can't evaluate field First in type string", 8, undefined],
    ["{{foo .Name}}", 'function "foo" not defined', 3, undefined],
    ["{{Name}}", 'function "Name" not defined', 3, ".Name"],
    ["{{.Name", "unclosed action", 1, undefined],
    ['{{"x}}', "unterminated quoted string", 3, undefined],
    ["{{if .Name}}x", "{{if}} without {{end}}", 3, undefined],
    ["{{end}}", "unexpected {{end}}", 3, undefined],
    ["{{if}}x{{end}}", "missing value for command", 5, undefined],
    ["{{.Name | }}", "missing value for command", 11, undefined],
    ["{{.Name | 3}}", "a constant cannot take the value of a pipeline", 11, undefined],
    ["{{$x}}", 'undefined variable "$x"', 3, undefined],
    ["{{if true}}{{$x := 1}}{{end}}{{$x}}", 'undefined variable "$x"', 32, undefined],
    ["{{(len .Name}}", "unclosed left parenthesis", 3, undefined],
    ["{{break}}", "{{break}} outside {{range}}", 3, undefined],
    ['{{template "x"}}', 'template "x" not defined', 3, undefined],
    ['{{if true}}{{define "x"}}{{end}}{{end}}', "unexpected {{define}}", 14, undefined],
    ['{{define "x"}}{{.', "unclosed action", 15, undefined],
    ['{{block "x" .}}', "{{block}} without {{end}}", 3, undefined],
    ['{{range .Config.Env}}{{block "x" .}}{{break}}{{end}}{{end}}', "{{break}} outside {{range}}", 39, undefined],
    ["{{template .}}", 'unexpected "." in template clause', 12, undefined],
    ['{{define "x"}}{{template "x" .}}{{end}}{{template "x"}}', "exceeded maximum template depth (500)", 17, undefined],
    ["{{call .Name}}", "error calling call: non-function of type string", 3, undefined],
    ["{{index .Config.Env 9}}", "error calling index: index out of range: 9", 3, undefined],
    ["{{join .Name}}", "wrong number of args for join: want 2 got 1", 3, undefined],
    ['{{lt 1 "a"}}', "error calling lt: incompatible types for comparison: int and string", 3, undefined],
    ["{{range .Name}}{{end}}", "range can't iterate over string", 3, undefined],
    ["{{.Name 1}}", "can't give argument to non-function .Name", 3, undefined],
  ])("%s", (template, message, column, suggestion) => {
    expect(failure(template)).toMatchObject({
      message: expect.stringMatching(/^template parsing error: template: :1:/),
      suggestion,
      location: { file: "format", line: 1, column, source: template },
    });
    expect(failure(template).message.endsWith(`: ${message}`)).toBe(true);
  });

  test("lines count, and parsing fails with docker's exit status", () => {
    expect(failure("a\n  {{.Name | lowr}}")).toMatchObject({ location: { line: 2, column: 13 }, exit: 64 });
    expect(failure("{{.Nope}}").exit).toBe(1);
  });

  test("no noise makes it throw anything else, or hang", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "{{-",
      "-}}",
      ".",
      "Name",
      "if ",
      "else",
      "end",
      "range ",
      "$x",
      ":=",
      "|",
      "(",
      ")",
      '"',
      "`",
      " ",
      "1",
      ",",
      "with ",
      "/*",
      "*/",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          render(pieces.join(""));
        } catch (error) {
          if (!(error instanceof EngineError) || !error.location) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
