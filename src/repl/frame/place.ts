/** Where in a script an error lies: attached once, at the innermost statement, to the word that is wrong where that is known. */
import { EngineError, type Passage } from "../../../engine/errors.ts";
import { insteadOf, type Located, locate, type Parsed } from "../language/index.ts";
import type { Frame } from "./frame.ts";
import type { SourceText } from "./variables.ts";

/** Words that errors on their way to their statement are at. */
const words = new WeakMap<EngineError, number>();
/** Errors whose place is a statement's already. */
const placed = new WeakSet<EngineError>();

/** Says which word of the source an error is about, unless something further inside has. */
export function pointAt(error: EngineError, word: { start: number } | undefined): EngineError {
  if (word && !words.has(error) && error.location === undefined) words.set(error, word.start);
  return error;
}

/** What goes wrong in it is at a word of the source. */
export async function pointingAt<Result>(word: { start: number } | undefined, doing: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await doing();
  } catch (error) {
    throw error instanceof EngineError ? pointAt(error, word) : error;
  }
}

/** The word that an error is about, where that is known. */
export function wordAt(error: EngineError): { start: number } | undefined {
  const start = words.get(error);
  return start === undefined ? undefined : { start };
}

/** For an error that a source had before any of it ran. */
export function placeAsIs(error: EngineError, passages: readonly Passage[]): EngineError {
  placed.add(error);
  if (error.location && passages.length > 0) error.location = { ...error.location, through: passages };
  return error;
}

/** Gives an error the place of its statement, or of the word that it is about. */
export function placeAt(
  error: EngineError,
  statement: Located | Parsed,
  { text, passages }: Pick<Frame, "text" | "passages">,
): EngineError {
  if (placed.has(error) || error.code === "cancelled") return error;
  const through = passages.length > 0 ? { through: passages } : {};
  const own = error.location?.source === text.source && error.location.file === text.file ? error.location : undefined;
  const location = { ...(own ?? locate(text.source, text.file, words.get(error) ?? statement.start)), ...through };
  const elsewhere = error.location && !own ? `${error.location.file}:${error.location.line}:${error.location.column}: ` : "";
  const { code, message, exit, suggestion, details } = error;
  const hint = ("kind" in statement && insteadOf(statement, text.source, error)) || error.hint;
  const found = new EngineError(code, `${elsewhere}${message}`, { cause: error, hint, exit, suggestion, details, location });
  placed.add(found);
  return found;
}

/** What commands, programs and paths are given ends at a NUL: they would get less than it is. @throws EngineError `invalid` */
export function uncut(text: string, word: { start: number } | undefined): string {
  if (!text.includes("\0")) return text;
  throw pointAt(new EngineError("invalid", "a command, a program or a path cannot be given a NUL"), word);
}

/** A call, or a file that is read, as errors within tell it. */
export function passage({ source, file }: SourceText, { start }: Located, into: string): Passage {
  const { line, column } = locate(source, file, start);
  return { file, line, column, into };
}
