/** What was probably meant where a command line begins with a word that is no command: the hints of such errors. Pure. */
import type { EngineError } from "../../../engine/errors.ts";
import type { Line, Located, Parsed } from "./statement.ts";

/** A text is worth repeating up to so many characters, and where it is of one line. */
const longest = 60;

/** @returns the hint, where the statement looks like another; undefined for what is no unknown command */
export function insteadOf(statement: Parsed, source: string, { code, details }: Pick<EngineError, "code" | "details">): string | undefined {
  if (code !== "usage" || details?.["word"] !== 0) return undefined; // only a command itself is the first word of its line
  switch (statement.kind) {
    case "let":
      return insteadOfLet(statement.name, written(source, statement.command));
    case "command":
      return insteadOfCommand(written(source, statement.words));
    case "for":
    case "return":
      return insteadOfRows(statement, statement.rows, source);
    case "parallel":
      return insteadOfRows(statement, statement.each?.rows, source);
    case "if":
    case "while":
    case "assert":
    case "expect":
    case "expect-several":
      return "a condition begins with a variable, as in $x == 1, or with a command";
    default:
      return undefined;
  }
}

function insteadOfLet(name: string, text: string): string {
  const [, inner] = /^\((.+)\)$/s.exec(text) ?? [];
  if (inner !== undefined) return `what '=' takes is a command already, without parentheses: let ${name} = ${inner}`;
  return `'=' takes what a command gives, ':=' a text: let ${name} := ${text}`;
}

function insteadOfCommand(text: string): string | undefined {
  const [, name, value] = /^([A-Za-z_]\w*)\s*:?=\s*([^\s=].*)$/.exec(text) ?? [];
  return name && `variables are bound by let: 'let ${name} := ${value}' for a text, 'let ${name} = COMMAND' for what a command gives`;
}

function insteadOfRows({ start }: Located, rows: Line | undefined, source: string): string | undefined {
  if (!rows) return undefined;
  const before = source.slice(start, rows[0]!.start).replace(/\(\s*$/, "");
  return `( ) holds a command; words stand without: ${before}${written(source, rows)}`;
}

/** Words as they stand in the source. */
function written(source: string, words: Line): string {
  const [text] = source.slice(words[0]!.start, words.at(-1)!.end).split("\n", 1) as [string];
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
