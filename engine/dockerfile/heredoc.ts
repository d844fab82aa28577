/** Heredoc words (`<<EOF`, `<<-'EOF'`, `3<<EOF`): which they are, what they open, and how RUN hands them on. */
import { EngineError } from "../errors.ts";
import { type ExpandOptions, expand } from "./expand.ts";
import { trimStart } from "./space.ts";
import type { Heredoc, RunInstruction } from "./types.ts";

export type HeredocWord = Pick<Heredoc, "name" | "fd" | "expand" | "chomp">;

/** The delimiter is trimmed by hand: two neighbours in a pattern that both take blanks would share them in every way. */
const form = /^(\d*)<<(-?)([^<]*)$/;
const noVariables = { get: () => undefined };

/** The heredoc that a word opens; undefined when it opens none, or when the lexer cannot read it. */
export function parseHeredocWord(word: string): HeredocWord | undefined {
  const match = form.exec(word);
  const delimiter = trimStart(match?.[3] ?? "");
  if (!match || delimiter === "") return undefined;
  const plain = wordsOf(delimiter, { keepUnset: true });
  if (plain.length !== 1) return undefined;
  const raw = wordsOf(delimiter, { keepUnset: true, rawQuotes: true });
  // Quotes that disappear were quoting some part of the delimiter, and then the body is literal.
  const expands = raw.length === 1 && countQuotes(plain[0]!) === countQuotes(raw[0]!);
  return { name: plain[0]!, fd: Number(match[1] || 0), expand: expands, chomp: match[2] === "-" };
}

/** No words at all when the text is not well formed: such a line is the shell's business. */
function wordsOf(text: string, options: ExpandOptions): string[] {
  try {
    return expand(text, noVariables, options).words;
  } catch (error) {
    if (error instanceof EngineError) return [];
    throw error;
  }
}

const countQuotes = (text: string) => text.split(/['"]/).length;

/** The heredocs that a logical line opens, in order. A line that the lexer cannot read opens none. */
export function findHeredocs(line: string): HeredocWord[] {
  if (!line.includes("<<")) return [];
  const words = wordsOf(line, { rawQuotes: true, rawEscapes: true, keepUnset: true });
  return words.map(parseHeredocWord).filter((found) => found !== undefined);
}

/** What `<<-` does to a body. */
export function chompTabs(content: string): string {
  return content.replace(/^\t+/gm, "");
}

/** A body as it is used: leading tabs removed when `<<-` asked for it. */
export function heredocBody(heredoc: Heredoc): string {
  return heredoc.chomp ? chompTabs(heredoc.content) : heredoc.content;
}

/**
 * What a RUN executes (BuildKit's rules for heredocs in RUN):
 * - "exec": the argument vector as it is;
 * - "shell": one string for the shell; a RUN that is nothing but one heredoc passes the body itself, anything more
 *   complex is put together again for the shell to read;
 * - "file": the body starts with `#!`: write it with mode 0755 to /dev/pipes/NAME and let the shell run that path.
 */
export type RunProgram =
  | { form: "exec"; argv: string[] }
  | { form: "shell"; script: string }
  | { form: "file"; name: string; data: string };

export function runProgram(run: Pick<RunInstruction, "command" | "heredocs">): RunProgram {
  const { command, heredocs } = run;
  if (command.form === "exec" || heredocs.length === 0) return command;
  const [first] = heredocs as [Heredoc, ...Heredoc[]];
  if (parseHeredocWord(command.script)) {
    const data = heredocBody(first);
    return data.startsWith("#!") ? { form: "file", name: first.name, data } : { form: "shell", script: data };
  }
  return { form: "shell", script: command.script + heredocs.map(({ content, name }) => `\n${content}${name}`).join("") };
}
