/** Entries of a log as the bytes that a client reads, at its pace. */

import type { Writable } from "node:stream";
import type { LogEntry } from "../container/index.ts";
import { deliver } from "./frames.ts";

const lineEnd = Buffer.from("\n");

interface LineHeads {
  timestamps?: boolean;
  /** "" is none, which leaves its space. */
  details?: string | undefined;
}

/** Times and details begin a line, not the pieces of a long one. */
export function logWriter(
  sides: { stdout: Writable; stderr: Writable },
  { timestamps = false, details }: LineHeads,
): (entries: readonly LogEntry[]) => Promise<void> {
  const open = { stdout: false, stderr: false };
  const headOf = (time: string) => `${timestamps ? `${time} ` : ""}${details === undefined ? "" : `${details} `}`;
  const bytesOf = ({ stream, time, data, partial }: LogEntry): Uint8Array => {
    const head = open[stream] ? "" : headOf(time);
    open[stream] = partial ?? false;
    if (partial && head === "") return data; // a long log's output: not copied once more
    return Buffer.concat(partial ? [Buffer.from(head), data] : [Buffer.from(head), data, lineEnd]);
  };
  return async (entries) => {
    for (const entry of entries) await deliver(sides[entry.stream], bytesOf(entry));
  };
}
