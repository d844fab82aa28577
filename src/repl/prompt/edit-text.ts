/** Editing a text of one or more lines, with the keys of readline. Pure. */
import { Segmenter } from "../../format/graphemes.ts";

const segmenter = new Segmenter();
/** Steps that can be taken back. */
const mostUndone = 200;

export class EditText {
  text = "";
  /** Index into `text` in UTF-16 units. */
  cursor = 0;
  #killed = "";
  /** The key before this one killed: what this one kills goes to the same piece. */
  #isKilling = false;
  #undo: { text: string; cursor: number }[] = [];

  set(text: string, cursor = text.length): void {
    this.#remember();
    this.#isKilling = false;
    this.text = text;
    this.cursor = cursor;
  }

  insert(piece: string): void {
    // Control characters would draw what is not there.
    const clean = piece.replace(/\t/g, "  ").replace(/[\x00-\x09\x0b-\x1f\x7f]/g, "");
    this.#isKilling = false;
    this.#replace(this.cursor, this.cursor, clean);
  }

  /** @returns whether the key edits or moves */
  press(key: string): boolean {
    const name = aliases[key] ?? key;
    const edit = this.#edits[name];
    edit?.();
    if (edit) this.#isKilling = kills.has(name);
    return edit !== undefined;
  }

  /** One line up or down in the text; false at its edge. */
  vertical(by: -1 | 1): boolean {
    this.#isKilling = false;
    const lines = this.text.split("\n");
    const before = this.text.slice(0, this.cursor).split("\n");
    const row = before.length - 1 + by;
    if (row < 0 || row >= lines.length) return false;
    const column = Math.min(before.at(-1)!.length, lines[row]!.length);
    this.cursor = lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0) + column;
    if (column > 0) this.cursor = this.#start(); // between characters, not in one
    return true;
  }

  readonly #edits: Record<string, () => void> = {
    left: () => this.#move(this.#before()),
    right: () => this.#move(this.#after()),
    home: () => this.#move(this.#lineStart()),
    end: () => this.#move(this.#lineEnd()),
    "alt-left": () => this.#move(this.#wordBefore()),
    "alt-right": () => this.#move(this.#wordAfter()),
    backspace: () => this.#replace(this.#before(), this.cursor, ""),
    delete: () => this.#replace(this.cursor, this.#after(), ""),
    "ctrl-w": () => this.#kill(this.#blankBefore(), this.cursor),
    "alt-backspace": () => this.#kill(this.#wordBefore(), this.cursor),
    "alt-d": () => this.#kill(this.cursor, this.#wordAfter()),
    "ctrl-u": () => this.#kill(this.#lineStart(), this.cursor),
    "ctrl-k": () => this.#kill(this.cursor, Math.max(this.#lineEnd(), Math.min(this.text.length, this.cursor + 1))),
    "ctrl-y": () => this.#replace(this.cursor, this.cursor, this.#killed),
    "ctrl-t": () => this.#transpose(),
    "ctrl-_": () => this.#takeBack(),
  };

  #move(to: number): void {
    this.cursor = to;
  }

  #remember(): void {
    this.#undo.push({ text: this.text, cursor: this.cursor });
    if (this.#undo.length > mostUndone) this.#undo.shift();
  }

  #takeBack(): void {
    const before = this.#undo.pop();
    if (before) Object.assign(this, before);
  }

  #replace(from: number, to: number, piece: string): void {
    if (from === to && piece === "") return;
    this.#remember();
    this.text = this.text.slice(0, from) + piece + this.text.slice(to);
    this.cursor = from + piece.length;
  }

  #kill(from: number, to: number): void {
    const piece = this.text.slice(from, to);
    const before = this.#isKilling ? this.#killed : "";
    if (piece) this.#killed = from < this.cursor ? piece + before : before + piece;
    this.#replace(from, to, "");
  }

  /** Where the character begins that the cursor is in. */
  #start(): number {
    const { cursor } = this;
    this.cursor = this.#after();
    const start = this.#before();
    return cursor < this.cursor ? start : cursor;
  }

  #before(): number {
    let start = 0;
    for (const { index } of segmenter.segment(this.text.slice(0, this.cursor))) start = index;
    return start;
  }
  #after(): number {
    const [first] = segmenter.segment(this.text.slice(this.cursor));
    return this.cursor + (first?.segment.length ?? 0);
  }
  #lineStart(): number {
    return this.text.lastIndexOf("\n", this.cursor - 1) + 1;
  }
  #lineEnd(): number {
    const end = this.text.indexOf("\n", this.cursor);
    return end < 0 ? this.text.length : end;
  }
  #blankBefore(): number {
    return Math.max(0, this.text.slice(0, this.cursor).search(/\S+\s*$/));
  }
  #wordBefore(): number {
    return Math.max(0, this.text.slice(0, this.cursor).search(/[\p{L}\p{N}_]+[^\p{L}\p{N}_]*$/u));
  }
  #wordAfter(): number {
    return this.cursor + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(this.text.slice(this.cursor))?.[0].length ?? 0);
  }

  #transpose(): void {
    if (this.cursor === this.text.length) this.cursor = this.#before();
    const [from, at, to] = [this.#before(), this.cursor, this.#after()];
    if (from < at && at < to) this.#replace(from, to, this.text.slice(at, to) + this.text.slice(from, at));
  }
}

const kills: ReadonlySet<string> = new Set(["ctrl-w", "alt-backspace", "alt-d", "ctrl-u", "ctrl-k"]);

const aliases: Record<string, string> = {
  "\x1f": "ctrl-_",
  "ctrl-a": "home",
  "ctrl-e": "end",
  "ctrl-b": "left",
  "ctrl-f": "right",
  "ctrl-d": "delete",
  "ctrl-h": "backspace",
  "alt-b": "alt-left",
  "alt-f": "alt-right",
  "ctrl-left": "alt-left",
  "ctrl-right": "alt-right",
  "ctrl-backspace": "alt-backspace",
};
