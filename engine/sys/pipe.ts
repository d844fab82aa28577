/** Pipes as streams. Node's own are sockets (socketpair(2)). */
import { closeSync, createWriteStream } from "node:fs";
import type { Socket, SocketConstructorOpts } from "node:net";
import type { Readable, Writable } from "node:stream";
import { OutflowOnBun } from "./bun.ts";
import type { ChildStreams } from "./child.ts";
import { bind, check } from "./libc.ts";

// <fcntl.h>
const O_CLOEXEC = 0o2000000;

/** pipe2(2), closed in children: the end to read from, the end to write to. */
export function makePipe(): [read: number, write: number] {
  const ends = new Int32Array(2);
  check(bind<(ends: Int32Array, flags: number) => number>("int pipe2(int *ends, int flags)")(ends, O_CLOEXEC), "pipe2");
  return [ends[0]!, ends[1]!];
}

type Choice = "pipe" | "ignore" | "inherit";
/** What the standard streams of a child are. */
export type Choices = readonly [stdin: Choice, stdout: Choice, stderr: Choice];

/**
 * Starts a child with its ends of pipes, and gives this side's: the child reads its input and writes its output.
 * @param start spawns with the descriptors given; what it throws is passed on
 */
export function betweenPipes<Child>(choices: Choices, start: (streams: ChildStreams) => Child): { child: Child; ours: ChildStreams } {
  const pipes = choices.map((choice) => (choice === "pipe" ? makePipe() : undefined));
  const theirs = pipes.map((pipe, fd) => pipe?.[fd === 0 ? 0 : 1]);
  const ours = pipes.map((pipe, fd) => pipe?.[fd === 0 ? 1 : 0]);
  try {
    const [stdin, stdout, stderr] = choices.map((choice, fd) => (choice === "inherit" ? fd : theirs[fd]));
    return { child: start([stdin, stdout, stderr]), ours: [ours[0], ours[1], ours[2]] };
  } catch (error) {
    for (const fd of ours) if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) if (fd !== undefined) closeSync(fd);
  }
}

/** What comes out of a pipe. */
export interface Outflow {
  /**
   * Hands every chunk over, the next once the one before was taken: a slow taker holds up the writer, and nothing piles up here.
   * Called once. Resolves when the stream has ended, however it did, and all of it was handed over.
   */
  pour(take: (chunk: Buffer) => Promise<void>): Promise<void>;
  /** What nobody has asked for is thrown away: the end of a stream that is not read never comes. */
  drain(): void;
  /** Reads no more. */
  destroy(): void;
  /** Resolves when its descriptor is closed. */
  readonly closed: Promise<void>;
}

/** The end to read from, closed at its end. */
export function readEnd(fd: number): Outflow {
  return process.versions.bun ? new OutflowOnBun(fd) : new SocketOutflow(fd);
}

class SocketOutflow implements Outflow {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #isTaken = false;

  constructor(fd: number) {
    const socket = socketOver({ fd, readable: true, writable: false });
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  pour(take: (chunk: Buffer) => Promise<void>): Promise<void> {
    this.#isTaken = true;
    return pour(this.#socket, take);
  }

  drain(): void {
    if (!this.#isTaken) this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A stream's chunks, as `Outflow.pour` hands them over. */
export function pour(from: Readable, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let taken = Promise.resolve();
  from.on("data", (chunk: Buffer) => {
    from.pause();
    taken = taken.then(() => take(chunk)).then(() => void from.resume());
    taken.catch(reject);
  });
  const finish = () => void taken.then(resolve, reject);
  for (const end of ["end", "error", "close"]) from.once(end, finish);
  from.resume();
  return promise;
}

/** The end to write to as a stream, which closes it. */
export function writeEnd(fd: number): Writable {
  return process.versions.bun ? createWriteStream("", { fd }) : socketOver({ fd, readable: false, writable: true });
}

/** The end to read from as a stream, which closes it. */
export function readStream(fd: number): Readable {
  return socketOver({ fd, readable: true, writable: false });
}

function socketOver(options: SocketConstructorOpts): Socket {
  const { Socket } = process.getBuiltinModule("node:net");
  return new Socket(options);
}
