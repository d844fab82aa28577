/**
 * Where processes that outlive berth belong. systemd ends a login session, a scope or a service by killing whatever is
 * in its control group, however it detached itself; so what must last gets a group beside those of the containers,
 * which belongs to none of systemd's units. In a hierarchy in which berth itself is at the root, nobody does such a
 * thing, and its children stay where they are.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";

/** Containers' groups are `/berth/ID`: they have controllers, so `/berth` itself must hold no process (cgroup-v2, "no internal process"). */
const group = "/berth/monitors";

/** Enters the groups before the first "--", then becomes the program behind it: nothing is forked outside. */
const enter = 'while [ "$1" != -- ]; do echo 0 >"$1"; shift; done 2>/dev/null; shift; exec "$@"';

/** The command line that starts a program in a group that lasts. */
export function lastingCommand(program: string, args: string[]): [program: string, args: string[]] {
  const entries = lastingEntries(readFileSync("/proc/self/cgroup", "utf8")).filter(isMade);
  return entries.length === 0 ? [program, args] : ["/bin/sh", ["-c", enter, "berth-lasting", ...entries, "--", program, ...args]];
}

/**
 * The files to write a process into, by which hierarchies systemd kills in: the unified one, and its own of version 1.
 * @param self text of a /proc/PID/cgroup
 */
export function lastingEntries(self: string, mountpoint = "/sys/fs/cgroup"): string[] {
  const unified = existsSync(`${mountpoint}/cgroup.controllers`) ? mountpoint : `${mountpoint}/unified`;
  const trees: Record<string, string> = { "": unified, "name=systemd": `${mountpoint}/systemd` };
  return self.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const tree = controllers === undefined ? undefined : trees[controllers];
    return tree === undefined || path === "/" || path === group || !existsSync(`${tree}/cgroup.procs`)
      ? []
      : [`${tree}${group}/cgroup.procs`];
  });
}

/** Makes the group; false where it cannot be (a read-only tree): the process then stays where it is. */
function isMade(entry: string): boolean {
  try {
    mkdirSync(entry.slice(0, -"/cgroup.procs".length), { recursive: true });
    return true;
  } catch {
    return false;
  }
}
