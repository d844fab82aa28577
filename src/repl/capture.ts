/** Streams that keep what a command writes, so that a variable or a condition can have it. */
import { Readable, Writable } from "node:stream";
import type { Io } from "../commands/command.ts";

/** More than this is no text to compare; it goes to a file. */
const limit = 16 << 20;

export interface Capture {
  io: Io;
  /** Also for `output` events. */
  write(stream: "stdout" | "stderr", data: Uint8Array): void;
  /** Standard output and error in the order of arrival, as text without the last line end. */
  text(): string;
}

/** An io port without terminal or input, whose output is kept. */
export function captureIo(io: Io): Capture {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const keep = (data: Uint8Array) => {
    if (size < limit) chunks.push(Uint8Array.from(data));
    size += data.length;
  };
  const sink = () =>
    new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        keep(chunk);
        done();
      },
    });
  return {
    io: { ...io, streams: { stdin: Readable.from([]), stdout: sink(), stderr: sink() } },
    write: (_stream, data) => keep(data),
    text: () =>
      Buffer.concat(chunks)
        .toString()
        .replace(/\r?\n$/, ""),
  };
}
