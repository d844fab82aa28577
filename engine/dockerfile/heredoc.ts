/** Heredoc words (`<<EOF`, `<<-'EOF'`, `3<<EOF`): which they are and what they open. */
import { EngineError, type SourceLocation } from "../errors.ts";
import { type ExpandOptions, expand } from "./expand.ts";
import { trimStart } from "./space.ts";

/** A heredoc body (Dockerfile reference, "Here-Documents"). */
export interface Heredoc {
  /** The delimiter, unquoted; COPY and ADD name the file after it. */
  name: string;
  /** File descriptor before `<<`; 0 when there is none. */
  fd: number;
  /** False when the delimiter was quoted: the body is taken literally. */
  expand: boolean;
  /** `<<-`: leading tabs are to be removed; `content` still has them. */
  chomp: boolean;
  /** The body as in the file, the last newline included, the delimiter line not. */
  content: string;
  /** The body's first line to its delimiter. */
  location: SourceLocation;
}

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
