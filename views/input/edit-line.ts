/** Editing one line of text, with the keys of readline and of everybody. Pure. */
import { Segmenter } from "../../src/format/graphemes.ts";
import { typed } from "./keys.ts";

export interface EditedLine {
  text: string;
  /** Index into `text` in UTF-16 units. */
  cursor: number;
}

type Edit = (text: string, cursor: number) => EditedLine;

const segmenter = new Segmenter();

function before(text: string, cursor: number): number {
  let start = 0;
  for (const { index } of segmenter.segment(text.slice(0, cursor))) start = index;
  return start;
}

function after(text: string, cursor: number): number {
  const [first] = segmenter.segment(text.slice(cursor));
  return cursor + (first?.segment.length ?? 0);
}

const wordBefore = (text: string, cursor: number) => Math.max(0, text.slice(0, cursor).search(/\S+\s*$/));
const wordAfter = (text: string, cursor: number) => cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0);
const cut = (text: string, from: number, to: number): EditedLine => ({ text: text.slice(0, from) + text.slice(to), cursor: from });

const edits: Record<string, Edit> = {
  left: (text, cursor) => ({ text, cursor: before(text, cursor) }),
  right: (text, cursor) => ({ text, cursor: after(text, cursor) }),
  home: (text) => ({ text, cursor: 0 }),
  end: (text) => ({ text, cursor: text.length }),
  backspace: (text, cursor) => cut(text, before(text, cursor), cursor),
  delete: (text, cursor) => cut(text, cursor, after(text, cursor)),
  "ctrl-w": (text, cursor) => cut(text, wordBefore(text, cursor), cursor),
  "ctrl-u": (text, cursor) => cut(text, 0, cursor),
  "ctrl-k": (text, cursor) => cut(text, cursor, text.length),
  "alt-b": (text, cursor) => ({ text, cursor: wordBefore(text, cursor) }),
  "alt-f": (text, cursor) => ({ text, cursor: wordAfter(text, cursor) }),
};

const aliases: Record<string, string> = { "ctrl-a": "home", "ctrl-e": "end", "ctrl-b": "left", "ctrl-f": "right", "ctrl-d": "delete" };

/** The line after a key; undefined when the key edits nothing. */
export function editLine(line: EditedLine, key: string): EditedLine | undefined {
  const character = typed(key);
  if (character) return insert(line, character);
  return edits[aliases[key] ?? key]?.(line.text, line.cursor);
}

/** The line with some text at the cursor; newlines of a paste become spaces. */
export function insert({ text, cursor }: EditedLine, piece: string): EditedLine {
  const flat = piece.replace(/[\r\n\t]+/g, " ").replace(/[\x00-\x1f\x7f]/g, "");
  return { text: text.slice(0, cursor) + flat + text.slice(cursor), cursor: cursor + flat.length };
}
