/** Pipes as streams. Node's own are sockets (socketpair(2)). */
import type { Socket } from "node:net";
import { bind, check } from "./libc.ts";

// <fcntl.h>
const O_CLOEXEC = 0o2000000;

/** pipe2(2), closed in children: the end to read from, the end to write to. */
export function makePipe(): [read: number, write: number] {
  const ends = new Int32Array(2);
  check(bind<(ends: Int32Array, flags: number) => number>("int pipe2(int *ends, int flags)")(ends, O_CLOEXEC), "pipe2");
  return [ends[0]!, ends[1]!];
}

/** One end of a pipe as a stream, which closes it. */
export function openPipeEnd(fd: number, way: "read" | "write"): Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket({ fd, readable: way === "read", writable: way === "write" });
}
