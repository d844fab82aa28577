/**
 * Archives given by the user as a stream: when the stream is really a file, the file itself is read (by the worker, or at
 * any offset), and compressions that Node does not know go through the program that does.
 */
import { closeSync, fstatSync, openSync, ReadStream, readFileSync, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";
import type { TarSource } from "../layer/index.ts";

/** An open regular file behind a stream. */
export type FileRange = Exclude<TarSource, "stream"> & Disposable;

/** The regular file that a stream would read, from where it would read; undefined for pipes, sockets and anything begun. */
export function fileBehind(stream: Readable): FileRange | undefined {
  if (!(stream instanceof ReadStream) || stream.bytesRead > 0 || stream.readableDidRead) return undefined;
  const { fd: ownFd } = stream as unknown as { fd: number | null };
  const options = stream as unknown as { start?: number; end?: number };
  if (typeof ownFd !== "number" && typeof stream.path !== "string") return undefined;
  let fd: number;
  try {
    fd = openSync(typeof ownFd === "number" ? `/proc/self/fd/${ownFd}` : (stream.path as string), "r");
  } catch {
    return undefined; // the stream itself will say why
  }
  const stats = fstatSync(fd);
  const start = options.start ?? (typeof ownFd === "number" ? filePosition(ownFd) : 0);
  if (!stats.isFile() || (options.end ?? Number.POSITIVE_INFINITY) < stats.size - 1) {
    closeSync(fd);
    return undefined;
  }
  stream.destroy();
  return { fd, start, end: stats.size, [Symbol.dispose]: () => closeSync(fd) };
}

/** proc(5), /proc/PID/fdinfo: "pos:\t123" */
function filePosition(fd: number): number {
  return Number(/^pos:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? 0);
}

const programs = [
  { mark: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), program: "xz" },
  { mark: Buffer.from("BZh"), program: "bzip2" },
] as const;

/** The program that unpacks data beginning like this; undefined for what the worker reads by itself. */
export function externalCompression(head: Buffer): "xz" | "bzip2" | undefined {
  return programs.find(({ mark }) => head.subarray(0, mark.length).equals(mark))?.program;
}

/** True when a file needs a program to be unpacked. */
export function isForeign({ fd, start }: FileRange): boolean {
  const head = Buffer.alloc(6);
  return externalCompression(head.subarray(0, readSync(fd, head, 0, head.length, start))) !== undefined;
}

/** The bytes of a file, or of a part of it. */
export function readRange({ fd, start, end }: Exclude<TarSource, "stream">): AsyncIterable<Uint8Array> {
  const { createReadStream } = process.getBuiltinModule("node:fs");
  // A stream of no bytes cannot be asked for by an inclusive end.
  return end > start
    ? createReadStream("", { fd, autoClose: false, start, end: end - 1, highWaterMark: 1 << 20 })
    : (async function* () {})();
}

/** Bytes of a stream, unpacked when they are xz or bzip2. */
export async function* readInput(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = stream[Symbol.asyncIterator]();
  const { head, ended } = await readHead(source, 6);
  const whole = async function* () {
    if (head.length > 0) yield head;
    if (!ended) yield* { [Symbol.asyncIterator]: () => source };
  };
  const program = externalCompression(head);
  yield* program ? throughProgram(program, whole()) : whole();
}

async function readHead(source: AsyncIterator<Uint8Array>, wanted: number): Promise<{ head: Buffer; ended: boolean }> {
  let head = Buffer.alloc(0);
  while (head.length < wanted) {
    const { value, done } = await source.next();
    if (done) return { head, ended: true };
    head = Buffer.concat([head, value]);
  }
  return { head, ended: false };
}

async function* throughProgram(name: string, input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const program = findProgram(name);
  if (!program)
    throw new EngineError("archive", `cannot decompress the archive: it needs the program "${name}"`, {
      hint: `install "${name}" or decompress the archive first`,
    });
  const child = spawnProcess(program, ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  let message = "";
  child.stderr!.on("data", (chunk: Buffer) => (message += chunk.toString().slice(0, 1000)));
  child.stdin!.on("error", () => {}); // EPIPE: its status tells
  const { Readable } = process.getBuiltinModule("node:stream");
  const pump = Readable.from(input);
  pump.on("error", (error) => child.stdout!.destroy(error));
  pump.pipe(child.stdin!);
  try {
    yield* child.stdout! as AsyncIterable<Uint8Array>;
    if ((await closed) !== 0) throw new EngineError("archive", `cannot decompress the archive: ${name}: ${message.trim()}`);
  } finally {
    child.kill();
    pump.destroy();
  }
}
