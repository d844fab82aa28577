/** What has left the screen of a terminal: scrolling in it, searching it, marks, how much of it was dropped. */
import { type Emulator, type IMarker, onDropped } from "./emulator.ts";
import { PaneSelection } from "./selection.ts";

/** Cells of one row that hold a match: from, and one past its end. */
export interface Match {
  line: number;
  from: number;
  to: number;
}

export class PaneHistory {
  readonly selection: PaneSelection;
  #emulator: Emulator;
  /** Scrolled back: marks of the first line in sight, and of the last one that there was. */
  #back: { top: IMarker; end: IMarker } | undefined;
  #marks: IMarker[] = [];
  #dropped = 0;
  #pattern: RegExp | undefined;
  /** The line that holds the match the user looks at. */
  #found: IMarker | undefined;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    this.selection = new PaneSelection(emulator);
    this.#count();
    // What the program clears (ED 3, RIS) is not dropped.
    emulator.parser.registerCsiHandler({ final: "J" }, ([what]) => {
      const { active } = emulator.buffer;
      if (what === 3 && active.type === "normal") this.#dropped = emulator.rows - active.length; // it will be counted in a moment
      return false;
    });
    emulator.parser.registerEscHandler({ final: "c" }, () => {
      queueMicrotask(() => this.#count());
      return false;
    });
  }

  /** From here on: a hard reset makes new buffers. */
  #count(): void {
    this.#dropped = 0;
    onDropped(this.#emulator, (count) => (this.#dropped += count));
  }

  /** Rows scrolled back from the bottom. The view stays on its lines while output comes, until they are dropped. */
  get offset(): number {
    const { baseY, type } = this.#emulator.buffer.active;
    return this.#back && type === "normal" ? baseY - Math.max(0, this.#back.top.line) : 0;
  }

