/** Functions of a script: `func NAME(A, B) { … }`, called as a command is. */
import { EngineError } from "../../../engine/errors.ts";
import type { Of, Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import type { Frame } from "./frame.ts";
import { passage, placeAt, pointAt } from "./place.ts";
import type { SourceText } from "./variables.ts";

/** Calls in calls: deeper is a function that calls itself for ever. */
const deepest = 100;

export interface ScriptFunction extends Of<"func"> {
  text: SourceText;
}

/** What a call must fulfil; a text for what is wrong with it. */
export function wrongCall({ name, parameters }: Pick<ScriptFunction, "name" | "parameters">, count: number): string | undefined {
  if (count === parameters.length) return undefined;
  return `${name} takes ${parameters.length === 1 ? "1 value" : `${parameters.length} values`} (${parameters.join(", ")}), not ${count}`;
}

/** Calls a function; gives what it returns, or "". What it binds is its own; it reads the script's variables. */
export async function callFunction(session: Session, func: ScriptFunction, given: unknown[], frame: Frame, word: Word): Promise<unknown> {
  const wrong = wrongCall(func, given.length);
  if (wrong) throw pointAt(new EngineError("usage", wrong), word);
  if (frame.passages.length >= deepest)
    throw placeAt(new EngineError("invalid", `cannot call ${func.name}: ${deepest} calls are in each other already`), word, frame);
  const variables = frame.variables.outermost.inner();
  for (const [at, name] of func.parameters.entries()) variables.set(name, given[at]);
  const passages = [passage(frame.text, word, `func ${func.name}`), ...frame.passages];
  const leap = await session.block(func.body, { ...frame, text: func.text, variables, passages, defers: [] });
  return leap?.kind === "return" ? leap.value : "";
}
