/** What a table entry says about an instruction: how it is written, read, expanded, checked and documented. */
import type { FlagSpec, Flags } from "../flags.ts";
import type { ArgumentShape, Statement } from "../statement.ts";
import type { InstructionKind, InstructionOf } from "../types.ts";

/** Expands the parts of an instruction; collects which variables were used. Errors are located at the instruction. */
export interface Expander {
  /** One word in, one out. */
  word(text: string): string;
  /** Like `word`, for a part that may be absent. */
  optional(text: string | undefined): string | undefined;
  /** Split at blanks after expansion. */
  words(text: string): string[];
  /** A heredoc body: quotes are ordinary, the escape is always the backslash. */
  body(text: string): string;
  /** The value that the caller gives an ARG (--build-arg), which wins over its default. */
  override(name: string): string | undefined;
  /** From here on `name` has this value: ARG instructions with several names see their earlier ones. */
  define(name: string, value: string): void;
  fail(message: string, hint?: string): never;
}

export interface InstructionSpec<K extends InstructionKind = InstructionKind> {
  kind: K;
  /** Upper case. */
  keyword: string;
  /** One line for help and completion. */
  summary: string;
  /** How it is written, most usual form first. */
  usage: readonly string[];
  example: string;
  /** Section of the Dockerfile reference. */
  url: string;
  shape: ArgumentShape;
  flags: readonly FlagSpec[];
  /** BuildKit drops this instruction's flags without a look. */
  ignoresFlags?: boolean;
  /** May open heredocs. */
  heredocs?: boolean;
  /** May not follow ONBUILD. */
  notATrigger?: boolean;
  /** Which parts have their variables expanded, in words. */
  expands: string;
  /** @throws EngineError at the offending word */
  parse(statement: Statement, flags: Flags): InstructionOf<K>;
  /** A copy with its variables expanded; absent when nothing is. Checks what can only be checked then. */
  expand?(instruction: InstructionOf<K>, expander: Expander): InstructionOf<K>;
}

/** Identity with inference: `export default instruction({ kind: "user", … })`. */
export function instruction<K extends InstructionKind>(spec: InstructionSpec<K>): InstructionSpec<K> {
  return spec;
}

export function exactlyOne(statement: Statement): string {
  const keyword = statement.keyword.text.toUpperCase();
  if (statement.args.length !== 1) statement.fail(`${keyword} requires exactly one argument`, statement.args[1]);
  return statement.args[0]!.text;
}

export function atLeastOne(statement: Statement): string[] {
  if (statement.args.length === 0) statement.fail(`${statement.keyword.text.toUpperCase()} requires at least one argument`);
  return statement.args.map((arg) => arg.text);
}
