/**
 * Two streams in one, as docker's clients read them (Engine API, "Attach to a container", "Stream format"): each piece has a
 * head of eight bytes, whose first says which stream it is of and whose last four how long it is.
 */
import { type Duplex, Writable } from "node:stream";

const kinds = { stdout: 1, stderr: 2 } as const;
const headLength = 8; // bytes

/** The head of a piece. */
export function frameHead(stream: keyof typeof kinds, length: number): Buffer {
  const head = Buffer.alloc(headLength);
  writeHead(head, 0, stream, length);
  return head;
}

function writeHead(target: Buffer, at: number, stream: keyof typeof kinds, length: number): void {
  target.writeUInt32BE(kinds[stream] * 0x1000000, at);
  target.writeUInt32BE(length, at + 4);
}

/** What is written here goes to the target in frames, at the pace at which the target takes it. */
export function framed(target: Writable, stream: keyof typeof kinds): Writable {
  return passing(target, (chunk, done) => {
    target.cork();
    target.write(frameHead(stream, chunk.length));
    target.write(chunk, done);
    target.uncork();
  });
}

/** The same with a frame for each line, as docker sends a log: clients take what a frame holds for a line. */
export function framedLines(target: Writable, stream: keyof typeof kinds): Writable {
  return passing(target, (chunk, done) => target.write(inFrames(chunk, stream), done));
}

const lineFeed = 10;

/** One buffer for all: a line may be two bytes. */
function inFrames(chunk: Buffer, stream: keyof typeof kinds): Buffer {
  const ends = endsOfLines(chunk);
  const frames = Buffer.allocUnsafe(chunk.length + headLength * ends.length);
  let from = 0;
  let at = 0;
  for (const end of ends) {
    writeHead(frames, at, stream, end - from);
    chunk.copy(frames, at + headLength, from, end);
    at += headLength + end - from;
    from = end;
  }
  return frames;
}

/** Behind each, and behind the part of a line at the end. */
function endsOfLines(chunk: Buffer): number[] {
  const ends: number[] = [];
  for (let end = chunk.indexOf(lineFeed) + 1; end > 0; end = chunk.indexOf(lineFeed, end) + 1) ends.push(end);
  if (chunk.length > (ends.at(-1) ?? 0)) ends.push(chunk.length);
  return ends;
}

/** The same without frames: of a terminal there is one stream. */
export function unframed(target: Writable): Writable {
  return passing(target, (chunk, done) => target.write(chunk, done));
}

/** Its end is not the target's, and a target that is gone takes everything. */
function passing(target: Writable, write: (chunk: Buffer, done: (error?: Error | null) => void) => void): Writable {
  return new Writable({
    highWaterMark: 0,
    write(chunk: Buffer, _encoding, done) {
      if (target.destroyed || target.writableEnded) done();
      else write(chunk, () => done());
    },
  });
}

/** Writes; resolves when the target has taken it, or is gone. */
export function deliver(target: Writable | undefined, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (!target || target.destroyed || target.writableEnded) return resolve();
    // Of what is written to an answer between the end of its connection and "close" Node tells nobody.
    target.once("close", resolve);
    target.write(bytes, () => {
      target.off("close", resolve);
      resolve();
    });
  });
}

/** Takes everything, and keeps nothing. */
export function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

export interface Shown {
  stdout: boolean;
  stderr: boolean;
}

export interface Sides {
  stdout: Writable;
  stderr: Writable;
}

/** Both as they are, in the order in which they come. */
export function plainSidesOf(connection: Writable, { stdout, stderr }: Shown): Sides {
  return { stdout: stdout ? unframed(connection) : nowhere(), stderr: stderr ? unframed(connection) : nowhere() };
}

/** The sides of a session on a connection. */
export function sidesOf(connection: Writable, tty: boolean, { stdout, stderr }: Shown, frames = framed): Sides {
  if (tty) {
    const whole = unframed(connection);
    return { stdout: stdout || stderr ? whole : nowhere(), stderr: whole };
  }
  return { stdout: stdout ? frames(connection, "stdout") : nowhere(), stderr: stderr ? frames(connection, "stderr") : nowhere() };
}

/** Resolves when a connection is closed, by whom ever. */
export function closed(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (connection.destroyed) resolve();
    else connection.once("close", () => resolve());
  });
}
