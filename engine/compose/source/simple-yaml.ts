/**
 * The part of YAML that compose files are mostly written in — blocks of mappings and lists, scalars and brackets on one line, texts
 * behind "|" — read in a tenth of the time that a whole parser takes. Whatever else stands in a file (anchors, tags, texts over several
 * lines, mistakes) makes it give up at once, and yaml.ts reads the file: so it decides nothing, it is only fast. Pure.
 */
import { type Place, type SourceFile, setPlace, type Tree, tree } from "./places.ts";
import { plainScalar } from "./scalars.ts";

/** The value of a file's only document; undefined for what is not so simple, right or wrong. */
export function readSimply(file: SourceFile): Tree | undefined {
  if (unusual.test(file.text)) return undefined;
  try {
    return new SimpleReader(file).document();
  } catch (error) {
    if (error === givenUp) return undefined;
    throw error;
  }
}

/** Signs that need a closer look anywhere: tabs and other controls, line ends of other systems, documents and directives. */
const unusual = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]|^(---|\.\.\.|%)/m;

const givenUp = Symbol("not simple");

function giveUp(): never {
  throw givenUp;
}

/** Levels, far below what a parser bears. */
const deepest = 50;

/** Behind a name a colon, and a space or the line's end. */
const plainName = /([A-Za-z0-9_./$][^:#'"[\]{},&*!|>%@`\n]*?) *:(?= |\n|$)/y;
const doubleQuoted = /"([^"\\\n]*)"/y;
const singleQuoted = /'((?:[^'\n]|'')*)'/y;
/** What may stand behind a value on its line. */
const lineRest = / *( #[^\n]*)?(?=\n|$)/y;
const plainInBlock = /[^\s,[\]{}#&*!|>'"%@`?:-][^\n]*|[?:-](?=[^\s,[\]{}])[^\n]*/y;
const plainInFlow = /[^\s,[\]{}#&*!|>'"%@`?:-][^\n,[\]{}]*/y;

interface Line {
  /** Its column, from 0. */
  indent: number;
  /** Where its text begins. */
  start: number;
}

class SimpleReader {
  readonly #file: SourceFile;
  readonly #text: string;
  /** The line that is to be read next; its beginning may be within one that is half read. */
  #line: Line | undefined;
  #depth = 0;

  constructor(file: SourceFile) {
    this.#file = file;
    this.#text = file.text;
    this.#line = this.#lineFrom(0);
  }

  document(): Tree {
    if (this.#line?.indent !== 0 || this.#isItem(this.#line)) giveUp();
    const value = this.#mapping(0);
    if (this.#line) giveUp();
    return value;
  }

  /** The next line with something on it. */
  #lineFrom(from: number): Line | undefined {
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const begin = at;
      while (text[at] === " ") at++;
      if (at >= text.length) return undefined;
      if (text[at] === "\n") continue;
      if (text[at] !== "#") return { indent: at - begin, start: at };
      at = this.#lineEnd(at);
    }
    return undefined;
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf("\n", from);
    return end < 0 ? this.#text.length : end;
  }

  #isItem({ start }: Line): boolean {
    return this.#text[start] === "-" && this.#text[start + 1] === " ";
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  #place(offset: number): Place {
    return { file: this.#file, offset };
  }

  #block({ indent }: Line): unknown {
    if (++this.#depth > deepest) giveUp();
    const value = this.#isItem(this.#line!) ? this.#list(indent) : this.#mapping(indent);
    this.#depth--;
    return value;
  }

  #mapping(indent: number): Tree {
    const made = tree();
    for (let line = this.#line; line && line.indent >= indent; line = this.#line) {
      if (line.indent > indent || this.#isItem(line)) giveUp();
      const { end, name } = this.#name(line.start);
      if (name in made) giveUp();
      setPlace(made, name, this.#place(line.start));
      made[name] = this.#behindName(end, indent);
    }
    return made;
  }

  /** @returns where the colon ends */
  #name(at: number): { name: string; end: number } {
    const plain = this.#match(plainName, at);
    if (plain) {
      const name = plainScalar(plain[1]!);
      return typeof name === "string" ? { name, end: at + plain[0].length } : giveUp();
    }
    const quoted = this.#quoted(at);
    if (!quoted || !/^:( |\n|$)/.test(this.#text.slice(quoted.end, quoted.end + 2))) giveUp();
    return { name: quoted!.text, end: quoted!.end + 1 };
  }

  #quoted(at: number): { text: string; end: number } | undefined {
    const found = this.#match(doubleQuoted, at) ?? this.#match(singleQuoted, at);
    if (!found) return undefined;
    const text = this.#text[at] === "'" ? found[1]!.replaceAll("''", "'") : found[1]!;
    return { text, end: at + found[0].length };
  }

  #behindName(from: number, indent: number): unknown {
    const rest = this.#match(lineRest, from);
    if (!rest) return this.#inLine(from, indent);
    const line = (this.#line = this.#lineFrom(from + rest[0].length));
    if (line && line.indent > indent) return this.#block(line);
    return line?.indent === indent && this.#isItem(line) ? this.#list(indent) : null;
  }

  #list(indent: number): unknown[] {
    const made: unknown[] = [];
    for (let line = this.#line; line && line.indent >= indent; line = this.#line) {
      if (line.indent > indent) giveUp();
      if (!this.#isItem(line)) break;
      let start = line.start + 1;
      while (this.#text[start] === " ") start++;
      setPlace(made, made.length, this.#place(start));
      made.push(this.#item(start, { indent: indent + start - line.start, start }, indent));
    }
    return made;
  }

  /** @param inner the rest of the line, as a line */
  #item(start: number, inner: Line, indent: number): unknown {
    if (this.#match(lineRest, start)) giveUp();
    const isBlock = this.#isItem(inner) || this.#match(plainName, start) || this.#isQuotedName(start);
    if (!isBlock) return this.#inLine(start, indent);
    this.#line = inner;
    return this.#block(inner);
  }

  #isQuotedName(at: number): boolean {
    const quoted = this.#quoted(at);
    return quoted !== undefined && this.#text[quoted.end] === ":";
  }

  /** A value that stands on one line, or begins a text there. */
  #inLine(from: number, indent: number): unknown {
    let at = from;
    while (this.#text[at] === " ") at++;
    if (this.#text[at] === "|") return this.#literal(at, indent);
    const { end, value } = this.#flow(at, 0) ?? this.#plain(at);
    const rest = this.#match(lineRest, end) ?? giveUp();
    this.#line = this.#lineFrom(end + rest[0].length);
    return value;
  }

  #plain(at: number): { value: unknown; end: number } {
    const found = this.#match(plainInBlock, at) ?? giveUp();
    const comment = found[0].indexOf(" #");
    const text = (comment < 0 ? found[0] : found[0].slice(0, comment)).trimEnd();
    if (text.includes(": ") || text.endsWith(":")) giveUp();
    return { value: plainScalar(text), end: at + text.length };
  }

  /** Quotes and brackets; undefined for what begins with neither. */
  #flow(at: number, depth: number): { value: unknown; end: number } | undefined {
    if (depth > deepest) giveUp();
    const letter = this.#text[at];
    if (letter === "[") return this.#flowList(at, depth);
    if (letter === "{") return this.#flowMapping(at, depth);
    if (letter !== '"' && letter !== "'") return undefined;
    const { end, text } = this.#quoted(at) ?? giveUp();
    return { value: text, end };
  }

  #skip(from: number): number {
    let at = from;
    while (this.#text[at] === " ") at++;
    return at;
  }

  #flowValue(at: number, depth: number): { value: unknown; end: number } {
    const flow = this.#flow(at, depth + 1);
    if (flow) return flow;
    const text = (this.#match(plainInFlow, at) ?? giveUp())[0].trimEnd();
    if (/: |:$| #/.test(text)) giveUp();
    return { value: plainScalar(text), end: at + text.length };
  }

  #flowList(from: number, depth: number): { value: unknown[]; end: number } {
    const value: unknown[] = [];
    let at = this.#skip(from + 1);
    if (this.#text[at] === "]") return { value, end: at + 1 };
    for (;;) {
      setPlace(value, value.length, this.#place(at));
      const item = this.#flowValue(at, depth);
      value.push(item.value);
      at = this.#skip(item.end);
      if (this.#text[at] === "]") return { value, end: at + 1 };
      if (this.#text[at] !== ",") giveUp();
      at = this.#skip(at + 1);
    }
  }

  #flowMapping(from: number, depth: number): { value: Tree; end: number } {
    const value = tree();
    let at = this.#skip(from + 1);
    if (this.#text[at] === "}") return { value, end: at + 1 };
    for (;;) {
      const { end, name } = this.#name(at);
      if (name in value || this.#text[end] !== " ") giveUp();
      setPlace(value, name, this.#place(at));
      const member = this.#flowValue(this.#skip(end), depth);
      value[name] = member.value;
      at = this.#skip(member.end);
      if (this.#text[at] === "}") return { value, end: at + 1 };
      if (this.#text[at] !== ",") giveUp();
      at = this.#skip(at + 1);
    }
  }

  /** "|" and "|-": lines as they are, until one that stands no further in. */
  #literal(from: number, indent: number): string {
    const header = /\|(-?)\n/y;
    header.lastIndex = from;
    const found = header.exec(this.#text) ?? giveUp();
    const lines: string[] = [];
    let margin = -1;
    let at = from + found[0].length;
    while (at < this.#text.length) {
      const end = this.#lineEnd(at);
      const line = this.#text.slice(at, end);
      const depth = line.search(/[^ ]/);
      if (depth >= 0 && depth <= indent) break;
      if (margin < 0 && depth < 0 && line !== "") giveUp();
      if (margin < 0 && depth >= 0) margin = depth;
      if (depth >= 0 && depth < margin) giveUp();
      lines.push(margin < 0 ? "" : line.slice(margin));
      at = end + 1;
    }
    this.#line = this.#lineFrom(at);
    const text = lines.join("\n").replace(/\n+$/, "");
    if (text === "" || /^\n/.test(text) || this.#line === undefined) giveUp(); // where the last lines count in other ways
    return found[1] ? text : `${text}\n`;
  }
}
