/** Pipes as streams. Node's own are sockets (socketpair(2)). */
import { createWriteStream } from "node:fs";
import type { Socket, SocketConstructorOpts } from "node:net";
import type { Readable, Writable } from "node:stream";
import { readPipeOnBun } from "./bun.ts";
import { bind, check } from "./libc.ts";

// <fcntl.h>
const O_CLOEXEC = 0o2000000;

/** pipe2(2), closed in children: the end to read from, the end to write to. */
export function makePipe(): [read: number, write: number] {
  const ends = new Int32Array(2);
  check(bind<(ends: Int32Array, flags: number) => number>("int pipe2(int *ends, int flags)")(ends, O_CLOEXEC), "pipe2");
  return [ends[0]!, ends[1]!];
}

/** The end to read from as a stream, which closes it. */
export function readEnd(fd: number): Readable {
  return process.versions.bun ? readPipeOnBun(fd) : socketOver({ fd, readable: true, writable: false });
}

/** The end to write to as a stream, which closes it. */
export function writeEnd(fd: number): Writable {
  return process.versions.bun ? createWriteStream("", { fd }) : socketOver({ fd, readable: false, writable: true });
}

function socketOver(options: SocketConstructorOpts): Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket(options);
}
