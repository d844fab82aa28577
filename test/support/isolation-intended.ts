/** Where a berth container is meant to differ from one of the docker that the expectation was recorded from, and why. */

interface Intended {
  reason: string;
  /** Absent: every case. */
  case?: RegExp;
  /** "- …" is docker's line, "+ …" berth's. */
  lines: RegExp;
}

export const intended: readonly Intended[] = [
  {
    reason:
      "mounts of a container receive nothing from the host unless a bind asks for it: docker's root and volumes are slaves of the host's",
    lines: /^[-+] mounts: (\/ \S+( \S+)? overlay|\/data \S+( master)? \S+ disk rw …\/_data)/,
  },
  {
    reason: "a one-shot container is watched by berth itself, and the runtime copies its streams: an empty pipe stands for /dev/null",
    lines: /^(- descriptors: 0 \/dev\/null|\+ descriptors: 0 pipe:)$/,
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

export function isIntended(name: string, line: string): boolean {
  return intended.some((each) => (each.case?.test(name) ?? true) && each.lines.test(line));
}
