/**
 * The k8s-file log (CRI logging format): one line per line of output, `TIME STREAM F|P TEXT`, where P marks a part that
 * goes on in the next line of that stream. conmon writes it; berth writes the same for containers it runs itself.
 */

import type { LogEntry } from "../types.ts";
import { encodeText } from "./encode-text.ts";
import { Head, viewOf } from "./log-head.ts";
import { type NativeLines, nativeLines } from "./native/index.ts";

const newline = 0x0a;
const space = 0x20;
const [e, o, P] = [0x65, 0x6f, 0x50];
/** Bytes of output per log line: conmon's buffer. */
const longest = 8192;
/** Up to this many bytes are searched or copied in a loop: calling a native function takes longer. */
const few = 64;

/** Bytes of the buffer in which log lines are put together: large, so that there are few system calls. */
const encoded = Buffer.allocUnsafeSlow(256 * 1024);
const encodedView = viewOf(encoded);
const encodedHead = new Head();

/**
 * The log lines of a chunk of output, in pieces that are the caller's until the next one. Pure.
 * @param time RFC 3339
 */
export function* encodeLog(stream: "stdout" | "stderr", chunk: Uint8Array, time: string, native = nativeLines(chunk)): Generator<Buffer> {
  if (!native && process.versions.bun) return yield* encodeText(stream, chunk, time, longest);
  const size = encoded.write(`${time} ${stream} F `, "latin1");
  encodedHead.take(encodedView, 0, size);
  const head = native && Buffer.from(encoded.subarray(0, size));
  for (let at = 0; at < chunk.length; ) {
    at = native ? encodeNative(native, head!, chunk, at) : encodeLines(chunk, at);
    yield encoded.subarray(0, filled);
  }
}

const place = new Uint32Array(1);

function encodeNative({ encode }: NativeLines, head: Buffer, chunk: Uint8Array, from: number): number {
  place[0] = from;
  filled = encode(head, head.length, longest, chunk, chunk.length, place, encoded, encoded.length);
  return place[0];
}

/** How much of `encoded` is. */
let filled = 0;

/** Fills `encoded`; returns how far it came. Apart from the generator, whose variables are slower to get at. */
function encodeLines(chunk: Uint8Array, from: number): number {
  const target = encoded;
  const full = target.length - encodedHead.length - longest;
  let [at, to] = [from, 0];
  while (at < chunk.length && to < full) {
    encodedHead.write(encodedView, to);
    const text = to + encodedHead.length;
    to = text;
    // A short line is copied while its end is looked for.
    const near = Math.min(chunk.length, at + few);
    while (at < near && chunk[at] !== newline) target[to++] = chunk[at++]!;
    if (at === near) {
      const found = chunk.indexOf(newline, at);
      const left = longest - (to - text);
      const whole = found >= 0 && found - at <= left;
      const end = whole ? found : Math.min(chunk.length, at + left);
      target.set(chunk.subarray(at, end), to);
      to += end - at;
      at = whole ? end + 1 : end;
      if (!whole) target[text - 2] = P;
    } else at++;
    target[to++] = newline;
  }
  filled = to;
  return at;
}

/** -1 when there is none. */
function endOfLine(bytes: Uint8Array, from: number): number {
  const near = Math.min(bytes.length, from + few);
  for (let at = from; at < near; at++) if (bytes[at] === newline) return at;
  return near === bytes.length ? -1 : bytes.indexOf(newline, near);
}

/** Returns where the copy ends. It may overlap what is copied when it lies before it. */
function copy(source: Uint8Array, from: number, end: number, target: Uint8Array, to: number): number {
  if (end - from > few) target.set(source.subarray(from, end), to);
  else for (let at = from; at < end; at++) target[to + at - from] = source[at]!;
  return to + end - from;
}

/** The entries of whole lines, which are copied; what is no entry is left out. Pure. */
export function decodeLog(given: Buffer): LogEntry[] {
  const lines = Buffer.from(given);
  const entries: LogEntry[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(newline, at);
    if (readHead(lines, at, end)) {
      const time = utc(lines.toString("latin1", at, head.timeEnd));
      const { stream, partial } = head;
      entries.push({ stream, time, data: lines.subarray(head.text, end), ...(partial && { partial }) });
    }
    at = end + 1;
  }
  return entries;
}

