/** Statements that hold statements and run them one after the other: conditions, loops, what is done about failures and time. */
import { setTimeout as delay } from "node:timers/promises";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { ReaderGone } from "../../print.ts";
import { breathe, type Frame, isBreathDue, type Leap, outOfTime, pointAt, statusOf } from "../frame/index.ts";
import { type Items, isValue, type Of, type Parsed, type Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import { unmet } from "./expectation.ts";
import { mostItems, rowsOf, valueOfLine } from "./run-line.ts";

type Left = Promise<Leap | undefined>;

export async function runIf(session: Session, { test, body, otherwise }: Of<"if">, frame: Frame): Left {
  const holds = (await unmet(session, test, frame)) === undefined;
  return session.block(holds ? body : otherwise, frame);
}

export async function runWhile(session: Session, { test, body }: Of<"while">, frame: Frame): Left {
  while ((await unmet(session, test, frame)) === undefined) {
    const leap = await turn(session, body, frame);
    if (leap) return left(leap);
  }
  return undefined;
}

export async function runFor(session: Session, { name, body, ...items }: Of<"for">, frame: Frame): Left {
  for (const item of await valuesOf(session, items, frame)) {
    frame.variables.set(name, item);
    const leap = await turn(session, body, frame);
    if (leap) return left(leap);
  }
  return undefined;
}

/** One turn of a loop; what leaves the loop, if anything does. */
async function turn(session: Session, body: Parsed[], frame: Frame): Left {
  if (isBreathDue()) await breathe(frame);
  frame.signal.throwIfAborted();
  const leap = await session.block(body, frame);
  return leap?.kind === "continue" ? undefined : leap;
}

/** `break` has done its work when its loop is left; what returns or exits goes on. */
function left(leap: Leap): Leap | undefined {
  return leap.kind === "break" ? undefined : leap;
}

/** The items of a loop: words, where a variable that stands alone gives its items and `1..5` the numbers; or the rows of a command. */
export async function valuesOf(session: Session, { words, rows }: Items, frame: Frame): Promise<readonly unknown[]> {
  if (rows) return rowsOf(session, rows, frame);
  const { variables, text, place } = frame;
  const all: unknown[] = [];
  for (const word of words) {
    if (isValue([word]) && !word.quoted) {
      for (const item of await variables.items(word, text, place.engine)) all.push(item);
      continue;
    }
    const plain = await variables.expandWord(word, text, place.engine);
    const [, from, to] = word.quoted ? [] : (/^(\d+)\.\.(\d+)$/.exec(plain) ?? []);
    if (from === undefined) all.push(plain);
    else for (const number of range(word, Number(from), Number(to))) all.push(number);
  }
  return all;
}

function range(word: Word, from: number, to: number): string[] {
  const count = Math.abs(to - from) + 1;
  if (count > mostItems) throw pointAt(new EngineError("syntax", `${from}..${to} are ${count} numbers: more than ${mostItems}`), word);
  return Array.from({ length: count }, (_, at) => String(from + Math.sign(to - from) * at));
}

/** What `return` gives back: nothing, a value, a text of several words, or what a command gives. */
export async function valueOfItems(session: Session, { words, rows }: Items, frame: Frame): Promise<unknown> {
  const { variables, text, place } = frame;
  if (rows) return valueOfLine(session, rows, frame);
  if (words.length === 1) return variables.whole(words[0]!, text, place.engine);
  return (await variables.expand(words, text, place.engine)).join(" ");
}

export async function runRepeat(session: Session, { count, every, body }: Of<"repeat">, frame: Frame): Left {
  for (let rest = count ? await times(count, "repeat", frame) : Number.POSITIVE_INFINITY; rest > 0; rest--) {
    const started = Date.now();
    const leap = await turn(session, body, frame);
    if (leap) return left(leap);
    if (rest > 1) await pause(every, started, frame);
  }
  return undefined;
}

async function pause(every: number | undefined, started: number, { signal }: Frame): Promise<void> {
  const rest = (every ?? 0) - (Date.now() - started);
  if (rest > 0) await delay(rest, undefined, { signal });
}

async function times(word: Word, what: string, { variables, text, place }: Frame): Promise<number> {
  const count = await variables.expandWord(word, text, place.engine);
  if (/^\d+$/.test(count)) return Number(count);
  throw pointAt(new EngineError("syntax", `${what} needs a number of times, not "${count}"`), word);
}

/** Until it goes well, a number of times at most; the last failure is the failure. */
export async function runRetry(session: Session, { count, every, body }: Of<"retry">, frame: Frame): Left {
  for (let rest = Math.max(1, await times(count, "retry", frame)); ; rest--) {
    const started = Date.now();
    try {
      return await session.block(body, frame);
    } catch (error) {
      if (rest <= 1 || isFinal(error, frame)) throw error;
    }
    await pause(every, started, frame);
    await breathe(frame);
  }
}

/** No attempt, nor a `catch`, is for the end of the session itself. */
function isFinal(error: unknown, { signal }: Frame): boolean {
  return error instanceof ReaderGone || signal.aborted;
}

export async function runTry(session: Session, { body, name, otherwise }: Of<"try">, frame: Frame): Left {
  try {
    return await session.block(body, frame);
  } catch (error) {
    if (isFinal(error, frame)) throw error;
    if (name !== undefined) frame.variables.set(name, caught(toEngineError(error)));
    return session.block(otherwise, frame);
  }
}

/** What `catch e` binds: as text the message. */
function caught(error: EngineError): object {
  const { code, message, hint, location } = error;
  return {
    Text: message,
    message,
    code,
    hint,
    status: statusOf(error),
    file: location?.file,
    line: location?.line,
    column: location?.column,
  };
}

export async function runTimeout(session: Session, { duration, body }: Of<"timeout">, frame: Frame): Left {
  const text = await frame.variables.expandWord(duration, frame.text, frame.place.engine);
  const milliseconds = parseMilliseconds(text);
  if (milliseconds === undefined) throw pointAt(new EngineError("syntax", `timeout needs a duration such as 30s, not "${text}"`), duration);
  const over = AbortSignal.timeout(milliseconds);
  let leap: Leap | undefined;
  try {
    leap = await session.block(body, { ...frame, signal: AbortSignal.any([frame.signal, over]) });
  } catch (error) {
    if (error instanceof ReaderGone || !over.aborted || frame.signal.aborted) throw error;
  }
  if (!over.aborted) return leap;
  frame.signal.throwIfAborted();
  throw pointAt(outOfTime(`it took longer than ${text}`), duration);
}