  /** Lines that came since the view was scrolled back. */
  get fresh(): number {
    const { baseY, cursorY } = this.#emulator.buffer.active;
    return this.offset > 0 ? baseY + cursorY - Math.max(0, this.#back!.end.line) : 0;
  }

  /** Lines that there is no more room for, since the program began or cleared them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines kept above the screen from now on. */
  limit(lines: number): void {
    if (this.#emulator.options.scrollback !== lines) this.#emulator.options.scrollback = lines;
  }

  /** Scrolls back (positive) or towards the present. */
  scroll(rows: number): void {
    const { baseY, cursorY, type } = this.#emulator.buffer.active;
    const offset = type === "alternate" ? 0 : Math.max(0, Math.min(baseY, this.offset + rows));
    const end = this.#back?.end ?? this.#emulator.registerMarker(0);
    const top = this.#emulator.registerMarker(-offset - cursorY);
    this.#back?.top.dispose();
    this.#back = offset > 0 && top && end ? { top, end } : undefined;
    if (!this.#back) for (const mark of [top, end]) mark?.dispose();
  }

  /** The first line in sight. */
  get top(): number {
    return this.#emulator.buffer.active.baseY - this.offset;
  }

  #show(line: number): void {
    this.scroll(this.top - Math.max(0, line));
  }

  /** Begins to select with the last row in sight that shows something. */
  select(isRectangle: boolean): void {
    const { active } = this.#emulator.buffer;
    let line = this.top + this.#emulator.rows - 1;
    while (line > this.top && !active.getLine(line)?.translateToString(true)) line--;
    this.selection.begin(line, 0, isRectangle);
  }

  /** Moves the end of what is selected, which stays in sight. */
  moveSelection(rows: number, columns: number): void {
    const line = this.selection.move(rows, columns);
    if (line < this.top) this.#show(line);
    else if (line >= this.top + this.#emulator.rows) this.#show(line - this.#emulator.rows + 1);
  }

  /** Sets a mark at the first line in sight, or takes away the one that is there. @returns is there one now? */
  mark(): boolean {
    const at = this.#marks.findIndex(({ line }) => line === this.top);
    if (at >= 0) {
      this.#marks.splice(at, 1)[0]!.dispose();
      return false;
    }
    const { baseY, cursorY } = this.#emulator.buffer.active;
    const mark = this.#emulator.registerMarker(this.top - baseY - cursorY);
    if (mark) this.#marks.push(mark);
    return mark !== undefined;
  }

  /** To the next mark above (-1) or below (1), around the ends. @returns false when there is none */
  jump(step: 1 | -1): boolean {
    this.#marks = this.#marks.filter(({ isDisposed }) => !isDisposed);
    const lines = this.#marks.map(({ line }) => line).sort((a, b) => (a - b) * step);
    const next = lines.find((line) => (line - this.top) * step > 0) ?? lines[0];
    if (next !== undefined) this.#show(next);
    return next !== undefined;
  }

  /** What to look for from now on; undefined ends it. */
  search(pattern: RegExp | undefined): void {
    this.#pattern = pattern;
    this.#found?.dispose();
    this.#found = undefined;
  }

  get searched(): boolean {
    return this.#pattern !== undefined;
  }

  /** Brings the next line with a match above (-1) or below (1) into sight, around the ends. @returns false when there is none */
  find(step: 1 | -1): boolean {
    const { active } = this.#emulator.buffer;
    const pattern = this.#pattern;
    if (!pattern) return false;
    const last = active.baseY + this.#emulator.rows - 1;
    const start =
      this.#found && !this.#found.isDisposed ? this.#found.line : step < 0 ? Math.min(last, this.top + this.#emulator.rows) : this.top - 1;
    for (let moved = 1; moved <= last + 1; moved++) {
      const line = (start + moved * step + 2 * (last + 1)) % (last + 1);
      if (active.getLine(line)?.isWrapped || !pattern.test(this.#lineFrom(line).text)) continue;
      this.#found?.dispose();
      this.#found = this.#emulator.registerMarker(line - active.baseY - active.cursorY);
      if (line < this.top || line >= this.top + this.#emulator.rows) this.#show(line - Math.floor(this.#emulator.rows / 3));
      return true;
    }
    return false;
  }

  /** The matches within the rows in sight. */
  matches(): Match[] {
    const pattern = this.#pattern;
    if (!pattern) return [];
    const { active } = this.#emulator.buffer;
    const matches: Match[] = [];
    let line = this.top;
    while (line > 0 && active.getLine(line)?.isWrapped) line--;
    for (const end = this.top + this.#emulator.rows; line < end; ) {
      const { text, rows } = this.#lineFrom(line);
      for (const found of text.matchAll(new RegExp(pattern, `${pattern.flags}g`)))
        if (found[0]) matches.push(...this.#cellsOf(line, found.index, found.index + found[0].length));
      line += rows;
    }
    return matches;
  }

  /** A whole line that begins in a row: what the terminal has wrapped is one. */
  #lineFrom(line: number): { text: string; rows: number } {
    const { active } = this.#emulator.buffer;
    let rows = 1;
    while (active.getLine(line + rows)?.isWrapped) rows++;
    const text = Array.from({ length: rows }, (_, at) => active.getLine(line + at)?.translateToString(at === rows - 1) ?? "").join("");
    return { text, rows };
  }

  /** Where a piece of a line's text stands: a character may take several cells, a cell hold several characters. */
  #cellsOf(line: number, from: number, to: number): Match[] {
    const matches: Match[] = [];
    const { active } = this.#emulator.buffer;
    let at = 0;
    for (let row = line; at < to; row++) {
      const cells = active.getLine(row);
      if (!cells) return matches;
      let first: number | undefined;
      let end = 0;
      for (let column = 0; column < cells.length && at < to; column++) {
        const cell = cells.getCell(column)!;
        if (cell.getWidth() === 0) continue;
        if (at >= from) [first, end] = [first ?? column, column + cell.getWidth()];
        at += cell.getChars().length || 1;
      }
      if (first !== undefined) matches.push({ line: row, from: first, to: end });
    }
    return matches;
  }

  /** What is selected, else the text of the rows in sight, what was wrapped joined again. */
  text(): string {
    if (this.selection.active) return this.selection.text();
    const { active } = this.#emulator.buffer;
    const rows = Array.from({ length: this.#emulator.rows }, (_, at) => active.getLine(this.top + at));
    const text = rows.map((row, at) => `${at > 0 && !row?.isWrapped ? "\n" : ""}${row?.translateToString(!rows[at + 1]?.isWrapped) ?? ""}`);
    return text.join("").replace(/\n+$/, "");
  }
}
