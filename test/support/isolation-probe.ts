/**
 * What a process in a container sees, as text that does not depend on the engine or the moment: a shell script that
 * looks, and the reading of what it prints. Nothing here knows docker or berth.
 */
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { capabilityNames } from "../../engine/linux-capabilities.ts";

/** Section name to lines. */
export type Sight = Record<string, string[]>;

const cgroupFiles = [
  "memory/memory.limit_in_bytes",
  "memory/memory.memsw.limit_in_bytes",
  "memory/memory.soft_limit_in_bytes",
  "memory/memory.swappiness",
  "cpu/cpu.shares",
  "cpu/cpu.cfs_quota_us",
  "cpu/cpu.cfs_period_us",
  "cpuset/cpuset.cpus",
  "pids/pids.max",
  "blkio/blkio.weight",
  "blkio/blkio.bfq.weight",
  "devices/devices.list",
];

/** For a busybox sh. Every section is independent of the others. */
export const probe = `
s() { echo "== $1"; }
try() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "$what: yes"; else echo "$what: no"; fi; }
s status; grep -E '^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status
s mounts; cat /proc/self/mountinfo
s descriptors; ls -l /proc/self/fd
s limits; cat /proc/self/limits
s environment; env
s process; umask; pwd; stat -c '%a %u %g' .; cat /proc/self/oom_score_adj /proc/1/comm
s devices; find /dev -maxdepth 2 -exec stat -c '%n|%F|%a|%u:%g|%t:%T|%N' {} +
s namespaces; for n in cgroup ipc mnt net pid user uts; do echo "$n $(readlink /proc/self/ns/$n)"; done
s cgroups; cat /proc/self/cgroup; for f in ${cgroupFiles.join(" ")}; do [ -e /sys/fs/cgroup/$f ] && sed "s|^|$f |" /sys/fs/cgroup/$f; done
s names; hostname; cat /proc/sys/kernel/domainname; for f in hostname hosts resolv.conf; do echo "[$f]"; cat /etc/$f; done
s root; stat -c '%N|%F|%a|%u:%g' /.* /* /etc/*
s hidden; for f in acpi asound interrupts kcore keys latency_stats timer_list sched_debug scsi; do [ -e /proc/$f ] && stat -c '%n %F %t:%T' /proc/$f; done
s writable; for f in / /tmp /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/mm/ksm/run /sys/fs/cgroup; do try "write $f" test -w $f; done; try "make file" touch /probe
s parameters; for f in net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range kernel/msgmax net/ipv4/ip_default_ttl; do echo "$f $(cat /proc/sys/$f)"; done
s calls; try chown chown 1 /probe; try mknod mknod /probe-node c 1 3; try mount mount -t tmpfs none /mnt; try "mount proc" mount -t proc none /tmp; try unshare unshare -m true; try "unshare user" unshare -U true; try chroot chroot / true; try sethostname hostname probe; try nice nice -n -5 true; try swapoff swapoff /probe
s done
`;

/** Parts of the host's own view against which namespaces and capabilities are told apart. */
const hostNamespaces = () =>
  Object.fromEntries(["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"].map((name) => [name, readlinkSync(`/proc/self/ns/${name}`)]));

/**
 * Reads the probe's output.
 * @param names strings that stand for what they replace: ids, scratch directories
 */
export function readSight(output: string, names: readonly [string, string][]): Sight {
  const sight: Sight = {};
  let section = "";
  for (const raw of output.replaceAll("\r", "").split("\n")) {
    const mark = /^== (\w+)$/.exec(raw);
    if (mark) {
      section = mark[1]!;
      sight[section] = [];
      continue;
    }
    let line = raw;
    for (const [from, to] of names) if (from) line = line.replaceAll(from, to);
    const told = section && raw !== "" ? (readers[section] ?? same)(line) : [];
    sight[section]?.push(...told);
  }
  for (const [name, lines] of Object.entries(sight)) if (sorted.has(name)) lines.sort();
  return sight;
}

const sorted = new Set(["devices", "root", "environment"]);
const same = (line: string): string[] => [line];

