/**
 * A logical line taken apart into keyword, flags and arguments, by the argument shape of the instruction's table entry.
 * Still words: instructions/*.ts turn a statement into a typed instruction.
 */
import { EngineError, type SourceLocation } from "../errors.ts";
import type { Heredoc } from "./heredoc.ts";
import type { LogicalLine } from "./lines.ts";
import { locateOffset } from "./lines.ts";
import { type Advice, fail, type Source } from "./source.ts";
import { trimSpace } from "./space.ts";
import { parseJsonArray, splitBlanks, splitFlags, splitKeyword, splitQuoted, type Word } from "./words.ts";

/** What all instructions have. */
export interface InstructionBase {
  /** The keyword as it was written: "Copy". */
  keyword: string;
  /**
   * The instruction's text with continuation lines joined and comments dropped, heredoc bodies not included: what
   * BuildKit shows as the step's name and writes into the history.
   */
  original: string;
  /** First line of the keyword to the last line, heredoc bodies included. */
  location: SourceLocation;
  /** Comment lines right above, without "#": outlines describe arguments and targets with them. */
  comments: string[];
}

/** Cuts an instruction's arguments up, in place: one of `shapes`, or the instruction's own. */
export type ArgumentShape = (statement: Statement, escapeToken: string) => void;

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
  spec?.shape(statement, context.escape);
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

/** The shapes that several instructions have. */
export const shapes = {
  /** At white space. */
  blanks(statement) {
    statement.args = splitBlanks(statement.rest);
  },
  /** One argument, the rest of the line. */
  text(statement) {
    if (statement.rest.text !== "") statement.args = [statement.rest];
  },
  /** A JSON array of strings, else as `text`. */
  jsonOrText(statement) {
    if (!takeJson(statement, statement.rest)) shapes.text(statement);
  },
  /** A JSON array of strings, else as `blanks`. */
  jsonOrBlanks(statement) {
    if (!takeJson(statement, statement.rest)) shapes.blanks(statement);
  },
  /** Quoted words. */
  quoted(statement, escapeToken) {
    statement.args = splitQuoted(statement.rest, escapeToken);
  },
} satisfies Record<string, ArgumentShape>;

/** Takes a JSON array as the (further) arguments. */
export function takeJson(statement: Statement, rest: Word): boolean {
  const values = parseJsonArray(rest.text);
  if (values === undefined) return false;
  if (values === "mixed") statement.fail("when using JSON array syntax, arrays must be comprised of strings only", rest);
  statement.json = true;
  statement.args.push(...values.map((text) => ({ text, offset: rest.offset })));
  return true;
}
