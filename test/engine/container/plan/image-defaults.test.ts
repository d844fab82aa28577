import { describe, expect, test } from "vitest";
import { looserLimits, withImageDefaults } from "../../../../engine/container/plan/image-defaults.ts";
import type { HostConfig } from "../../../../engine/docker.ts";
import { capabilityNames } from "../../../../engine/linux-capabilities.ts";

const facts = { capabilities: capabilityNames, architecture: "amd64", kernel: [6, 1] as const, x32: false };
const labelled = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`io.berth.security.${name}`, value]));

function given(labels: Record<string, string>, HostConfig: HostConfig = {}, own: Record<string, string> = {}) {
  const { spec, warnings } = withImageDefaults({ Image: "app", HostConfig, Labels: labelled(own) }, labelled(labels), facts);
  return { host: spec.HostConfig, warnings };
}

const all = {
  "cap-drop": "ALL add=NET_BIND_SERVICE,CHOWN",
  "read-only": "true",
  "no-new-privileges": "true",
  network: "none",
  memory: "256m",
  pids: "100",
};

test("what nobody asked for is as the image demands", () => {
  expect(given(all, { NetworkMode: "default", AutoRemove: true })).toEqual({
    host: {
      AutoRemove: true,
      CapDrop: ["ALL"],
      CapAdd: ["NET_BIND_SERVICE", "CHOWN"],
      ReadonlyRootfs: true,
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: "none",
      Memory: 256 << 20,
      PidsLimit: 100,
    },
    warnings: [],
  });
});

describe("what is asked for", () => {
  test.each<[string, HostConfig, string?]>([
    ["a writable root", { ReadonlyRootfs: false }, "read-only): its root file system can be written"],
    ["a read-only one", { ReadonlyRootfs: true }],
    ["new privileges", { SecurityOpt: ["no-new-privileges=false"] }, "no-new-privileges): its processes can gain privileges"],
    ["none", { SecurityOpt: ["no-new-privileges:true"] }],
    ["a network", { NetworkMode: "web" }, "network): it is on network web"],
    ["the bridge", { NetworkMode: "bridge" }, "network): it is on network bridge"],
    ["no network", { NetworkMode: "none" }],
    ["more memory", { Memory: 512 << 20 }, "memory): it has 536870912 bytes of memory and not 268435456"],
    ["less", { Memory: 128 << 20 }],
    ["more processes", { PidsLimit: 101 }, "pids): it has 101 processes and not 100"],
    ["any number of them", { PidsLimit: -1 }, "pids): it has any number of processes and not 100"],
    ["fewer", { PidsLimit: 9 }],
    ["a capability", { CapAdd: ["SYS_TIME"] }, "cap-drop): it has CAP_SYS_TIME"],
    ["one of docker's", { CapAdd: ["cap_kill"] }, "cap-drop): it has CAP_KILL"],
    ["one that is left anyway", { CapAdd: ["CHOWN"] }],
    ["fewer capabilities", { CapDrop: ["chown"] }],
  ])("%s", (_, host, note) => {
    const { host: made, warnings } = given(all, host);
    expect(warnings).toEqual(note ? [`looser than the image demands (io.berth.security.${note}`] : []);
    const { SecurityOpt, CapAdd, CapDrop, ...rest } = host;
    expect(made).toMatchObject(rest);
    for (const option of SecurityOpt ?? []) expect(made?.SecurityOpt).toEqual([option]);
  });

  test("all capabilities that are dropped are dropped", () => {
    expect(given(all, { CapDrop: ["NET_BIND_SERVICE"] }).host).toMatchObject({ CapDrop: ["ALL", "NET_BIND_SERVICE"], CapAdd: ["CHOWN"] });
    expect(given(all, { CapDrop: ["all"] }).host?.CapAdd).toEqual([]);
    expect(given({ "cap-drop": "NET_RAW MKNOD" }, { CapDrop: ["KILL"] }).host).toMatchObject({
      CapDrop: ["NET_RAW", "MKNOD", "KILL"],
      CapAdd: [],
    });
  });

  test("a privileged container is looser in all that privileges are", () => {
    const { warnings } = given({ ...all, seccomp: '{"defaultAction":"SCMP_ACT_ERRNO"}' }, { Privileged: true });
    expect(warnings.map((text) => /security\.([a-z-]+)\)/.exec(text)?.[1])).toEqual(["cap-drop", "seccomp"]);
  });
});

