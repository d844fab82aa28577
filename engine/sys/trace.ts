/** Learning how a process ends that is not this one's child: ptrace(2) tells its tracer, too. */
import { bind, check, lastErrno, systemError } from "./libc.ts";

// <sys/ptrace.h>, <sys/wait.h>
const PTRACE = { CONT: 7, SEIZE: 0x4206, LISTEN: 0x4208 };
const PTRACE_EVENT_STOP = 128;
const WALL = 0x40000000;
const EINTR = 4;

const ptrace = (request: number, pid: number, data = 0) =>
  Number(
    bind<(r: number, pid: number, a: number, d: number) => number>("long ptrace(long request, int pid, long address, long data)")(
      request,
      pid,
      0,
      data,
    ),
  );

/**
 * Waits in the system call, so nothing else happens in this process meanwhile. The other one notices nothing.
 * @param attached called once its end cannot be missed any more
 * @returns its exit status, 128+n after signal n
 * @throws the system error of ptrace(2): ESRCH when it has ended
 */
export function traceToEnd(pid: number, attached: () => void): number {
  check(ptrace(PTRACE.SEIZE, pid), "ptrace", String(pid));
  attached();
  const wait = bind<(pid: number, status: Int32Array, options: number) => number>("int waitpid(int pid, int *status, int options)");
  const status = new Int32Array(1);
  for (;;) {
    if (wait(pid, status, WALL) < 0) {
      const errno = lastErrno();
      if (errno === EINTR) continue;
      throw systemError(errno, "waitpid", String(pid));
    }
    const [word] = status as unknown as [number];
    const signal = word & 0x7f;
    if (signal === 0) return (word >> 8) & 0xff;
    if (signal !== 0x7f) return 128 + signal;
    goOn(pid, word);
  }
}

/** It has stopped: what stopped it is passed on. */
function goOn(pid: number, word: number): void {
  const event = word >> 16;
  const signal = (word >> 8) & 0xff;
  // A stop of its whole group goes on until the signal that ends it.
  if (event === PTRACE_EVENT_STOP) ptrace(signal === 5 ? PTRACE.CONT : PTRACE.LISTEN, pid);
  else ptrace(PTRACE.CONT, pid, event === 0 ? signal : 0);
}
