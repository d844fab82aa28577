/** `logs CONTAINER until PATTERN [TIMEOUT]`: shows a log until something stands in it. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { resolve } from "../../commands/execute.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { put } from "../../print.ts";
import { plainScreen, renderEvents } from "../../render-events.ts";
import {
  bindMatch,
  contextOf,
  type Frame,
  type Output,
  outOfTime,
  patternsOf,
  pointAt,
  streamsInto,
  type Taken,
  Unread,
  unexpected,
} from "../frame/index.ts";
import type { Of } from "../language/index.ts";
import type { Session } from "../session.ts";

/** @throws EngineError `timeout`, or `expectation` when the log ends without it */
export async function runLogsUntil(_session: Session, statement: Of<"logs-until">, frame: Frame): Promise<void> {
  const { variables, text, place } = frame;
  const patterns = await patternsOf(statement.patterns, frame);
  const limit = statement.timeout && (await variables.expandWord(statement.timeout, text, place.engine));
  const milliseconds = limit === undefined ? undefined : parseMilliseconds(limit);
  if (limit !== undefined && milliseconds === undefined)
    throw pointAt(new EngineError("syntax", `until needs a duration such as 30s, not "${limit}"`), statement.timeout);
  const over = milliseconds === undefined ? undefined : AbortSignal.timeout(milliseconds);
  const { words } = await variables.commandWords(statement.words, text, place.engine);
  const taken = await follow([words[0]!, "--follow", ...words.slice(1)], patterns, frame, over);
  if (taken) return bindMatch(frame, taken);
  frame.signal.throwIfAborted();
  const wanted = text.source.slice(statement.patterns[0]!.start, statement.patterns.at(-1)!.end);
  if (over?.aborted) throw pointAt(outOfTime(`the log had no ${wanted} within ${limit}`), statement.patterns[0]);
  throw pointAt(unexpected(`the log ended without ${wanted}`), statement.patterns[0]);
}

async function follow(
  words: string[],
  patterns: readonly RegExp[],
  frame: Frame,
  over: AbortSignal | undefined,
): Promise<Taken | undefined> {
  const enough = new AbortController();
  const signal = AbortSignal.any([frame.signal, enough.signal, ...(over ? [over] : [])]);
  const output: Output = frame.place.output ?? { put: (data, stream) => put(stream, data) };
  const unread = { stdout: new Unread(), stderr: new Unread() };
  const looks = { stdout: { upTo: 0 }, stderr: { upTo: 0 } };
  let taken: Taken | undefined;
  const show = async (data: string | Uint8Array, stream: "stdout" | "stderr" = "stdout") => {
    if (taken) return;
    unread[stream].write(Buffer.from(data));
    taken = unread[stream].take(patterns, looks[stream]);
    await output.put(data, stream);
    if (taken) enough.abort();
  };
  const context = contextOf({ ...frame, signal }, { ...frame.place.io, streams: streamsInto({ put: show }, frame.place.io.streams) });
  const notices = plainScreen((data) => output.put(data, "stderr"));
  try {
    await renderEvents(context, await resolve(words), { notices, output: show, row: (data) => show(data), result: (data) => show(data) });
  } catch (error) {
    if (toEngineError(error).code !== "cancelled" || frame.signal.aborted) throw error;
  }
  return taken;
}
