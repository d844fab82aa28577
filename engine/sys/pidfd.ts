/**
 * Processes that are not our children, held by descriptor (pidfd_open(2)): a signal cannot hit a stranger that got the
 * pid later, and the end of the process wakes the event loop instead of being polled for.
 */
import { closeSync } from "node:fs";
import { pollOnBun } from "./bun.ts";
import { bind, lastErrno, systemError } from "./libc.ts";
import { isAlive } from "./owner.ts";
import { adoptDescriptor } from "./socket.ts";

// <asm-generic/unistd.h>: the same on every architecture
const PIDFD_SEND_SIGNAL = 424;
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const ESRCH = 3;

function pidfdOpen(pid: number): number | undefined {
  const fd = Number(
    bind<(n: number, pid: number, flags: number) => number>("long syscall(long number, int pid, unsigned int flags)")(PIDFD_OPEN, pid, 0),
  );
  if (fd >= 0) return fd;
  const errno = lastErrno();
  if (errno === ESRCH) return undefined;
  throw systemError(errno, "pidfd_open", String(pid));
}

/**
 * Sends a signal to the very process that was recorded.
 * @param start its start token (engine/state/owner.ts)
 * @returns false when that process is gone
 */
export function signalProcess(pid: number, start: string, signal: number): boolean {
  const fd = pidfdOpen(pid);
  if (fd === undefined) return false;
  try {
    if (!isAlive(pid, start)) return false;
    const call = bind<(n: number, fd: number, signal: number, info: null, flags: number) => number>(
      "long syscall(long number, int fd, int signal, void *info, unsigned int flags)",
    );
    if (Number(call(PIDFD_SEND_SIGNAL, fd, signal, null, 0)) === 0) return true;
    const errno = lastErrno();
    if (errno === ESRCH) return false;
    throw systemError(errno, "pidfd_send_signal", String(pid));
  } finally {
    closeSync(fd);
  }
}

/** A duplicate of another process's descriptor (pidfd_getfd(2)); undefined where the process or the call is not to be had. */
export function takeDescriptor(pid: number, number: number): number | undefined {
  const process = pidfdOpen(pid);
  if (process === undefined) return undefined;
  try {
    const call = bind<(n: number, pidfd: number, fd: number, flags: number) => number>(
      "long syscall(long number, int pidfd, int fd, unsigned int flags)",
    );
    const fd = Number(call(PIDFD_GETFD, process, number, 0));
    return fd < 0 ? undefined : fd;
  } finally {
    closeSync(process);
  }
}

/** Resolves when the process has ended (it may still be a zombie), or when `signal` aborts: look again which. */
export function watchExit(pid: number, signal?: AbortSignal): Promise<void> {
  const fd = pid > 0 ? pidfdOpen(pid) : undefined;
  if (fd === undefined || signal?.aborted) {
    if (fd !== undefined) closeSync(fd);
    return Promise.resolve();
  }
  // libuv only polls descriptors that it takes for a stream. It sees a socket, over which the pidfd is then laid: a pidfd
  // becomes readable when its process ends, and reading it fails with EINVAL.
  const socket = process.versions.bun ? pollOnBun(fd) : adoptDescriptor(fd);
  return new Promise((resolve) => {
    const end = () => {
      signal?.removeEventListener("abort", end);
      socket.destroy();
      resolve();
    };
    socket.once("error", end);
    socket.once("close", end);
    signal?.addEventListener("abort", end, { once: true });
    socket.resume();
  });
}
