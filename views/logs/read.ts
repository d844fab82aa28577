/** From the engine's log entries, or any stream that may pour, to a line buffer, with the keyboard alive meanwhile. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { toEngineError } from "../../engine/errors.ts";
import type { LogEntry } from "../../engine/index.ts";
import type { LineBuffer } from "./line-buffer.ts";

/** Milliseconds of work before keys and drawing get their turn. */
const slice = 8;

/**
 * A stream whose entries are all there already is consumed without a turn of the event loop: keys would wait for its
 * last one. Await the result between entries where there is one.
 */
export function turns(): () => Promise<void> | undefined {
  let since = performance.now();
  let count = 0;
  return () => {
    if (++count % 32 !== 0 || performance.now() - since < slice) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}

/** Appends entries until they or the signal end; parts of a long line become one. Never rejects: the last line says why. */
export async function readLog(batches: AsyncIterable<LogEntry[]>, buffer: Pick<LineBuffer, "push">, signal: AbortSignal): Promise<void> {
  const decoder = new TextDecoder();
  const turn = turns();
  let part = "";
  try {
    for await (const entries of batches) {
      for (const entry of entries) {
        if (signal.aborted) return;
        const text = part + decoder.decode(entry.data);
        part = entry.partial ? text : "";
        if (!entry.partial) buffer.push({ text, time: entry.time, stream: entry.stream });
        const pause = turn();
        if (pause) await pause;
      }
    }
    if (part) buffer.push({ text: part });
  } catch (error) {
    if (!signal.aborted) buffer.push({ text: toEngineError(error).message });
  }
}
