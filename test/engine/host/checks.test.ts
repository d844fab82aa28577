/** The judgements of `berth doctor`, on facts of machines that are not this one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { findInit } from "../../../engine/container/mounts/init-program.ts";
import { isFlawedRunc, judgeRunc } from "../../../engine/host/checks/advisories.ts";
import { judgeCapabilities } from "../../../engine/host/checks/capabilities.ts";
import { judgeCgroups, readCgroups } from "../../../engine/host/checks/cgroup.ts";
import { judgeDisk } from "../../../engine/host/checks/disk.ts";
import { judgeNames } from "../../../engine/host/checks/dns.ts";
import { droppingChain, judgeForwarding } from "../../../engine/host/checks/forwarding.ts";
import { judgeInit } from "../../../engine/host/checks/init.ts";
import { judgeKernel } from "../../../engine/host/checks/kernel.ts";
import { versionIn } from "../../../engine/host/checks/runtime.ts";
import { judgeUserNamespaces } from "../../../engine/host/checks/user-namespaces.ts";
import { operatingSystem } from "../../../engine/host/operating-system.ts";
import { installCommand } from "../../../engine/host/remedy.ts";

/** A machine's files under a directory of the test. */
function machine(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "berth-machine-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const controllers =
  "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\ncpu\t1\t1\t1\nmemory\t4\t2\t1\npids\t8\t1\t1\nrdma\t0\t1\t1\n";
const v1 = Object.fromEntries(["cpuset", "cpu", "memory", "pids"].map((name) => [`sys/fs/cgroup/${name}/cgroup.procs`, ""]));

describe("the init of run --init", () => {
  test("a static one is taken before one that wants libraries of the image", () => {
    const has = (...paths: string[]) => findInit((name) => paths.find((path) => path.endsWith(name)));
    expect(has("/usr/bin/tini", "/usr/bin/tini-static")).toBe("/usr/bin/tini-static");
    expect(has("/usr/libexec/podman/catatonit")).toBe("/usr/libexec/podman/catatonit");
    expect(has()).toBeUndefined();
  });

  test("without one the flag is refused, and the package is named", () => {
    expect(judgeInit("/usr/bin/tini-static")).toEqual({ status: "ok", detail: "/usr/bin/tini-static" });
    expect(judgeInit(undefined)).toMatchObject({ status: "warning", detail: expect.stringContaining("run --init") });
    expect(judgeInit(undefined).remedy).toMatch(/tini|catatonit/);
  });
});

describe("control groups", () => {
  test("version 2 alone", () => {
    const facts = readCgroups(machine({ "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids\n" }));
    expect(facts).toEqual({ mode: "v2", controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"], unified: [] });
    expect(judgeCgroups(facts).status).toBe("ok");
  });

  test("version 1: a controller counts when it is mounted", () => {
    const facts = readCgroups(machine({ "proc/cgroups": controllers, ...v1 }));
    expect(facts).toEqual({ mode: "v1", controllers: ["cpuset", "cpu", "memory", "pids"], unified: [] });
  });

  test("hybrid, with a controller in the v2 tree", () => {
    const unified = { "sys/fs/cgroup/unified/cgroup.procs": "", "sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n" };
    const facts = readCgroups(machine({ "proc/cgroups": controllers, ...v1, ...unified }));
    expect(facts).toMatchObject({ mode: "hybrid", unified: ["hugetlb"] });
    expect(judgeCgroups(facts).detail).toBe(
      "version 1 with a v2 tree beside (hybrid): cpuset, cpu, memory, pids; the v2 tree holds hugetlb",
    );
  });

  test("without the memory controller limits are refused: a warning", () => {
    const finding = judgeCgroups({ mode: "v1", controllers: ["cpu", "cpuset", "pids"], unified: [] });
    expect(finding).toMatchObject({ status: "warning", detail: expect.stringContaining("without memory, their limits are refused") });
    expect(finding.remedy).toContain("cgroup_enable=memory");
  });

  test("none mounted is an error", () => {
    const facts = readCgroups(machine({ "proc/cgroups": controllers, "sys/fs/cgroup/nothing": "" }));
    expect(judgeCgroups(facts)).toMatchObject({ status: "error", remedy: "mount -t cgroup2 none /sys/fs/cgroup" });
  });
});

describe("the kernel", () => {
  test.each([
    ["5.10.0-8-amd64", "ok"],
    ["6.1.0-18-amd64", "ok"],
    ["5.9.16", "error"],
    ["4.19.0-21-amd64", "error"],
  ])("%s is %s", (version, status) => {
    expect(judgeKernel(version, "x64").status).toBe(status);
  });
});

describe("capabilities", () => {
  test("all of them", () => {
    expect(judgeCapabilities("000001ffffffffff").status).toBe("ok");
  });

  test("without CAP_SYS_RESOURCE containers run, with less", () => {
    const finding = judgeCapabilities((0x1ffffffffffn & ~(1n << 24n)).toString(16));
    expect(finding.status).toBe("warning");
    expect(finding.detail).toMatch(/^no CAP_SYS_RESOURCE: limits/);
    expect(finding.remedy).toContain("SYS_RESOURCE");
  });

  test("docker's default set cannot mount", () => {
    const finding = judgeCapabilities("00000000a80425fb");
    expect(finding.status).toBe("error");
    expect(finding.detail).toContain("CAP_SYS_ADMIN: nothing can be mounted");
  });
});

describe("disk space", () => {
  const GiB = 2 ** 30;
  test.each([
    [{ free: 50 * GiB, total: 100 * GiB, freeInodes: 1e6, totalInodes: 1e7 }, "ok"],
    [{ free: 1 * GiB, total: 100 * GiB, freeInodes: 1e6, totalInodes: 1e7 }, "warning"],
    [{ free: 0.05 * GiB, total: 100 * GiB, freeInodes: 1e6, totalInodes: 1e7 }, "error"],
    [{ free: 50 * GiB, total: 100 * GiB, freeInodes: 12, totalInodes: 1e7 }, "error"],
    [{ free: 50 * GiB, total: 100 * GiB, freeInodes: 0, totalInodes: 0 }, "ok"], // btrfs counts no inodes
  ])("%o is %s", (facts, status) => {
    expect(judgeDisk(facts, "/var/lib/berth").status).toBe(status);
  });
});

describe("names", () => {
  test("the host's own resolvers cannot be reached from a container", () => {
    const finding = judgeNames("nameserver 127.0.0.1\n");
    expect(finding).toMatchObject({ status: "warning", detail: expect.stringContaining("only this host itself (127.0.0.1)") });
  });

  test("one that can be reached", () => {
    expect(judgeNames("nameserver 192.0.2.1\n").status).toBe("ok");
  });
});

describe("forwarding", () => {
  const chains = (policy: string) =>
    `table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy ${policy};\n\t}\n}\n`;

  test("a chain that drops what it forwards", () => {
    expect(droppingChain(chains("drop"))).toBe("ip filter FORWARD");
  });

  test("berth's own table is none of others", () => {
    expect(droppingChain(chains("drop").replaceAll("table ip filter", "table ip berth_router"))).toBeUndefined();
  });

  test("who turned it on", () => {
    expect(judgeForwarding(true, true, undefined)).toMatchObject({ status: "ok", detail: expect.stringContaining("berth_router") });
    expect(judgeForwarding(true, false, undefined).detail).toContain("on before berth");
    expect(judgeForwarding(false, false, undefined).detail).toContain("is off");
    expect(judgeForwarding(true, true, "ip filter FORWARD")).toMatchObject({ status: "warning" });
  });

  test("a chain that accepts", () => {
    expect(droppingChain(chains("accept"))).toBeUndefined();
  });
});

test("user namespaces switched off", () => {
  expect(judgeUserNamespaces(0)).toMatchObject({ status: "warning", remedy: "sysctl -w user.max_user_namespaces=15000" });
  expect(judgeUserNamespaces(undefined).status).toBe("warning");
  expect(judgeUserNamespaces(1000).status).toBe("ok");
});

test.each([
  ["runc version 1.1.5+ds1\ncommit: x\nspec: 1.0.2-dev\n", "1.1.5+ds1"],
  ["crun version 1.8.1\ncommit: f8a\n", "1.8.1"],
  ["nonsense", undefined],
])("the version in %j", (output, version) => {
  expect(versionIn(output)).toBe(version);
});

describe("runtimes with known ways out", () => {
  test.each([
    ["1.0.0-rc95", true],
    ["1.1.5+ds1", true],
    ["1.1.15", true],
    ["1.2.7", true],
    ["1.2.8", false],
    ["1.2.8+ds1-2", false],
    ["1.3.2", true],
    ["1.3.3-0ubuntu1~24.04.2", false],
    ["1.4.0-rc.2", true],
    ["1.4.0-rc.3", false],
    ["1.4.0", false],
    ["1.5.0-rc.1", false],
    ["2.0.0", false],
    ["unknown", false],
  ])("runc %s: %s", (version, flawed) => {
    expect(isFlawedRunc(version)).toBe(flawed);
  });
  test("one that containers get is a warning that says what to install", () => {
    const finding = judgeRunc("1.1.5+ds1", true);
    expect(finding).toMatchObject({
      status: "warning",
      detail: expect.stringMatching(/^runc 1\.1\.5\+ds1 .*CVE-2025-31133.*CVE-2025-52881/),
    });
    expect(finding.remedy).toMatch(/crun.*1\.2\.8, 1\.3\.3, 1\.4\.0-rc\.3/);
  });
  test("one that is only there is named", () => {
    expect(judgeRunc("1.1.5", false)).toMatchObject({ status: "ok", detail: expect.stringContaining("unless --runtime names it") });
    expect(judgeRunc("1.3.3", true)).toEqual({ status: "ok", detail: "none known in runc 1.3.3" });
    expect(judgeRunc(undefined, false).status).toBe("ok");
  });
});

describe("remedies", () => {
  const packages = { apt: "libnftables1", dnf: "nftables", pacman: "nftables", zypper: "libnftables1", apk: "nftables" };
  test.each([
    ["apt-get", "apt-get install -y libnftables1"],
    ["dnf", "dnf install -y nftables"],
    ["pacman", "pacman -S --needed nftables"],
    ["zypper", "zypper install libnftables1"],
    ["apk", "apk add nftables"],
  ])("on a machine with %s", (manager, command) => {
    expect(installCommand(packages, (program) => (program === manager ? `/usr/bin/${program}` : undefined))).toBe(command);
  });

  test("on an unknown machine all are named", () => {
    expect(installCommand(packages, () => undefined).split(" | ")).toHaveLength(5);
  });
});

test("the operating system's name comes without its quotes", () => {
  const root = machine({ "os-release": 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' });
  expect(operatingSystem([join(root, "os-release")])).toBe("Debian GNU/Linux 12 (bookworm)");
  expect(operatingSystem([join(root, "nothing")])).toBe("Linux");
});
