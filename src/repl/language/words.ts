/**
 * The lexer of command lines: statements of words, quoted as in a shell, with variables left to be filled in. Shared by
 * scripts, the prompt and the TUI's palette. Pure.
 *
 *   word    'literal'  "text with $name, ${path.to[0].field} and $((1 + 1))"  \c   joined as they touch
 *   end     ; or a line end; a backslash at the end of a line continues it; # begins a comment
 *   joints  | > >> < are words of their own; <<END takes the lines up to END, which become the word after it
 */
import { EngineError } from "../../../engine/errors.ts";
import { type Expression, parseArithmetic } from "./arithmetic.ts";

export type WordPart =
  | { kind: "text"; text: string; quoted: boolean }
  | { kind: "variable"; path: string; offset: number; quoted: boolean }
  | { kind: "arithmetic"; expression: Expression; text: string; offset: number; quoted: boolean };

export interface Word {
  parts: WordPart[];
  /** Offsets in the source. */
  start: number;
  end: number;
  /** Some of it was quoted: it is never an operator, a path or a keyword. */
  quoted: boolean;
}

export interface Statement {
  words: Word[];
  start: number;
  end: number;
}

/** Splits a source into statements. @throws EngineError `syntax`; `details.incomplete` when more lines could mend it */
export function lex(source: string, file = "line"): Statement[] {
  return new Lexer(source, file).statements();
}

/** Words of one line without variables: `$` is an ordinary character, `;` too. For the palette and executeLine. */
export function splitWords(line: string): string[] {
  const statements = new Lexer(line, "line", true).statements();
  return statements.flatMap((statement) => statement.words.map(literal));
}

/** The text of a word that holds no variables. */
export function literal({ parts }: Word): string {
  return parts.length === 1 ? writtenPart(parts[0]!) : parts.map(writtenPart).join("");
}

function writtenPart(part: WordPart): string {
  if (part.kind === "text") return part.text;
  return part.kind === "variable" ? `$${part.path}` : part.text;
}

/** Nothing of the word is known only when it runs. */
export function isLiteral(word: Word): boolean {
  return word.parts.every((part) => part.kind === "text");
}

/** A located syntax error. */
export function syntaxError(
  message: string,
  source: string,
  file: string,
  offset: number,
  extra: { incomplete?: boolean; suggestion?: string } = {},
): EngineError {
  const { suggestion, ...details } = extra;
  return new EngineError("syntax", message, {
    location: locate(source, file, offset),
    suggestion,
    details,
  });
}

/** Line and column (from 1) of an offset. */
export function locate(source: string, file: string, offset: number) {
  const starts = lineStarts(source);
  let line = starts.length;
  for (let low = 1, high = line; low <= high; ) {
    const middle = (low + high) >> 1;
    if (starts[middle - 1]! <= offset) low = (line = middle) + 1;
    else high = middle - 1;
  }
  return { file, line, column: offset - starts[line - 1]! + 1, source };
}

/** Of the source that was asked for last: a trace asks for a place of each statement. */
let lines: { source: string; starts: number[] } = { source: "", starts: [0] };

function lineStarts(source: string): number[] {
  if (lines.source === source) return lines.starts;
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  lines = { source, starts };
  return starts;
}

interface Heredoc {
  body: Word;
  delimiter: string;
  /** Quoted: no variables in it. */
  isLiteral: boolean;
  /** `<<-`: tabs at the beginning of lines are dropped. */
  isIndented: boolean;
  start: number;
}

