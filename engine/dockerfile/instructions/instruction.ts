/**
 * What a table entry says about an instruction: how it is written, read, expanded, checked and documented, and
 * what it does to an image's configuration. What of it needs the build's rooms is its entry in engine/build/steps/table.ts.
 */
import type { Configured } from "../configured.ts";
import type { FlagSpec, Flags } from "../flags.ts";
import type { ArgumentShape, InstructionBase, Statement } from "../statement.ts";

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

/** What every instruction is, whatever else it has. */
export type Kinded = InstructionBase & { kind: string };

export interface InstructionSpec<I extends Kinded = Kinded> {
  kind: I["kind"];
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
  /** Statements of which BuildKit drops the flags without a look. */
  ignoresFlags?(statement: Statement): boolean;
  /** It may open heredocs: of text that is executed, of files, or as the instruction inside it does. */
  heredocs?: "commands" | "files" | "of-trigger";
  /** May not follow ONBUILD. */
  notATrigger?: boolean;
  /** Docker takes it as a `--change` of commit and import. */
  change?: boolean;
  /** Which parts have their variables expanded, in words. */
  expands: string;
  /** @throws EngineError at the offending word */
  parse(statement: Statement, flags: Flags): I;
  /** A copy with its variables expanded; absent when nothing is. Checks what can only be checked then. */
  expand?(instruction: I, expander: Expander): I;
  /** The `--from` values of an expanded or unexpanded instruction, and what it does with what is there. */
  from?: { verb: string; of(instruction: I): string[] };
  /** What it changes in an image's configuration, its words expanded; absent where it changes none. */
  configure?(to: Configured, instruction: I): void;
  /** The `created_by` of its entry in the image's history, to the byte as BuildKit's; undefined where that writes none. */
  history?(instruction: I, configured: Configured["config"]): string | undefined;
}

/** Identity with inference: `export default instruction<UserInstruction>({ kind: "user", … })`. */
export function instruction<I extends Kinded>(spec: InstructionSpec<I>): InstructionSpec<I> {
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
