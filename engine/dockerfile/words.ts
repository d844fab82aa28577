/** How the text after a keyword is cut up: builder flags, words split at white space, quoted words, JSON arrays. */
import { isSpace, trimEnd, trimStart } from "./space.ts";

/** A stretch of a logical line. */
export interface Word {
  text: string;
  /** In the logical line's text. */
  offset: number;
}

/** BuildKit's word separators: ASCII blanks only. */
const blanks = /[\t\v\f\r ]+/g;

/** Cuts the first word off. */
export function splitKeyword(text: Word): { keyword: Word; rest: Word } {
  const trimmed = trim(text);
  blanks.lastIndex = 0;
  const gap = blanks.exec(trimmed.text);
  if (!gap) return { keyword: trimmed, rest: { text: "", offset: trimmed.offset + trimmed.text.length } };
  const after = gap.index + gap[0].length;
  return {
    keyword: { text: trimmed.text.slice(0, gap.index), offset: trimmed.offset },
    rest: { text: trimmed.text.slice(after), offset: trimmed.offset + after },
  };
}

export function trim(word: Word): Word {
  const start = trimStart(word.text);
  return { text: trimEnd(start), offset: word.offset + word.text.length - start.length };
}

/** Splits at blanks; quotes mean nothing here (COPY, ADD, EXPOSE, FROM, VOLUME). */
export function splitBlanks(rest: Word): Word[] {
  const words: Word[] = [];
  if (rest.text === "") return words;
  let from = 0;
  blanks.lastIndex = 0;
  for (let gap = blanks.exec(rest.text); gap; gap = blanks.exec(rest.text)) {
    words.push({ text: rest.text.slice(from, gap.index), offset: rest.offset + from });
    from = gap.index + gap[0].length;
  }
  words.push({ text: rest.text.slice(from), offset: rest.offset + from });
  return words;
}

/**
 * Takes the leading `--flag` words off. Quotes are removed and a backslash escapes the next character, whatever the
 * escape directive says; a bare `--` ends the flags.
 */
export function splitFlags(text: Word): { flags: Word[]; rest: Word } {
  const source = text.text;
  const flags: Word[] = [];
  let at = 0;
  for (;;) {
    while (at < source.length && isSpace(source[at]!)) at++;
    if (source[at] !== "-" || source[at + 1] !== "-") break;
    const flag = readFlag(source, at);
    const bare = flag.text === "--";
    if (!bare && flag.text !== "") flags.push({ text: flag.text, offset: text.offset + at });
    at = flag.end;
    if (bare) break;
  }
  return { flags, rest: trim({ text: source.slice(at), offset: text.offset + at }) };
}

function readFlag(source: string, from: number): { text: string; end: number } {
  let text = "";
  let quote = "";
  let at = from;
  for (; at < source.length; at++) {
    const character = source[at]!;
    if (character === "\\") {
      // A backslash at the very end is dropped.
      if (at + 1 < source.length) text += source[++at]!;
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else text += character;
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (isSpace(character)) {
      break;
    } else {
      text += character;
    }
  }
  return { text, end: at };
}

/**
 * Splits into words that keep their quotes and escapes (ENV, LABEL, ARG): a blank inside quotes or after the escape
 * token does not end a word.
 */
export function splitQuoted(rest: Word, escapeToken: string): Word[] {
  const source = rest.text;
  const words: Word[] = [];
  let at = 0;
  while (at < source.length) {
    if (isSpace(source[at]!)) {
      at++;
      continue;
    }
    const word = readQuoted(source, at, escapeToken);
    if (word.text !== "") words.push({ text: word.text, offset: rest.offset + at });
    at = word.end;
  }
  return words;
}

function readQuoted(source: string, from: number, escapeToken: string): { text: string; end: number } {
  let start = from;
  let text = "";
  let quote = "";
  let at = from;
  for (; at < source.length; at++) {
    const character = source[at]!;
    if (character === escapeToken && quote !== "'") {
      if (at + 1 === source.length) {
        // An escape token at the end of the line is dropped.
        text += source.slice(start, at);
        start = at + 1;
      } else {
        at++;
      }
    } else if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (isSpace(character)) {
      break;
    }
  }
  return { text: text + source.slice(start, at), end: at };
}

/**
 * A JSON array of strings. Anything that is not a JSON array at all (single quotes, a missing bracket, text behind it)
 * is not an error: it is the shell form.
 * @returns undefined for the shell form, "mixed" for an array with other things than strings in it
 */
export function parseJsonArray(rest: string): string[] | "mixed" | undefined {
  if (!rest.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => typeof item === "string") ? value : "mixed";
}
