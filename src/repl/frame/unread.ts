/** Output that patterns read: what came since the last match, without escape sequences, in bounded memory. Pure. */

/** Characters kept for expectations to come; older ones are dropped, as a terminal's scrollback drops them. */
const scrollback = 1 << 20;
/** Characters that a pattern reaches back into what it has been tried on: more of them make a long output slow. */
const reach = 16 << 10;
/** Characters that are searched as one text; longer, it is cut to `reach`, as each addition copies it. */
const longest = 128 << 10;

/** ECMA-48 control sequences and operating system commands, which a pattern does not want to know of. */
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[ -/]*[0-Z\\^-~])/g;
/** One that is not all there yet. */
const unfinished = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,4096}\x1b?|[()]|[ -/]*)$/;

export interface Taken {
  match: RegExpExecArray;
  which: number;
  before: string;
}

/** How far patterns have been tried, from one look to the next. */
export interface Look {
  upTo: number;
}

export class Unread {
  readonly #decoder = new TextDecoder();
  readonly #old: string[] = [];
  #oldLength = 0;
  #recent = "";
  /** Where `#recent` begins in all that came. */
  #start = 0;
  #open = "";

  write(chunk: Uint8Array): void {
    const text = (this.#open + this.#decoder.decode(chunk, { stream: true })).replace(escapes, "");
    this.#open = unfinished.exec(text)?.[0] ?? "";
    this.#recent += this.#open ? text.slice(0, -this.#open.length) : text;
    if (this.#recent.length > longest) this.#settle(this.#recent.length - reach);
  }

  /** Sets the first of the recent text aside. */
  #settle(count: number): void {
    this.#old.push(this.#recent.slice(0, count));
    this.#recent = this.#recent.slice(count);
    this.#start += count;
    this.#oldLength += count;
    while (this.#oldLength > scrollback) this.#oldLength -= this.#old.shift()!.length;
  }

  get text(): string {
    return this.#old.join("") + this.#recent;
  }

  /**
   * Consumes the output up to the end of the match that begins first, of the earlier pattern when two begin together;
   * undefined when there is none yet.
   */
  take(patterns: readonly RegExp[], look: Look = { upTo: 0 }): Taken | undefined {
    const isAll = this.#oldLength > 0 && look.upTo - reach < this.#start;
    const text = isAll ? this.text : this.#recent;
    const start = isAll ? this.#start - this.#oldLength : this.#start;
    const found = first(patterns, text, Math.max(0, look.upTo - reach - start));
    look.upTo = this.#start + this.#recent.length;
    if (!found) return undefined;
    const { index } = found.match;
    const end = index + found.match[0].length;
    const before = (isAll ? "" : this.#old.join("")) + text.slice(0, index);
    this.#old.length = this.#oldLength = 0;
    this.#start = start + end;
    this.#recent = text.slice(end);
    return { ...found, before };
  }
}

function first(patterns: readonly RegExp[], text: string, from: number): Omit<Taken, "before"> | undefined {
  let best: Omit<Taken, "before"> | undefined;
  for (const [which, pattern] of patterns.entries()) {
    const search = searching(pattern);
    search.lastIndex = from;
    const match = search.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { match, which };
  }
  return best;
}

const searches = new WeakMap<RegExp, RegExp>();

/** The same pattern, from an offset on: `^` stays the beginning of the text. */
function searching(pattern: RegExp): RegExp {
  const known = searches.get(pattern);
  if (known) return known;
  const search = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, "")}g`);
  searches.set(pattern, search);
  return search;
}
