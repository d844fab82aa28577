/** Where a berth container is meant to differ from one of the docker that the expectation was recorded from, and why. */

export const testedRuntimes = ["crun", "runc"] as const;
export type TestedRuntime = (typeof testedRuntimes)[number];

interface Intended {
  reason: string;
  /** Absent: every case. */
  case?: RegExp;
  /** Absent: whichever starts the container. docker's expectation was recorded with runc. */
  runtime?: TestedRuntime;
  /** "- …" is docker's line, "+ …" berth's. */
  lines: RegExp;
}

export const intended: readonly Intended[] = [
  {
    reason: "newer versions of docker say in comments of resolv.conf where its lines are from",
    lines: /^- names: #/,
  },
  {
    reason:
      "mounts of a container receive nothing from the host unless a bind asks for it: docker's root and volumes are slaves of the host's",
    lines: /^[-+] mounts: (\/ \S+( \S+)? overlay|\/data \S+( master)? \S+ disk rw …\/_data)/,
  },
  {
    reason: "a one-shot container is watched by berth itself, and the runtime copies its streams: an empty pipe stands for /dev/null",
    lines: /^(- descriptors: 0 \/dev\/null|\+ descriptors: 0 pipe:)$/,
  },
  {
    runtime: "crun",
    reason: "crun words the mounts of /sys and what hides a path in its own way: as read-only, and as empty, as runc's",
    lines:
      /^[-+] mounts: (\/sys(\/fs\/cgroup|\/firmware|\/devices\/virtual\/powercap)?|\/proc\/(acpi|asound|kcore|keys|latency_stats|scsi|sched_debug|timer_list|timer_stats)) r[ow],\S+ (sysfs|tmpfs|devtmpfs) /,
  },
  {
    runtime: "crun",
    reason: "crun joins only the hierarchies that hold controllers on hybrid hosts, and allows no tun device, as later releases of runc",
    lines: /^([-+] cgroups: :\/\S*|- cgroups: devices\/devices\.list c 10:200 rwm)$/,
  },
  {
    runtime: "crun",
    reason:
      "crun mounts the directory of the cgroup hierarchies as a small tmpfs that any user can write to, and names groups by their path",
    lines:
      /^[-+] (writable: write \/sys\/fs\/cgroup: (yes|no)|mounts: \/sys\/fs\/cgroup\/\w+ ro,nosuid,nodev,noexec,relatime cgroup \S+ rw,\S+)$/,
  },
  {
    runtime: "crun",
    reason: "crun gives the container's user the container's own /dev/null along with the other standard streams",
    lines: /^[-+] devices: \/dev\/null\|character special file\|666\|\d+:\d+\|1:3\|\/dev\/null$/,
  },
  {
    runtime: "crun",
    reason: "crun's console is the same device, mounted without the flags that mean nothing to a terminal",
    case: /^terminal/,
    lines: /^[-+] \/dev\/console rw,(nosuid,noexec,)?relatime$/,
  },
  {
    reason: "a terminal has a size from the start; the recorded release gave it one later, or never",
    case: /^terminal/,
    lines: /^(- stty: standard input: No child processes|\+ 24 80)$/,
  },
  { reason: "later releases of docker hide the interrupt counters too", lines: /^[-+] (mounts|hidden): \/proc\/interrupts / },
  {
    reason: "the recorded release knows capabilities up to AUDIT_READ only; later ones add those of Linux 5.8 and 5.9, as berth",
    case: /privileged|cap-add all/,
    lines: /^[-+] status: Cap(Prm|Eff|Bnd) /,
  },
  {
    reason: "the weight is set on kernels that have only the BFQ scheduler's file; docker leaves it out with a warning",
    case: /^blkio-weight/,
    lines: /^[-+] (cgroups: blkio\/|status )/,
  },
  {
    reason: "125, as for every other refusal: docker's command line takes the words 'no such file' for a missing command",
    case: /^device missing$/,
    lines: /^[-+] status /,
  },
  {
    reason: "what no host name can be would be written into the hosts files of others",
    case: /^hostname invalid$/,
    lines: /^[-+] status /,
  },
  {
    reason: "without CAP_SYS_RESOURCE the container runs, with a warning; docker's fails",
    case: /^oom-score-adj below zero$/,
    lines: /^[-+] (status )?-?\d+$/,
  },
];

export function isIntended(name: string, line: string, runtime: TestedRuntime): boolean {
  return intended.some((each) => (each.case?.test(name) ?? true) && (each.runtime ?? runtime) === runtime && each.lines.test(line));
}