/**
 * The output that whole lines hold, as it was written: entries of one stream that follow each other are one.
 * @param lines are overwritten: a long log goes through one buffer
 */
export function decodeOutput(lines: Buffer, native = nativeLines(lines)): LogEntry[] {
  return native ? decodeNative(native, lines) : decodeLines(lines);
}

/** How far it was read, how far it is written, the stream, and how much of the time is there: see native/lines.c. */
const state = new Uint32Array(4);
const timeOfPiece = Buffer.alloc(64);

function decodeNative({ decode }: NativeLines, lines: Buffer): LogEntry[] {
  const pieces: LogEntry[] = [];
  state.fill(0);
  while (state[0]! < lines.length) {
    const from = state[1]!;
    decode(lines, lines.length, state, timeOfPiece, timeOfPiece.length);
    const [, to = 0, stream, length = 0] = state;
    if (to === from) continue; // no line of a log, or empty parts of one
    const time = utc(timeOfPiece.toString("latin1", 0, length));
    pieces.push({ stream: stream === o ? "stdout" : "stderr", time, data: lines.subarray(from, to), partial: true });
  }
  return pieces;
}

function decodeLines(lines: Buffer): LogEntry[] {
  const pieces: LogEntry[] = [];
  const view = viewOf(lines);
  const known = new Head();
  let stream: LogEntry["stream"] | undefined;
  let time = "";
  let from = 0;
  const finish = (to: number) => {
    if (stream && to > from) pieces.push({ stream, time, data: lines.subarray(from, to), partial: true });
    from = to;
  };
  let to = 0;
  for (let at = 0, end = 0; at < lines.length; at = end + 1) {
    if (known.isAt(view, at)) end = endOfLine(lines, at + known.length);
    else {
      end = endOfLine(lines, at);
      if (!readHead(lines, at, end)) {
        known.length = 0; // "head" holds no head of this file any more
        continue;
      }
      known.take(view, at, head.text - at);
      if (head.stream !== stream) {
        finish(to);
        stream = head.stream;
        time = utc(lines.toString("latin1", at, head.timeEnd));
      }
    }
    to = copy(lines, at + known.length, head.partial ? end : end + 1, lines, to);
  }
  finish(to);
  return pieces;
}

/** True when the line at a place is a part that goes on in a later one. Pure. */
export function isPartial(lines: Buffer, at: number, end: number): boolean {
  return readHead(lines, at, end)?.partial ?? false;
}

/** What stands before a line's text. One object for all lines: made anew by the million it fills the heap. */
const head = { timeEnd: 0, text: 0, stream: "stdout" as LogEntry["stream"], partial: false };

/** What stands before the text of a line, valid until the next call; undefined when it is no line of a log. */
export function readHead(lines: Buffer, at: number, end: number): Readonly<typeof head> | undefined {
  let timeEnd = at;
  while (timeEnd < end && lines[timeEnd] !== space) timeEnd++;
  const tag = timeEnd + " stdout ".length;
  const kind = lines[timeEnd + " std".length];
  if (tag >= end || lines[tag - 1] !== space || (kind !== o && kind !== e)) return undefined;
  let tagEnd = tag;
  while (tagEnd < end && lines[tagEnd] !== space) tagEnd++;
  head.timeEnd = timeEnd;
  head.text = tagEnd + 1;
  head.stream = kind === o ? "stdout" : "stderr";
  head.partial = lines[tag] === P;
  return tagEnd < end ? head : undefined;
}

/** conmon writes local time with its offset; docker's notation is UTC. */
export function utc(time: string): string {
  if (time.endsWith("Z")) return time;
  if (time.endsWith("+00:00")) return `${time.slice(0, -6)}Z`;
  const fraction = /\.\d+/.exec(time)?.[0] ?? "";
  const whole = new Date(time.replace(/\.\d+/, ""));
  return Number.isNaN(whole.getTime()) ? time : `${whole.toISOString().slice(0, 19)}${fraction}Z`;
}
