/** Is there room in a pipe? For who writes little at a time and must not wait for its reader. */
import { bind } from "./libc.ts";

// <poll.h>
const POLLOUT = 4;

/** Bytes of a buffer of a pipe's on every architecture at least: a pipe that takes anything takes so many. */
export const pageSize = 4096;

/** @returns a write of `pageSize` bytes would not wait, poll(2), unless somebody else writes there first */
export function hasRoom(fd: number): boolean {
  const polled = new Int32Array([fd, POLLOUT]); // struct pollfd: two shorts make the second
  const call = bind<(polled: Int32Array, count: number, timeout: number) => number>(
    "int poll(_Inout_ void *polled, unsigned long count, int timeout)",
  );
  return call(polled, 1, 0) === 1;
}
