import { describe, expect, test } from "vitest";
import { defaultSeccomp, parseSeccomp, type Seccomp } from "../../../../engine/container/spec/seccomp.ts";
import { always, byCapability } from "../../../../engine/container/spec/seccomp-syscalls.ts";

const facts = { capabilities: [] as string[], architecture: "amd64", kernel: [6, 1] as const };
const allowed = (filter: Seccomp) =>
  new Set(filter.syscalls.filter(({ action, args }) => action === "SCMP_ACT_ALLOW" && !args).flatMap(({ names }) => names));

describe("the default profile", () => {
  test("names no system call twice", () => {
    expect(new Set(always).size).toBe(always.length);
  });

  test.each([
    "mount",
    "setns",
    "unshare",
    "reboot",
    "init_module",
    "bpf",
    "keyctl",
    "add_key",
    "kexec_load",
    "io_uring_setup",
    "userfaultfd",
    "pivot_root",
    "swapon",
  ])("%s is not for everybody", (name) => {
    expect(allowed(defaultSeccomp(facts)).has(name)).toBe(false);
  });

  test("a capability brings its system calls", () => {
    for (const [capability, names] of Object.entries(byCapability)) {
      const got = allowed(defaultSeccomp({ ...facts, capabilities: [capability] }));
      expect(
        names.filter((name) => !got.has(name)),
        capability,
      ).toEqual([]);
    }
  });

  test("clone may make no namespaces, and clone3 is said not to be there", () => {
    const { syscalls } = defaultSeccomp(facts);
    expect(syscalls).toContainEqual({
      names: ["clone"],
      action: "SCMP_ACT_ALLOW",
      args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
    });
    expect(syscalls).toContainEqual({ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 });
    expect(defaultSeccomp({ ...facts, capabilities: ["CAP_SYS_ADMIN"] }).syscalls.some(({ errnoRet }) => errnoRet === 38)).toBe(false);
  });

  test("32-bit programs are filtered too, x32 ones where the kernel runs them", () => {
    expect(defaultSeccomp({ ...facts, x32: false }).architectures).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
    expect(defaultSeccomp(facts).architectures).toHaveLength(3);
  });
});

describe("a profile from a file", () => {
  const profile = {
    defaultAction: "SCMP_ACT_ERRNO",
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW" },
      { names: ["mount"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_ADMIN"] } },
      { names: ["clone"], action: "SCMP_ACT_ALLOW", excludes: { caps: ["CAP_SYS_ADMIN"] } },
      { names: ["cacheflush"], action: "SCMP_ACT_ALLOW", includes: { arches: ["arm64"] } },
      { names: ["ptrace"], action: "SCMP_ACT_ALLOW", includes: { minKernel: "4.8" } },
      { name: "old", action: "SCMP_ACT_ALLOW", args: [] },
    ],
  };

  test("conditions are decided, sub-architectures added", () => {
    const filter = parseSeccomp(JSON.stringify(profile), facts);
    expect([...allowed(filter)]).toEqual(["read", "clone", "ptrace", "old"]);
    expect(filter.architectures).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
    expect([...allowed(parseSeccomp(JSON.stringify(profile), { ...facts, capabilities: ["CAP_SYS_ADMIN"], kernel: [4, 4] }))]).toEqual([
      "read",
      "mount",
      "old",
    ]);
  });

  test.each([
    ["{", /cannot decode the seccomp profile/],
    ["{}", /no defaultAction/],
    [JSON.stringify({ ...profile, architectures: ["SCMP_ARCH_X86"] }), /use either of them/],
  ])("%s is refused", (text, message) => {
    expect(() => parseSeccomp(text, facts)).toThrow(message);
  });
});
