/** The streams of what runs without a terminal. */
import { PassThrough, Writable } from "node:stream";
import type { Streams } from "../engine/index.ts";

/** It reads nothing, and all that it writes goes the same way. */
export function streamsInto(write: (chunk: Buffer) => void): Streams {
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        write(chunk);
        done();
      },
    });
  const stdin = new PassThrough();
  stdin.end();
  return { stdin, stdout: sink(), stderr: sink() };
}