/** What no context gives a meaning to, up to the next blank. */
const ordinary = /[^\s;'"\\$]+/y;
/** A word without quotes and variables, as most are: where it begins, # would begin a comment, and < > | join. */
const plainWord = /[^\s;'"\\$#<>|][^\s;'"\\$]*(?=[ \n])/y;
const joint = /<<(-?)(['"]?)([A-Za-z_]\w*)\2|>>|>(?!=)|\|(?!\|)|<(?![<=])/y;
/** Texts of words are shared up to so many, and up to this length: of scripts, most are the same few. */
const [mostShared, longestShared] = [1000, 16];
const name = /env\.[A-Za-z_][A-Za-z0-9_]*|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\?/y;

class Lexer {
  readonly #source: string;
  readonly #file: string;
  readonly #plain: boolean;
  /** Bodies of `<<END` that begin after the current line. */
  #heredocs: Heredoc[] = [];
  /** Of words without quotes and variables, by their text: nothing changes what a word is made of. */
  readonly #plainParts = new Map<string, WordPart[]>();
  #at = 0;

  constructor(source: string, file: string, plain = false) {
    this.#source = source;
    this.#file = file;
    this.#plain = plain;
  }

  statements(): Statement[] {
    const nul = this.#source.indexOf("\0");
    if (nul >= 0) throw this.#fail("a NUL: this is no text", nul);
    const statements: Statement[] = [];
    let words: Word[] = [];
    const end = () => {
      if (words.length > 0)
        // A copy of its own size: what an array grows by is more than most statements have.
        statements.push({ words: words.slice(), start: words[0]!.start, end: words.at(-1)!.end });
      words = [];
    };
    while (this.#at < this.#source.length) {
      const character = this.#source[this.#at]!;
      plainWord.lastIndex = this.#at;
      if (character === " ") this.#at++;
      else if (plainWord.test(this.#source)) words.push(this.#plainWord(plainWord.lastIndex));
      else if (character === "\n" || (character === ";" && !this.#plain)) {
        end();
        this.#at++;
        if (character === "\n" && this.#heredocs.length > 0) this.#heredocBodies();
      } else if (/\s/.test(character)) this.#at++;
      else if (character === "\\" && this.#lineEndAt(this.#at + 1) > 0) this.#at += 1 + this.#lineEndAt(this.#at + 1);
      else if (character === "#" && !this.#plain) this.#skipComment();
      else if ("<>|".includes(character)) words.push(...(this.#joint() ?? [this.#word()]));
      else words.push(this.#word());
    }
    end();
    this.#heredocBodies();
    return statements;
  }

  /** What joins a command to files and programs, at the beginning of a word; `>=` and `<=` compare. */
  #joint(): Word[] | undefined {
    if (this.#plain) return undefined;
    joint.lastIndex = this.#at;
    const found = joint.exec(this.#source);
    if (!found) return undefined;
    const [text, dash, quote, delimiter] = found;
    const start = this.#at;
    this.#at += text.length;
    const operator = delimiter === undefined ? text : "<<";
    const word: Word = {
      parts: [{ kind: "text", text: operator, quoted: false }],
      start,
      end: this.#at,
      quoted: false,
    };
    if (delimiter === undefined) return [word];
    const body: Word = { parts: [], start, end: this.#at, quoted: true };
    this.#heredocs.push({
      body,
      delimiter,
      isLiteral: quote !== "",
      isIndented: dash === "-",
      start,
    });
    return [word, body];
  }

  /** Reads the bodies that begin here, each up to a line that is its delimiter. */
  #heredocBodies(): void {
    for (const { body, delimiter, isIndented, isLiteral, start } of this.#heredocs.splice(0)) {
      for (;;) {
        if (this.#at >= this.#source.length) throw this.#fail(`there is no line "${delimiter}" that ends the text`, start, true);
        const found = this.#source.indexOf("\n", this.#at);
        const end = found < 0 ? this.#source.length : found;
        const line = this.#source.slice(this.#at, end).replace(/\r$/, "");
        if ((isIndented ? line.replace(/^\t+/, "") : line) === delimiter) {
          this.#at = end + 1;
          body.end = end;
          break;
        }
        if (isIndented) while (this.#source[this.#at] === "\t") this.#at++;
        this.#heredocLine(body.parts, Math.min(end + 1, this.#source.length), isLiteral);
      }
    }
  }

  #heredocLine(parts: WordPart[], end: number, isLiteral: boolean): void {
    while (this.#at < end) {
      const next = this.#source[this.#at + 1];
      if (isLiteral) push(parts, this.#source[this.#at++]!, true);
      else if (this.#source[this.#at] === "\\" && (next === "$" || next === "\\")) {
        push(parts, next, true);
        this.#at += 2;
      } else this.#plainOrVariable(parts, true);
    }
  }

  #skipComment(): void {
    const end = this.#source.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  /** Length of a line end at an offset: 0 for none. A backslash as the very last character asks for another line. */
  #lineEndAt(at: number): number {
    if (at === this.#source.length) throw this.#fail("unexpected end after a backslash", at - 1, true);
    if (this.#source.startsWith("\r\n", at)) return 2;
    return this.#source[at] === "\n" ? 1 : 0;
  }

  #word(): Word {
    const start = this.#at;
    const parts: WordPart[] = [];
    let quoted = false;
    for (; this.#at < this.#source.length; ) {
      const character = this.#source[this.#at]!;
      if (/\s/.test(character) || (character === ";" && !this.#plain)) break;
      if (character === "'" || character === '"') {
        quoted = true;
        if (character === "'") this.#single(parts);
        else this.#double(parts);
      } else if (character === "\\") {
        const lineEnd = this.#lineEndAt(this.#at + 1);
        if (lineEnd === 0) {
          push(parts, this.#source[this.#at + 1]!, true);
          quoted = true;
        }
        this.#at += 1 + (lineEnd || 1);
      } else this.#plainOrVariable(parts, false);
    }
    return { parts, start, end: this.#at, quoted };
  }

  #plainWord(end: number): Word {
    const start = this.#at;
    this.#at = end;
    const text = this.#source.slice(start, end);
    let parts = this.#plainParts.get(text);
    if (!parts) {
      parts = [{ kind: "text", text, quoted: false }];
      if (text.length <= longestShared && this.#plainParts.size < mostShared) this.#plainParts.set(text, parts);
    }
    return { parts, start, end, quoted: false };
  }

  #single(parts: WordPart[]): void {
    const close = this.#source.indexOf("'", this.#at + 1);
    if (close < 0) throw this.#fail("unterminated single quote", this.#at, true);
    push(parts, this.#source.slice(this.#at + 1, close), true);
    this.#at = close + 1;
  }

  #double(parts: WordPart[]): void {
    const open = this.#at++;
    push(parts, "", true);
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined) throw this.#fail("unterminated double quote", open, true);
      if (character === '"') break;
      const next = this.#source[this.#at + 1];
      if (character === "\\" && next !== undefined && '"\\$`\n'.includes(next)) {
        if (next !== "\n") push(parts, next, true);
        this.#at += 2;
      } else this.#plainOrVariable(parts, true);
    }
    this.#at++;
  }

  #plainOrVariable(parts: WordPart[], quoted: boolean): void {
    const offset = this.#at;
    if (!this.#plain && this.#source.startsWith("$((", offset)) return void parts.push({ ...this.#arithmetic(), offset, quoted });
    const variable = this.#plain ? undefined : this.#variable();
    if (variable !== undefined) parts.push({ kind: "variable", path: variable, offset, quoted });
    else this.#plainText(parts, quoted);
  }

  /** One character as it is, and all ordinary ones that follow in its line. */
  #plainText(parts: WordPart[], quoted: boolean): void {
    ordinary.lastIndex = this.#at + 1;
    const end = this.#source[this.#at] !== "\n" && ordinary.test(this.#source) ? ordinary.lastIndex : this.#at + 1;
    push(parts, this.#source.slice(this.#at, end), quoted);
    this.#at = end;
  }

  #arithmetic() {
    const start = this.#at;
    const fail = (message: string, offset: number, incomplete = false) => this.#fail(message, offset, incomplete);
    const { end, expression } = parseArithmetic(this.#source, start + 3, fail);
    this.#at = end;
    return { kind: "arithmetic", expression, text: this.#source.slice(start, end) } as const;
  }

  /** `$name`, `$1` or `${path}` at the cursor; any other `$` is an ordinary character. */
  #variable(): string | undefined {
    if (this.#source[this.#at] !== "$") return undefined;
    const next = this.#source[this.#at + 1];
    if (next === "(") throw this.#fail("command substitution is not part of this language", this.#at, false, "let name = COMMAND");
    if (next === "{") {
      const close = this.#source.indexOf("}", this.#at);
      if (close < 0) throw this.#fail("unterminated variable", this.#at, true);
      const path = this.#source.slice(this.#at + 2, close);
      if (!/^(\?|[A-Za-z_0-9][A-Za-z0-9_]*)(\.[A-Za-z0-9_/-]+|\[[^\]]+\])*$/.test(path))
        throw this.#fail(`"${path}" is not a variable with a path`, this.#at);
      this.#at = close + 1;
      return path;
    }
    name.lastIndex = this.#at + 1;
    const found = name.exec(this.#source)?.[0];
    if (found) this.#at += 1 + found.length;
    return found;
  }

  #fail(message: string, offset: number, incomplete = false, suggestion?: string): EngineError {
    return syntaxError(message, this.#source, this.#file, offset, {
      incomplete,
      suggestion,
    });
  }
}

/** Appends text, joining it with text of the same quoting before it. */
function push(parts: WordPart[], text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === "text" && last.quoted === quoted) last.text += text;
  else parts.push({ kind: "text", text, quoted });
}
