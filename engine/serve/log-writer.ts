/** Entries of a log as the bytes that a client reads, at its pace. */

import type { Writable } from "node:stream";
import type { LogEntry } from "../container/index.ts";
import { deliver } from "./frames.ts";

const lineEnd = Buffer.from("\n");

/** Times begin a line, not the pieces of a long one. */
export function logWriter(
  sides: { stdout: Writable; stderr: Writable },
  timestamps: boolean,
): (entries: readonly LogEntry[]) => Promise<void> {
  const open = { stdout: false, stderr: false };
  const bytesOf = ({ stream, time, data, partial }: LogEntry): Uint8Array => {
    const head = timestamps && !open[stream] ? Buffer.from(`${time} `) : Buffer.alloc(0);
    open[stream] = partial ?? false;
    return Buffer.concat(partial ? [head, data] : [head, data, lineEnd]);
  };
  return async (entries) => {
    for (const entry of entries) await deliver(sides[entry.stream], bytesOf(entry));
  };
}
