import { describe, expect, test } from "vitest";
import { grantCapabilities } from "../../../../engine/container/spec/capabilities.ts";
import { encodeSpec, rlimInfinity } from "../../../../engine/container/spec/encode.ts";
import { limitsOf, memoryWarnings, rlimitsOf } from "../../../../engine/container/spec/resources.ts";
import { createSpec, type SpecInput } from "../../../../engine/container/spec/spec.ts";
import { capabilityNames } from "../../../../engine/linux-capabilities.ts";
import type { HostFacts } from "../../../../engine/runtime/host-facts.ts";

const facts: HostFacts = {
  cgroup: "v1",
  capabilities: capabilityNames.filter((name) => name !== "CAP_SYS_RESOURCE"),
  hardLimits: { RLIMIT_NOFILE: 20_000 },
  architecture: "amd64",
  kernel: [6, 1],
  seccomp: true,
  swapLimit: true,
  x32: false,
};
const root = { uid: 0, gid: 0, additionalGids: [], home: "/root" };
const input = (changes: Partial<SpecInput> = {}): SpecInput => ({
  id: "0123456789ab",
  rootfs: "/r",
  args: ["true"],
  env: ["A=1"],
  cwd: "",
  user: root,
  host: {},
  netns: "/run/netns/x",
  ownNetns: true,
  mounts: [],
  facts,
  ...changes,
});
const namespaces = (changes: Partial<SpecInput>) => createSpec(input(changes)).linux.namespaces;

describe("a container without wishes", () => {
  const spec = createSpec(input({ hostname: "h" }));

  test("has docker's fourteen capabilities, none inheritable or ambient", () => {
    const { capabilities } = spec.process;
    expect(capabilities.bounding).toHaveLength(14);
    expect(capabilities.effective).toEqual(capabilities.bounding);
    expect(capabilities.inheritable ?? capabilities.ambient).toBeUndefined();
  });

  test("sees docker's mounts in docker's order", () => {
    expect(spec.mounts.map(({ destination }) => destination)).toEqual([
      "/proc",
      "/dev",
      "/dev/pts",
      "/sys",
      "/sys/fs/cgroup",
      "/dev/mqueue",
      "/dev/shm",
    ]);
    expect(spec.mounts.find(({ destination }) => destination === "/sys")?.options).toContain("ro");
    expect(spec.mounts.at(-1)?.options).toContain("size=67108864");
  });

  test("has namespaces of its own but those of users and, on v1, control groups", () => {
    expect(spec.linux.namespaces).toEqual([
      { type: "pid" },
      { type: "ipc" },
      { type: "uts" },
      { type: "mount" },
      { type: "network", path: "/run/netns/x" },
    ]);
  });

  test("is filtered, masked and may use only harmless devices", () => {
    expect(spec.linux.seccomp?.defaultAction).toBe("SCMP_ACT_ERRNO");
    expect(spec.linux.maskedPaths).toContain("/proc/kcore");
    expect(spec.linux.readonlyPaths).toContain("/proc/sys");
    expect(spec.linux.resources.devices?.[0]).toEqual({ allow: false, access: "rwm" });
  });

  test("may listen on low ports and ping", () => {
    expect(spec.linux.sysctl).toEqual({ "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" });
    expect(createSpec(input({ ownNetns: false })).linux.sysctl).toBeUndefined();
  });
});

describe("wishes", () => {
  test("host namespaces are not in the list, another container's are by path", () => {
    expect(namespaces({ netns: undefined, pid: "host", ipc: { path: "/proc/7/ns/ipc" } })).toEqual([
      { type: "ipc", path: "/proc/7/ns/ipc" },
      { type: "uts" },
      { type: "mount" },
    ]);
  });

  test("v2 gives a control group namespace, unless asked otherwise", () => {
    const v2 = { ...facts, cgroup: "v2" as const };
    expect(namespaces({ facts: v2 })).toContainEqual({ type: "cgroup" });
    expect(namespaces({ facts: v2, cgroupns: "host" })).not.toContainEqual({ type: "cgroup" });
  });

  test("privileged: all capabilities there are, no filter, nothing hidden, every device", () => {
    const { process, linux, mounts } = createSpec(input({ host: { Privileged: true } }));
    expect(process.capabilities.bounding).toEqual(facts.capabilities);
    expect([linux.seccomp, linux.maskedPaths, linux.readonlyPaths]).toEqual([undefined, undefined, undefined]);
    expect(linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]);
    expect(mounts.find(({ destination }) => destination === "/sys")?.options).toContain("rw");
  });

  test("another user has no capability in effect, but may gain them", () => {
    const { capabilities } = createSpec(input({ user: { ...root, uid: 1000 } })).process;
    expect(capabilities).toMatchObject({ effective: [], permitted: [] });
    expect(capabilities.bounding).toHaveLength(14);
  });

  test("a user's mount takes the place of a default one, and deeper ones come later", () => {
    const at = (destination: string) => ({ destination, type: "bind", source: "/s", options: ["rbind"] });
    const { mounts } = createSpec(input({ mounts: [at("/a/b"), at("/a"), at("/dev/shm")] }));
    const paths = mounts.map(({ destination }) => destination);
    expect(paths.indexOf("/a")).toBeLessThan(paths.indexOf("/a/b"));
    expect(mounts.filter(({ destination }) => destination === "/dev/shm")).toEqual([at("/dev/shm")]);
  });

  test("no-new-privileges and an unconfined filter", () => {
    const { process, linux } = createSpec(input({ host: { SecurityOpt: ["no-new-privileges", "seccomp=unconfined"] } }));
    expect(process.noNewPrivileges).toBe(true);
    expect(linux.seccomp).toBeUndefined();
  });
});

