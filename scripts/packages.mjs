// The system packages that berth stands on: how to see that each is there (by its files, not by a package database, so
// that hand-made installations and every distribution pass), what it is called where, and how to install it.
// Plain JavaScript for Node 18.
import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync } from "node:fs";

const programDirectories = [
  ...new Set([...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]),
];
const helperDirectories = ["/usr/lib/podman", "/usr/libexec/podman", "/usr/lib/cni", "/usr/local/lib/podman", "/usr/local/libexec/podman"];
const libraryDirectories = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/local/lib64"];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function program(name, directories = programDirectories) {
  return directories.some((directory) => directory !== "" && isExecutable(`${directory}/${name}`));
}

/** A shared library in the usual places, or one level below (Debian's multiarch folders). */
function library(name) {
  return libraryDirectories.some((directory) => {
    if (existsSync(`${directory}/${name}`)) return true;
    const triplets = existsSync(directory) ? readdirSync(directory).filter((entry) => entry.includes("-linux-")) : [];
    return triplets.some((triplet) => existsSync(`${directory}/${triplet}/${name}`));
  });
}

/** True for an ELF file without an interpreter (PT_INTERP): it runs in an image that holds nothing else. */
function isStatic(path) {
  if (!isExecutable(path)) return false;
  const bytes = Buffer.alloc(4096);
  const fd = openSync(path, "r");
  readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  for (let at = table, left = count; left > 0 && at + 4 <= bytes.length; at += size, left--) if (bytes.readUInt32LE(at) === 3) return false;
  return bytes.readUInt32BE(0) === 0x7f454c46;
}

/** crun needs cgroup v2 for itself; on other hosts only runc is sure to work. */
const hasRuntime = () => program("runc") || (program("crun") && existsSync("/sys/fs/cgroup/cgroup.controllers"));

/** Name, test, and packages by manager; `test: true` marks what only the tests need, `vm: true` what only the virtual machine's do. */
const needs = [
  {
    name: "an OCI runtime (runc, crun)",
    found: hasRuntime,
    apt: "runc crun",
    dnf: "runc crun",
    pacman: "runc crun",
    zypper: "runc crun",
    apk: "runc crun",
  },
  { name: "conmon", found: () => program("conmon"), apt: "conmon", dnf: "conmon", pacman: "conmon", zypper: "conmon", apk: "conmon" },
  {
    name: "an init for containers (tini)",
    found: () =>
      ["tini-static", "docker-init", "catatonit", "tini"].some((name) => program(name, [...programDirectories, ...helperDirectories])),
    ...{ apt: "tini", dnf: "tini-static", pacman: "catatonit", zypper: "catatonit", apk: "tini-static" },
  },
  {
    name: "libnftables",
    found: () => library("libnftables.so.1"),
    apt: "libnftables1",
    dnf: "nftables",
    pacman: "nftables",
    zypper: "libnftables1",
    apk: "nftables",
  },
  { name: "nft", found: () => program("nft"), apt: "nftables", dnf: "nftables", pacman: "nftables", zypper: "nftables", apk: "nftables" },
  {
    name: "iproute2",
    found: () => program("ip"),
    apt: "iproute2",
    dnf: "iproute",
    pacman: "iproute2",
    zypper: "iproute2",
    apk: "iproute2",
  },
  {
    name: "a static busybox",
    found: () =>
      programDirectories.some((directory) =>
        ["busybox", "busybox-static", "busybox.static"].some((name) => isStatic(`${directory}/${name}`)),
      ),
    ...{ apt: "busybox-static", dnf: "busybox", pacman: "busybox", zypper: "busybox-static", apk: "busybox-static" },
  },
  {
    name: "mount and flock (util-linux)",
    found: () => ["mount", "umount", "flock", "nsenter"].every((name) => program(name)),
    ...{ apt: "mount util-linux", dnf: "util-linux", pacman: "util-linux", zypper: "util-linux", apk: "util-linux" },
  },
  { name: "ps", found: () => program("ps"), apt: "procps", dnf: "procps-ng", pacman: "procps-ng", zypper: "procps", apk: "procps" },
  {
    name: "iptables",
    test: true,
    found: () => program("iptables-nft") && program("iptables-legacy"),
    ...{ apt: "iptables", dnf: "iptables-nft iptables-legacy", pacman: "iptables", zypper: "iptables", apk: "iptables iptables-legacy" },
  },
  {
    name: "xz and bzip2",
    test: true,
    found: () => program("xz") && program("bzip2"),
    ...{ apt: "xz-utils bzip2", dnf: "xz bzip2", pacman: "xz bzip2", zypper: "xz bzip2", apk: "xz bzip2" },
  },
  { name: "git", test: true, found: () => program("git"), apt: "git", dnf: "git", pacman: "git", zypper: "git", apk: "git" },
  {
    name: "mmdebstrap",
    test: true,
    found: () => program("mmdebstrap"),
    apt: "mmdebstrap",
    dnf: "mmdebstrap",
    pacman: "mmdebstrap",
    zypper: "mmdebstrap",
    apk: "debootstrap",
  },
  {
    name: "docker-compose and docker's library for Python",
    test: true,
    found: () => program("docker-compose"),
    apt: "docker-compose python3-docker",
    dnf: "docker-compose python3-docker",
    pacman: "docker-compose python-docker",
    zypper: "docker-compose python3-docker",
    apk: "docker-cli-compose py3-docker-py",
  },
  {
    name: "qemu",
    vm: true,
    found: () => program("qemu-system-x86_64"),
    ...{ apt: "qemu-system-x86", dnf: "qemu-system-x86-core", pacman: "qemu-system-x86", zypper: "qemu-x86", apk: "qemu-system-x86_64" },
  },
  {
    name: "mke2fs and debugfs",
    vm: true,
    found: () => program("mke2fs") && program("debugfs"),
    ...{ apt: "e2fsprogs", dnf: "e2fsprogs", pacman: "e2fsprogs", zypper: "e2fsprogs", apk: "e2fsprogs e2fsprogs-extra" },
  },
];

