/** Statements that hold statements: conditions and loops. */
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { EngineError } from "../../engine/errors.ts";
import { unmet } from "./expectation.ts";
import { isValue } from "./parse-check.ts";
import type { Session } from "./session.ts";
import type { Parsed } from "./statement.ts";
import type { SourceText } from "./variables.ts";

type If = Extract<Parsed, { kind: "if" }>;
type While = Extract<Parsed, { kind: "while" }>;
type For = Extract<Parsed, { kind: "for" }>;
type Repeat = Extract<Parsed, { kind: "repeat" }>;

/** Items of `1..100000` at most: a slip is not a hang. */
const mostItems = 1_000_000;

export async function runFlow(
  session: Session,
  statement: If | While | For | Repeat,
  text: SourceText,
  signal: AbortSignal,
): Promise<void> {
  switch (statement.kind) {
    case "if": {
      const holds = (await unmet(session, statement.test, text, signal)) === undefined;
      return session.block(holds ? statement.body : statement.otherwise, text, signal);
    }
    case "while":
      while ((await unmet(session, statement.test, text, signal)) === undefined)
        if (!(await turn(session, statement.body, text, signal))) return;
      return;
    case "for":
      for (const item of await items(session, statement, text)) {
        session.variables.set(statement.name, item);
        if (!(await turn(session, statement.body, text, signal))) return;
      }
      return;
    case "repeat":
      return repeat(session, statement, text, signal);
  }
}

/** One turn of a loop; false when it was the last. */
async function turn(session: Session, body: Parsed[], text: SourceText, signal: AbortSignal): Promise<boolean> {
  await nextTurn(); // Ctrl-C reaches a loop that waits for nothing
  signal.throwIfAborted();
  await session.block(body, text, signal);
  const { jump } = session;
  session.jump = undefined;
  return jump !== "break" && session.exitStatus === undefined;
}

/** Words; a variable that stands alone gives its items or its words, `1..5` the numbers. */
async function items(session: Session, { words }: For, text: SourceText): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const word of words) {
    const list = await session.variables.list(word, text, session.engine);
    if (list) {
      all.push(...list);
      continue;
    }
    const plain = await session.variables.expandWord(word, text, session.engine);
    if (isValue([word]) && !word.quoted) {
      all.push(...plain.split(/\s+/).filter(Boolean));
      continue;
    }
    const [, from, to] = word.quoted ? [] : (/^(\d+)\.\.(\d+)$/.exec(plain) ?? []);
    if (from === undefined) all.push(plain);
    else all.push(...range(Number(from), Number(to)));
  }
  return all;
}

function range(from: number, to: number): string[] {
  const count = Math.abs(to - from) + 1;
  if (count > mostItems) throw new EngineError("syntax", `${from}..${to} are ${count} numbers: more than ${mostItems}`);
  return Array.from({ length: count }, (_, at) => String(from + Math.sign(to - from) * at));
}

async function repeat(session: Session, statement: Repeat, text: SourceText, signal: AbortSignal): Promise<void> {
  const count = statement.count && (await session.variables.expandWord(statement.count, text, session.engine));
  if (count !== undefined && !/^\d+$/.test(count)) throw new EngineError("syntax", `repeat needs a number of times, not "${count}"`);
  for (let left = count === undefined ? Number.POSITIVE_INFINITY : Number(count); left > 0; left--) {
    const started = Date.now();
    if (!(await turn(session, statement.body, text, signal))) return;
    const rest = statement.every === undefined || left === 1 ? 0 : statement.every - (Date.now() - started);
    if (rest > 0) await delay(rest, undefined, { signal });
  }
}
