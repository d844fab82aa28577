/** What is wrong in a compose file is said with its line, its column, its path in the document, and what was probably meant. */
import { expect, test } from "vitest";
import { EngineError } from "../../../engine/errors.ts";
import { failure, inMemory } from "../../support/compose-files.ts";

const service = (...lines: string[]) => ["services:", "  web:", "    image: w", ...lines.map((line) => `    ${line}`)].join("\n");

test.each<[name: string, text: string, place: string, message: string | RegExp, suggestion?: string]>([
  // YAML
  ["a tab", "services:\n\tweb: {}", "2:1", /a tab cannot indent/],
  ["a name twice", "services:\n  a: {image: x}\n  a: {image: y}", "3:3", /keys must be unique/],
  ["an open bracket", "services: {a: {image: x}", "1:25", /cannot parse/],
  ["an open quote", 'services:\n  a: {image: "x}', "2:17", /missing closing "quote/],
  ["an unknown alias", "services:\n  a: *nope", "2:6", /unknown alias "\*nope"/],
  ["a circle of aliases", "x-a: &a\n  b: *a\nservices: {}", "2:6", /stands inside what it stands for/],
  ["a number as a name", "services:\n  80: {image: x}", "2:3", /the name 80 is no text/],
  ["a merge of a text", "x-a: &a text\nservices:\n  a:\n    <<: *a", "4:9", /only a mapping/],
  ["no mapping", "- a\n- b", "1:1", /a mapping at its top/],
  ["nothing", "# nothing", "1:1", "empty compose file"],
  // the schema
  ["an unknown element", service("ports: [80]", "comand: x"), "5:5", 'services.web.comand: unknown element "comand"', "command"],
  ["an unknown section", "service:\n  a: {image: x}", "1:1", 'service: unknown element "service"', "services"],
  ["a list in place of a mapping", "services: [a]", "1:1", "services: must be a mapping"],
  ["a mapping in place of a text", service("hostname: {a: b}"), "4:5", "services.web.hostname: must be a string"],
  ["deep inside", service("healthcheck:", "  retries: many times", "  test: x"), "5:7", /^services\.web\.healthcheck\.retries: /],
  ["a wrong choice", service("cgroup: hots"), "4:5", /must be one of "host", "private"/, "host"],
  ["a bad name", "services:\n  a b: {image: x}", "2:3", '"a b" is no valid name'],
  ["an item of a list", service("ports:", "  - 80:80", "  - target: {}"), "6:9", /^services\.web\.ports\[1\]\.target: /],
  // short forms
  ["a port", service('ports: ["80:80", "x:80"]'), "4:22", 'services.web.ports[1]: invalid port "x:80": "x" is no host port'],
  ["a port's protocol", service('ports: ["80:80/tcq"]'), "4:13", /unknown protocol "tcq"/],
  ["ranges of ports", service('ports: ["80-81:80-85"]'), "4:13", /differ in length/],
  ["an address", service('ports: ["1.2.3:80:80"]'), "4:13", /"1.2.3" is no IP address/],
  ["a volume", service('volumes: ["ab:/b:ro:x"]'), "4:15", /too many colons/],
  ["a size", service("mem_limit: 64x"), "4:5", 'services.web.mem_limit: "64x" is no size such as "64m" or "1.5gb"'],
  ["a duration", service("stop_grace_period: 10"), "4:5", /must be a string|is no duration/],
  ["a duration without a unit", service('stop_grace_period: "10"'), "4:5", '"10" is no duration such as "30s" or "1m30s"'],
  ["a command", service('command: echo "x'), "4:5", /a quote or a bracket is not closed/],
  ["a variable's name", service('environment: ["A =1"]'), "4:5", 'the name of the variable "A " ends with a space'],
  ["a host", service("extra_hosts: [somewhere]"), "4:5", 'the host "somewhere" has no address'],
  ["a build context", service("build: {additional_contexts: [a]}"), "4:35", '"a" is not NAME=VALUE'],
  // variables
  ["a variable", service("user: ${A", "hostname: x"), "4:5", 'services.web.user: invalid interpolation format: "${A"'],
  ["a required variable", service("user: ${A:?say who}"), "4:5", "required variable A is missing a value: say who"],
  ["a variable's type", service("scale: ${A:-many}"), "4:5", 'services.web.scale: "many" is not an integer'],
  // what goes together
  ["neither image nor build", "services:\n  a:\n    user: x", "2:3", "services.a: it has neither an image nor a build context"],
  ["a network", `${service("networks: [bakc]")}\nnetworks:\n  back: {}`, "4:16", 'there is no network "bakc"', "back"],
  ["a volume that is not there", `${service("volumes: [dta:/x]")}\nvolumes:\n  data: {}`, "4:15", 'there is no volume "dta"', "data"],
  ["a secret", service("secrets: [s]"), "4:15", 'there is no secret "s"'],
  ["a dependency", `${service("depends_on: [bd]")}\n  db: {image: d}`, "4:18", 'there is no service "bd"', "db"],
  ["a disabled dependency", `${service("depends_on: [db]")}\n  db: {image: d, profiles: [x]}`, "4:18", /not enabled by any active profile/],
  [
    "a circle",
    `${service("depends_on: [db]")}\n  db: {image: d, depends_on: [web]}`,
    "4:18",
    "the dependencies are a circle: db -> web -> db",
  ],
  ["a circle of one", service("depends_on: [web]"), "4:18", "the dependencies are a circle: web -> web"],
  ["a namespace", `${service("network_mode: service:dbb")}\n  db: {image: d}`, "4:5", 'there is no service "dbb"', "db"],
  ["two networks", service("network_mode: host", "networks: [default]"), "4:5", "network_mode and networks exclude each other"],
  ["two targets", `${service("tmpfs: /x", "volumes: [data:/x]")}\nvolumes: {data: }`, "5:15", '"/x" is mounted by tmpfs[0] already'],
  ["two numbers", service("scale: 2", "deploy: {replicas: 3}"), "4:5", "it differs from deploy.replicas"],
  ["a fixed name", service("scale: 2", "container_name: cc"), "5:5", 'only one can be called "cc"'],
  [
    "two of one name",
    "services:\n  a: {image: x, container_name: cc}\n  b: {image: x, container_name: cc}",
    "3:17",
    'container name "cc" is already in use by',
  ],
  ["sources of a secret", "services: {}\nsecrets:\n  s: {file: a, environment: B}", "3:3", "file and environment exclude each other"],
  ["no source of a config", "services: {}\nconfigs:\n  c: {}", "3:3", "one of file, environment, content must be set"],
  ["an external volume", "services: {}\nvolumes:\n  v: {external: true, driver: x}", "3:3", '"external" and "driver" exclude each other'],
  ["a bind without a source", service("volumes: [{type: bind, target: /x}]"), "4:15", "a bind needs a source"],
  ["a watch", service("develop: {watch: [{path: a, action: sync}]}"), "4:23", 'the action "sync" needs a target'],
  // other files
  ["an env_file", service("env_file: no.env"), "4:5", 'there is no file "/project/no.env"'],
  ["its format", service("env_file: [{path: compose.yaml, format: jsno}]"), "4:16", 'unknown format "jsno": there are .env and raw'],
  ["an include", "include:\n  - no.yaml\nservices: {}", "2:5", 'cannot read the included file "/project/no.yaml"'],
  ["an include of the network", "include: [https://x/y.git]\nservices: {}", "1:11", "files of Git repositories are not supported"],
  ["an extended service", `${service("extends: bsae")}\n  base: {image: d}`, "4:5", 'there is no service "bsae"', "base"],
  ["an extended file", service("extends: {file: no.yaml, service: a}"), "4:5", 'cannot read the file "/project/no.yaml"'],
  ["a circle of extends", `${service("extends: b")}\n  b: {extends: web}`, "4:5", "services extend each other in a circle"],
])("%s", async (_, text, place, message, suggestion) => {
  const error = await failure({ "compose.yaml": text });
  expect(error).toBeInstanceOf(EngineError);
  expect(`${error.location?.line}:${error.location?.column}`, error.message).toBe(place);
  expect(error.location).toMatchObject({ file: "/project/compose.yaml", source: text });
  expect(error.message).toMatch(message instanceof RegExp ? message : new RegExp(message.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")));
  expect(error.suggestion).toBe(suggestion);
});

test("of several files the right one is named", async () => {
  const files = {
    "compose.yaml": "include: [sub/a.yaml]\nservices:\n  web: {extends: {file: base.yaml, service: b}}",
    "sub/a.yaml": "services:\n  a: {image: x}",
    "base.yaml": "services:\n  b:\n    image: x",
  };
  const wrongs: [file: keyof typeof files, text: string, place: string][] = [
    ["sub/a.yaml", "services:\n  a: {image: x, usr: y}", "2:17"],
    ["base.yaml", "services:\n  b:\n    image: x\n    volumes: [nope:/x]", "4:15"],
    ["base.yaml", "services:\n  b:\n    imagge: x", "3:5"],
  ];
  for (const [file, text, place] of wrongs) {
    const { location, message } = await failure({ ...files, [file]: text });
    expect(`${location?.file}:${location?.line}:${location?.column}`, message).toBe(`/project/${file}:${place}`);
  }
});

test("of files over each other the one that says it is named", async () => {
  const files = { "compose.yaml": service("hostname: a"), "over.yaml": "services:\n  web:\n    scale: 2\n    container_name: cc" };
  const error = await failure(files, { files: ["compose.yaml", "over.yaml"] });
  expect(error.location).toMatchObject({ file: "/project/over.yaml", line: 4, column: 5 });
});

test("files of variables are located, too", async () => {
  const web = service("env_file: a.env");
  const bad = await failure({ "compose.yaml": web, "a.env": "A=1\nB C=2\n" });
  expect(bad.location).toMatchObject({ file: "/project/a.env", line: 2, column: 1 });
  const open = await failure({ "compose.yaml": web, ".env": 'A=1\nB="x\n' });
  expect(open.location).toMatchObject({ file: "/project/.env", line: 2, column: 3 });
});

test("circles of includes are shown where they close", async () => {
  const files = { "compose.yaml": "include: [a.yaml]", "a.yaml": "services: {}\ninclude:\n  - compose.yaml" };
  const error = await failure(files);
  expect(error.message).toContain("/project/compose.yaml -> /project/a.yaml -> /project/compose.yaml");
  expect(error.location).toMatchObject({ file: "/project/a.yaml", line: 3, column: 5 });
});

test("what is not there is said", async () => {
  expect(await failure({})).toMatchObject({ code: "not-found", message: "no configuration file provided: not found" });
  expect(await failure({}, { files: ["x.yaml"] })).toMatchObject({
    code: "not-found",
    message: expect.stringContaining("/project/x.yaml"),
  });
  const web = { "compose.yaml": service() };
  expect(await failure(web, { services: ["wbe"] })).toMatchObject({
    code: "not-found",
    message: "no such service: wbe",
    suggestion: "web",
  });
  expect(await failure(web, { name: "Not Valid" })).toMatchObject({ code: "invalid", message: expect.stringContaining('"Not Valid"') });
  expect(await failure(web, { envFiles: ["no.env"] })).toMatchObject({ message: expect.stringContaining("/project/no.env") });
  expect(await failure(web, { env: { COMPOSE_DISABLE_ENV_FILE: "perhaps" } })).toMatchObject({ code: "invalid" });
  await expect(inMemory(web).read("/project/compose.yaml", 1)).rejects.toMatchObject({ code: "invalid" });
});