describe("capabilities", () => {
  test.each([
    [{ add: ["sys_admin"] }, (got: string[]) => got.includes("CAP_SYS_ADMIN") && got.length === 15],
    [{ drop: ["CAP_MKNOD"] }, (got: string[]) => !got.includes("CAP_MKNOD") && got.length === 13],
    [{ drop: ["ALL"], add: ["NET_BIND_SERVICE"] }, (got: string[]) => got.join() === "CAP_NET_BIND_SERVICE"],
    [
      { add: ["ALL"], drop: ["SYS_ADMIN"] },
      (got: string[]) => got.length === facts.capabilities.length - 1 && !got.includes("CAP_SYS_ADMIN"),
    ],
  ])("%j", (wish, holds) => {
    expect(holds(grantCapabilities(wish, facts.capabilities))).toBe(true);
  });

  test("an unknown name is refused, one that this process lacks is left out", () => {
    expect(() => grantCapabilities({ add: ["FLY"] }, facts.capabilities)).toThrow('invalid capability: "FLY"');
    expect(grantCapabilities({ add: ["SYS_RESOURCE"] }, facts.capabilities)).not.toContain("CAP_SYS_RESOURCE");
  });
});

describe("limits", () => {
  test("--cpus becomes a quota, memory brings as much swap", () => {
    expect(limitsOf({ NanoCpus: 1.5e9, Memory: 64 << 20, PidsLimit: 10 }, facts)).toEqual({
      memory: { limit: 64 << 20, swap: 128 << 20 },
      cpu: { quota: 150_000, period: 100_000 },
      pids: { limit: 10 },
    });
  });

  test("swap is left out where the kernel does not count it, v1's knobs on v2", () => {
    expect(limitsOf({ Memory: 64 << 20 }, { swapLimit: false, cgroup: "v1" }).memory).toEqual({ limit: 64 << 20 });
    const v2 = { swapLimit: true, cgroup: "v2" } as const;
    expect(limitsOf({ MemorySwappiness: 10, OomKillDisable: true }, v2)).toEqual({});
    expect(memoryWarnings({ MemorySwappiness: 10, OomKillDisable: true }, v2)).toEqual([
      expect.stringMatching(/Memory swappiness discarded\.$/),
      expect.stringMatching(/OomKillDisable discarded\.$/),
    ]);
    expect(memoryWarnings({ Memory: 64 << 20, MemorySwappiness: -1, OomKillDisable: false }, v2)).toEqual([]);
    expect(memoryWarnings({ Memory: 64 << 20 }, { swapLimit: false, cgroup: "v1" })).toEqual([expect.stringMatching(/without swap\.$/)]);
  });

  test("a ulimit above berth's own is lowered with a warning", () => {
    const { rlimits, warnings } = rlimitsOf({ Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 1_000_000 }] }, facts);
    expect(rlimits).toEqual([{ type: "RLIMIT_NOFILE", soft: 1024, hard: 20_000 }]);
    expect(warnings).toHaveLength(1);
  });

  test("unlimited is written exactly", () => {
    const spec = createSpec(input({ host: { Ulimits: [{ Name: "core", Soft: -1, Hard: -1 }] } }));
    expect(spec.process.rlimits).toEqual([{ type: "RLIMIT_CORE", soft: rlimInfinity, hard: rlimInfinity }]);
    expect(encodeSpec(spec)).toContain('"hard":18446744073709551615}');
    const args = [String(rlimInfinity), `"hard":${rlimInfinity}`, `\\"soft":${rlimInfinity}`, "\\u0000"];
    expect(JSON.parse(encodeSpec(createSpec(input({ args })))).process.args).toEqual(args);
  });

  test.each([{ args: ["echo", "a\0b"] }, { env: ["A=\0"] }, { cwd: "/tmp\0/x" }, { hostname: "a\0" }])("%j is not passed on", (changes) => {
    expect(() => encodeSpec(createSpec(input(changes)))).toThrow("it holds a NUL character");
  });
});