const readers: Record<string, (line: string) => string[]> = {
  status: (line) => [
    /^Cap/.test(line) ? `${line.slice(0, 6)} ${capabilities(line.split(":")[1]!.trim())}` : line.replace(/\s+/g, " ").trim(),
  ],
  mounts: (line) => [mountLine(line)].filter(Boolean),
  descriptors: (line) => {
    const [, number, target = ""] = /(\d+) -> (.*)$/.exec(line) ?? [];
    return number
      ? [
          `${number} ${target
            .replace(/\[\d+\]/, "")
            .replace(/^\/proc\/\d+\/fd$/, "directory")
            .replace(/^\/proc\/self\/fd$/, "directory")}`,
        ]
      : [];
  },
  limits: (line) => {
    const [, name = "", soft, hard] = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    if (!name) return [];
    return [ownLimits().includes(line) ? `${name} as the host's` : `${name} ${soft} ${hard}`];
  },
  namespaces: (line) => {
    const [name = "", value] = line.split(" ");
    return [`${name} ${hostNamespaces()[name] === value ? "host's" : "own"}`];
  },
  devices: (line) => [line].filter((text) => knownNodes.has(text.split("|")[0]!)),
  names: (line) => [/^(nameserver|search|options) /.test(line) && hostResolver().includes(line) ? "as the host's" : line],
  cgroups: (line) => [line.replace(/^\d+:/, "").replace(new RegExp(`^(cpuset/cpuset.cpus) ${allProcessors()}$`), "$1 all")],
  root: (line) => [line].filter((text) => !/^\/(\.|\.\.)\|/.test(text)),
};

/** Nodes that every machine has, and those the cases ask for: what else a privileged container sees is the machine's. */
const knownNodes = new Set(
  " console fd full fuse inside kmsg loop-control mapper mem mqueue net net/tun null ptmx pts pts/ptmx random shm stderr stdin stdout tty urandom zero"
    .split(" ")
    .map((name) => (name ? `/dev/${name}` : "/dev")),
);

const ownLimits = () => readFileSync("/proc/self/limits", "latin1");
const hostResolver = () => readFileSync("/etc/resolv.conf", "latin1");

function allProcessors(): string {
  const file = "/sys/fs/cgroup/cpuset/cpuset.cpus";
  return existsSync(file) ? readFileSync(file, "latin1").trim() : "none";
}

function capabilities(hex: string): string {
  const bits = BigInt(`0x${hex}`);
  const own = /^CapBnd:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  if (bits !== 0n && bits === BigInt(`0x${own}`)) return "all that this machine has";
  const names = capabilityNames.filter((_, at) => bits & (1n << BigInt(at)));
  return names.map((name) => name.slice(4)).join(" ") || "none";
}

/** "target options propagation type source super-options" of one line of proc_pid_mountinfo(5). */
function mountLine(line: string): string {
  const [left = "", right = ""] = line.split(" - ");
  const [, , device = "", root = "", target = "", options = "", ...propagation] = left.split(" ");
  const [type = "", source = "", superOptions = ""] = right.split(" ");
  if (target === "/dev/shm" && device === sharedMemoryDevice()) return `${target} the host's`;
  const isUnion = type === "overlay";
  const kept = superOptions
    .split(",")
    .filter((word) => !/^(fsync|lowerdir|upperdir|workdir|index|volatile|uuid|redirect_dir|metacopy|xino|nfs_export|userxattr)/.test(word))
    .filter((word) => !isHostsOwn(type, word));
  const marks = propagation.map((word) => word.replace(/:\d+/, ""));
  const where = type === "cgroup" || type === "tmpfs" || isUnion ? "" : fileOf(root);
  return [target, options, marks.join(","), type, isUnion ? "" : source.replace(/^\/dev\/.*/, "disk"), kept.join(","), where]
    .filter(Boolean)
    .join(" ");
}

/** MAJOR:MINOR of the host's /dev/shm (the last mounted is what is seen), whose size and options are the machine's. */
const sharedMemoryDevice = () =>
  [...readFileSync("/proc/self/mountinfo", "latin1").matchAll(/^\d+ \d+ (\S+) \/ \/dev\/shm /gm)].at(-1)?.[1];

/** Of a bind's root only the last name matters: the rest is where an engine keeps its files. */
const fileOf = (root: string) => (root === "/" ? "" : `…/${root.split("/").at(-1)}`);

/** Options of the host's own file systems, which binds show. */
const isHostsOwn = (type: string, word: string) => ["ext4", "xfs", "btrfs"].includes(type) && word !== "ro" && word !== "rw";

/** True where the expectation was recorded on a machine of this kind. */
export const layout = () =>
  existsSync("/sys/fs/cgroup/cgroup.controllers") ? "v2" : existsSync("/sys/fs/cgroup/unified") ? "hybrid" : "v1";
