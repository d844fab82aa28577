/**
 * The end of a process of Node's, without Node's own: that waits for the threads that compile, and one of these may be waiting for this
 * thread to collect garbage (github.com/nodejs/node/issues/54918). Both then wait for ever, with the work done and the lock given back.
 */
import { readFileSync } from "node:fs";
import { setStatusFlags } from "./fcntl.ts";
import { bind } from "./libc.ts";

// <fcntl.h>
const O_NONBLOCK = 0o4000;

const standard = [0, 1, 2];

/** Called at the start. @returns _exit(2), after it has given the standard descriptors back as they were, as Node would */
export function immediateExit(): (status: number) => never {
  const before = standard.map(modeOf);
  return (status) => {
    for (const fd of standard) {
      const [then, now] = [before[fd], modeOf(fd)];
      if (then !== undefined && now !== undefined && !(then & O_NONBLOCK) && now & O_NONBLOCK) setStatusFlags(fd, then);
    }
    return bind<(status: number) => never>("void _exit(int status)")(status);
  };
}

/** Its file status flags (proc_pid_fdinfo(5)), which whoever else has the file open shares; undefined when it is closed. */
function modeOf(fd: number): number | undefined {
  try {
    return Number.parseInt(/^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "", 8);
  } catch {
    return undefined;
  }
}
