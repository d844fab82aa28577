/**
 * A logical line taken apart into keyword, flags and arguments, by the argument shape that the instruction's table entry
 * names. Still words: instructions/*.ts turn a statement into a typed instruction.
 */
import { EngineError, type SourceLocation } from "../errors.ts";
import type { LogicalLine } from "./lines.ts";
import { locateOffset } from "./lines.ts";
import { type Advice, fail, type Source } from "./source.ts";
import { isSpace, trimSpace } from "./space.ts";
import type { Heredoc, InstructionBase } from "./types.ts";
import { parseJsonArray, splitBlanks, splitFlags, splitKeyword, splitQuoted, trim, type Word } from "./words.ts";

/**
 * How an instruction's arguments are cut up:
 * - blanks: at white space; - text: one argument, the rest of the line; - json-or-text, json-or-blanks: a JSON array of
 * strings, else as said; - pairs: quoted words of the form name=value, or the legacy `name value`; - quoted: quoted
 * words; - health: a type, then json-or-text; - trigger: another instruction.
 */
export type ArgumentShape = "blanks" | "text" | "json-or-text" | "json-or-blanks" | "pairs" | "quoted" | "health" | "trigger";

export interface Statement {
  /** As written. */
  keyword: Word;
  flags: Word[];
  args: Word[];
  /** The arguments were a JSON array. */
  json: boolean;
  /** The `name value` form of ENV and LABEL: two arguments. */
  legacy: boolean;
  /** All behind the flags. */
  rest: Word;
  /** Filled in by the parser once the bodies are read. */
  heredocs: Heredoc[];
  base: InstructionBase;
  locate(word?: Word): SourceLocation;
  /** Fails at a word of the statement, by default at its keyword. */
  fail(message: string, word?: Word, advice?: Advice): never;
  /** Runs what may throw an unlocated error of the lexer; its error is located at the statement. */
  attempt<T>(run: () => T): T;
}

export interface StatementContext {
  source: Source;
  line: LogicalLine;
  escape: string;
  /** The keyword's table entry: its shape, and its usage as the hint of errors that bring none. Undefined: unknown. */
  specOf(keyword: string): { shape: ArgumentShape; usage: readonly string[] } | undefined;
}

/** @param text the statement's part of the line: all of it, or for a trigger what follows ONBUILD */
export function parseStatement(text: Word, context: StatementContext): Statement {
  const { source, line } = context;
  const { keyword, rest: afterKeyword } = splitKeyword(text);
  const { flags, rest } = splitFlags(afterKeyword);
  const locate = (word: Word = keyword) => locateOffset(source, line, word.offset, line.endLine);
  const spec = context.specOf(keyword.text);
  const statement: Statement = {
    keyword,
    flags,
    rest,
    args: [],
    json: false,
    legacy: false,
    heredocs: [],
    base: { keyword: keyword.text, original: trimSpace(text.text), location: locate(), comments: line.comments },
    locate,
    fail(message, word, advice) {
      const usage = spec?.usage[0];
      return fail(message, locate(word), { ...advice, hint: advice?.hint ?? (usage && `write ${usage}`) });
    },
    attempt: (run) => attempt(run, locate),
  };
  if (spec) shapes[spec.shape](statement, context.escape);
  return statement;
}

function attempt<T>(run: () => T, locate: () => SourceLocation): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EngineError) error.location ??= locate();
    throw error;
  }
}

const shapes: Record<ArgumentShape, (statement: Statement, escapeToken: string) => void> = {
  blanks(statement) {
    statement.args = splitBlanks(statement.rest);
  },
  text(statement) {
    if (statement.rest.text !== "") statement.args = [statement.rest];
  },
  "json-or-text"(statement) {
    if (!takeJson(statement, statement.rest)) shapes.text(statement, "");
  },
  "json-or-blanks"(statement) {
    if (!takeJson(statement, statement.rest)) shapes.blanks(statement, "");
  },
  quoted(statement, escapeToken) {
    statement.args = splitQuoted(statement.rest, escapeToken);
  },
  pairs: parsePairs,
  health: parseHealth,
  trigger(statement) {
    if (statement.rest.text !== "") statement.args = [splitKeyword(statement.rest).keyword];
  },
};

/** Takes a JSON array as the (further) arguments. */
function takeJson(statement: Statement, rest: Word): boolean {
  const values = parseJsonArray(rest.text);
  if (values === undefined) return false;
  if (values === "mixed") statement.fail("when using JSON array syntax, arrays must be comprised of strings only", rest);
  statement.json = true;
  statement.args.push(...values.map((text) => ({ text, offset: rest.offset })));
  return true;
}

/** ENV and LABEL: arguments are key, value, key, value, … */
function parsePairs(statement: Statement, escapeToken: string): void {
  const words = splitQuoted(statement.rest, escapeToken);
  if (words.length === 0) return;
  if (!words[0]!.text.includes("=")) {
    const { keyword: key, rest: value } = splitKeyword(statement.rest);
    if (value.text === "")
      statement.fail(`${statement.keyword.text.toUpperCase()} must have two arguments`, key, { hint: `write ${key.text}=VALUE` });
    statement.legacy = true;
    statement.args = [key, value];
    return;
  }
  for (const word of words) {
    const at = word.text.indexOf("=");
    if (at === -1) {
      const hint = "quote a value that has blanks in it";
      statement.fail(`Syntax error - can't find = in ${JSON.stringify(word.text)}. Must be of the form: name=value`, word, { hint });
    }
    statement.args.push(
      { text: word.text.slice(0, at), offset: word.offset },
      { text: word.text.slice(at + 1), offset: word.offset + at + 1 },
    );
  }
}

/** HEALTHCHECK: the type ends at any white space, and what follows is a command. */
function parseHealth(statement: Statement): void {
  const { text, offset } = statement.rest;
  let end = 0;
  while (end < text.length && !isSpace(text[end]!)) end++;
  if (end === 0) return;
  statement.args = [{ text: text.slice(0, end), offset }];
  const rest = trim({ text: text.slice(end), offset: offset + end });
  if (rest.text !== "" && !takeJson(statement, rest)) statement.args.push(rest);
}