test("published ports that lead nowhere are named", () => {
  const { host, warnings } = given({ network: "none" }, { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } });
  expect(host?.NetworkMode).toBe("none");
  expect(warnings).toEqual([
    "published ports lead nowhere: the image demands no network (io.berth.security.network), unless --network names one",
  ]);
});

test("a label of the container's own goes before the image's, and is told where it is looser", () => {
  expect(given({ memory: "256m" }, {}, { memory: "64m" })).toEqual({ host: { Memory: 64 << 20 }, warnings: [] });
  for (const [own, Memory] of [
    ["1g", 1 << 30],
    ["off", undefined],
  ] as const) {
    const { host, warnings } = given({ memory: "256m" }, {}, { memory: own });
    expect(host?.Memory).toBe(Memory);
    expect(warnings).toEqual(["looser than the image demands (io.berth.security.memory): a label of the container's own says otherwise"]);
  }
  expect(given({}, {}, { "read-only": "true" }).host).toEqual({ ReadonlyRootfs: true });
});

describe("an image is anybody's", () => {
  test.each([
    ["cap-drop", "ALL add=SYS_ADMIN"],
    ["cap-drop", "off add=SYS_ADMIN"],
    ["cap-drop", "CHOWN add=NET_ADMIN"],
    ["network", "host"],
    ["memory", "1"],
    ["pids", "-1"],
    ["read-only", "false"],
    ["seccomp", "{"],
    ["seccomp", '{"defaultAction":"SCMP_ACT_ALLOW"}'],
  ])("%s=%s is refused, and gives nothing", (name, value) => {
    expect(() => given({ [name]: value })).toThrow(/^cannot /);
  });

  test("a bad label is no more where the container has one of its own", () => {
    expect(given({ memory: "lots" }, {}, { memory: "off" })).toEqual({ host: {}, warnings: [] });
  });

  test("labels that nobody knows are told", () => {
    expect(given({ aperture: "wide" })).toEqual({
      host: {},
      warnings: ["the image has a label that this berth does not know, and does not heed: io.berth.security.aperture"],
    });
  });
});

test("the profile that a container has is docker's, less what the image's does not allow", () => {
  const profile = { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names: ["read", "bpf"], action: "SCMP_ACT_ALLOW" }] };
  const { host } = given({ seccomp: JSON.stringify(profile) });
  const made = JSON.parse(host?.SecurityOpt?.[0]?.replace("seccomp=", "") ?? "");
  expect(made.syscalls.filter(({ action }: { action: string }) => action === "SCMP_ACT_ALLOW")).toEqual([
    { names: ["read"], action: "SCMP_ACT_ALLOW" },
  ]);
  expect(given({ seccomp: JSON.stringify(profile) }, { SecurityOpt: ["seccomp=unconfined"] }).warnings).toEqual([
    "looser than the image demands (io.berth.security.seccomp): another profile was asked for",
  ]);
});

test.each<[string, HostConfig, string[]]>([
  ["more memory", { Memory: 512 << 20 }, ["memory"]],
  ["less memory, and a policy", { Memory: 64 << 20, RestartPolicy: { Name: "always", MaximumRetryCount: 0 } }, []],
  ["any number of processes", { PidsLimit: -1 }, ["pids"]],
  ["more of both", { Memory: 1 << 30, PidsLimit: 1000 }, ["memory", "pids"]],
])("a change of limits: %s", (_, change, fields) => {
  const notes = looserLimits(labelled({ ...all, seccomp: "no profile" }), change, facts);
  expect(notes.map((note) => /io\.berth\.security\.(\w+)\)/.exec(note)?.[1])).toEqual(fields);
});
