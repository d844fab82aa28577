/**
 * The only writer of the terminal. Short text goes straight to the descriptor (opening process.stdout costs what `ps`
 * takes); streams that need back-pressure use process.stdout and process.stderr, which are opened on first use.
 */
import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { EngineError } from "../engine/errors.ts";

export type Target = "stdout" | "stderr";

const descriptors: Record<Target, 1 | 2> = { stdout: 1, stderr: 2 };

/** The reader went away (`berth ps | head -1`): writing on is pointless, and no reason to complain. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

/** Writes all of it before it returns, or as much as the reader takes later when the descriptor is non-blocking. */
export function write(target: Target, data: string | Uint8Array): void {
  let bytes = typeof data === "string" ? Buffer.from(data) : data;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptors[target], bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") throw new ReaderGone();
      if (code !== "EAGAIN") throw cannotWrite(target, error as Error);
      void streamOf(target).write(bytes); // somebody made the terminal non-blocking: let the stream wait for it
      return;
    }
  }
}

function cannotWrite(target: Target, cause: Error): EngineError {
  const hint = target === "stdout" ? "look where the output was sent to" : undefined;
  return new EngineError("system", `cannot write to standard ${target === "stdout" ? "output" : "error"}: ${cause.message}`, {
    cause,
    hint,
    exit: 1,
  });
}

/** Writes a chunk of a byte stream; resolves when the reader has taken it. */
export function writeSlowly(target: Target, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => void streamOf(target).write(data, () => resolve()));
}

const streams = new Map<Target, Writable>();

/** This process's stdout or stderr as a stream, deaf to EPIPE. */
export function streamOf(target: Target): Writable {
  let stream = streams.get(target);
  if (!stream) {
    stream = target === "stdout" ? process.stdout : process.stderr;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" && target === "stderr") return;
      if (error.code === "EPIPE") process.exit(141); // as SIGPIPE would end a program in C
      if (target === "stdout") write("stderr", `berth: ${cannotWrite(target, error).message}\n`);
      process.exit(1);
    });
    streams.set(target, stream);
  }
  return stream;
}

const terminals = new Map<number, boolean>();

/** Is the descriptor a terminal? Anything but a character device is answered without loading node:tty. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  let known = terminals.get(fd);
  if (known === undefined) terminals.set(fd, (known = look(fd)));
  return known;
}

function look(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(fd);
  } catch {
    return false; // closed
  }
}

/** Colours where a person reads: on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says otherwise. */
export function hasColour(target: Target): boolean {
  const { NO_COLOR, TERM } = process.env;
  return !NO_COLOR && TERM !== "dumb" && isTerminal(descriptors[target]);
}

/** Columns and rows of the terminal behind a target; 80 × 24 when it is none. */
export function sizeOf(target: Target): { columns: number; rows: number } {
  const { columns, rows } = streamOf(target) as Partial<NodeJS.WriteStream>;
  return { columns: columns || 80, rows: rows || 24 }; // 0 × 0 is what a terminal has that nobody gave a size
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Style = keyof typeof codes;
export type Paint = (style: Style, text: string) => string;

/** Wraps text in SGR codes, or leaves it. */
export function painter(colour: boolean): Paint {
  return colour ? (style, text) => `\x1b[${codes[style]}m${text}\x1b[0m` : (_style, text) => text;
}