/** Install commands by package manager, in the order they are looked for; `%` stands for the packages. */
const managers = {
  apt: { program: "apt-get", command: "apt-get update && apt-get install -y --no-install-recommends %" },
  dnf: { program: "dnf", command: "dnf install -y %" },
  pacman: { program: "pacman", command: "pacman -Sy --needed --noconfirm %" },
  zypper: { program: "zypper", command: "zypper --non-interactive install %" },
  apk: { program: "apk", command: "apk add %" },
};

/** The needs that this machine does not meet, of those that everybody has, the tests and the virtual machine. */
export function missingPackages({ test, vm }) {
  return needs.filter((need) => (test || !need.test) && (vm || !need.vm) && !need.found());
}

function packagesFor(manager, missing) {
  return [...new Set(missing.flatMap((need) => need[manager].split(" ")))];
}

/** The command for every package manager, this machine's own first. */
export function installCommands(missing) {
  const names = Object.keys(managers).sort((a, b) => Number(program(managers[b].program)) - Number(program(managers[a].program)));
  return names
    .map((name) => `  ${`${name}:`.padEnd(8)} ${managers[name].command.replace("%", packagesFor(name, missing).join(" "))}`)
    .join("\n");
}

/** Why this process cannot install packages itself, or undefined when it can. */
export function whyNotInstall() {
  if (!program("apt-get")) return "this machine has no apt";
  if (process.getuid() !== 0) return "only root can install packages";
  return undefined;
}

/** Installs with apt, without a question; throws with apt's own last words when it fails. */
export function installWithApt(missing) {
  const options = [
    "-o",
    "DPkg::Lock::Timeout=300",
    "-o",
    "Acquire::Retries=3",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l", LC_ALL: "C.UTF-8" };
  const apt = (...args) =>
    spawnSync("apt-get", ["-q", ...options, ...args], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 });
  const update = apt("update"); // A broken third-party source must not stop us: what matters is whether the install finds its packages.
  const install = apt("install", "-y", "--no-install-recommends", ...packagesFor("apt", missing));
  if (install.status === 0) return;
  const words = [update.stderr, install.stderr].join("").trim().split("\n").slice(-8).join("\n  ");
  throw new Error(`apt-get could not install ${packagesFor("apt", missing).join(" ")}:\n  ${words}`);
}
