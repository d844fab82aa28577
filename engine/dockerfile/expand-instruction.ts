/** Variables in instructions: each entry's own rule (instructions/*.ts) applied with BuildKit's lexer. */
import { EngineError } from "../errors.ts";
import { type ExpandOptions, expand } from "./expand.ts";
import type { Expander } from "./instructions/instruction.ts";
import { specOf } from "./instructions/table.ts";
import type { AnyInstruction, Variables } from "./types.ts";

export interface ExpandInstructionOptions {
  /** Of the file: `dockerfile.directives.escape`. */
  escape: "\\" | "`";
  /** Value given for an ARG by the caller (--build-arg). */
  override?: (name: string) => string | undefined;
}

export interface Expanded<T> {
  /** A copy; ARG without a default keeps `value` undefined unless overridden. */
  instruction: T;
  /** Variables that were used and had a value, and those that had none. */
  matched: Set<string>;
  unmatched: Set<string>;
}

/**
 * Expands an instruction's variables by its own rule and checks what had to wait for that (ports, signal, mode,
 * checksum, mounts).
 * @param variables for FROM the ARGs before the first FROM, else the stage's environment and ARGs
 * @throws EngineError located at the instruction
 */
export function expandInstruction<T extends AnyInstruction>(
  instruction: T,
  variables: Variables,
  options: ExpandInstructionOptions,
): Expanded<T> {
  const matched = new Set<string>();
  const unmatched = new Set<string>();
  const spec = specOf(instruction);
  if (!spec.expand) return { instruction, matched, unmatched };
  const defined = new Map<string, string>();
  const scope: Variables = { get: (name) => defined.get(name) ?? variables.get(name) };
  const run = (text: string, how: ExpandOptions = { escape: options.escape }) => {
    const result = expand(text, scope, how);
    for (const name of result.matched) matched.add(name);
    for (const name of result.unmatched) unmatched.add(name);
    return result;
  };
  const expander: Expander = {
    word: (text) => run(text).word,
    optional: (text) => (text === undefined ? undefined : run(text).word),
    words: (text) => run(text).words,
    body: (text) => run(text, { escape: "\\", ignoreQuotes: true }).word,
    override: (name) => options.override?.(name),
    define: (name, value) => defined.set(name, value),
    fail(message, hint) {
      throw new EngineError("dockerfile", message, { location: instruction.location, hint });
    },
  };
  try {
    return { instruction: spec.expand(instruction, expander), matched, unmatched };
  } catch (error) {
    if (error instanceof EngineError) error.location ??= instruction.location;
    throw error;
  }
}

/**
 * An instruction's text as a build shows it: variables expanded, the keyword in capitals. Text that the lexer cannot read
 * is shown as written.
 * @param raw keep quotes and unset variables, as for RUN, where they are the shell's
 */
export function displayText(original: string, variables: Variables, options: { escape: string; raw: boolean }): string {
  let text = original;
  try {
    text = expand(original, variables, { escape: options.escape, rawQuotes: options.raw, keepUnset: options.raw }).word;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  return text.replace(/^[^ ]*/, (keyword) => keyword.toUpperCase());
}
