/** What is selected in a terminal: whole lines, or a rectangle. It stays on its lines while output comes, until they are dropped. */
import type { Emulator, IMarker } from "./emulator.ts";

interface End {
  line: IMarker;
  column: number;
}

export class PaneSelection {
  #emulator: Emulator;
  #ends: { from: End; to: End } | undefined;
  /** A rectangle between the columns of its ends. */
  #isRectangle = false;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** Is there one? Its lines may have been dropped meanwhile. */
  get active(): boolean {
    if (this.#ends && (this.#ends.from.line.isDisposed || this.#ends.to.line.isDisposed)) this.clear();
    return this.#ends !== undefined;
  }

  get isRectangle(): boolean {
    return this.#isRectangle;
  }

  /** The line of the end that moves. */
  get line(): number {
    return this.#ends?.to.line.line ?? 0;
  }

  /** Begins with one line, or one cell. */
  begin(line: number, column: number, isRectangle: boolean): void {
    this.clear();
    const [from, to] = [this.#mark(line), this.#mark(line)];
    if (!from || !to) return;
    this.#isRectangle = isRectangle;
    this.#ends = { from: { line: from, column }, to: { line: to, column } };
  }

  /** Moves its end. */
  extend(line: number, column: number): void {
    if (!this.active) return;
    const mark = this.#mark(line);
    if (!mark) return;
    this.#ends!.to.line.dispose();
    this.#ends!.to = { line: mark, column: Math.max(0, Math.min(column, this.#emulator.cols - 1)) };
  }

  /** Moves its end by rows and columns, within what there is. @returns the line that it is on then */
  move(rows: number, columns: number): number {
    const { length } = this.#emulator.buffer.active;
    const line = Math.max(0, Math.min(this.line + rows, length - 1));
    this.extend(line, (this.#ends?.to.column ?? 0) + columns);
    return line;
  }

  /** Lines become a rectangle, or it lines. */
  toggleRectangle(): void {
    this.#isRectangle = !this.#isRectangle;
  }

  /** The other end moves from now on. */
  turn(): void {
    if (this.#ends) this.#ends = { from: this.#ends.to, to: this.#ends.from };
  }

  clear(): void {
    this.#ends?.from.line.dispose();
    this.#ends?.to.line.dispose();
    this.#ends = undefined;
    this.#isRectangle = false;
  }

  #mark(line: number): IMarker | undefined {
    const { baseY, cursorY } = this.#emulator.buffer.active;
    return this.#emulator.registerMarker(line - baseY - cursorY);
  }

  #bounds(): { top: number; bottom: number; left: number; right: number } | undefined {
    if (!this.active) return undefined;
    const { from, to } = this.#ends!;
    const [top, bottom] = [from.line.line, to.line.line].sort((a, b) => a - b) as [number, number];
    const [left, right] = [from.column, to.column].sort((a, b) => a - b) as [number, number];
    return this.#isRectangle ? { top, bottom, left, right } : { top, bottom, left: 0, right: this.#emulator.cols - 1 };
  }

  /** The columns of a line that are selected: from, and one past the end. */
  cellsIn(line: number): { from: number; to: number } | undefined {
    const bounds = this.#bounds();
    return bounds && line >= bounds.top && line <= bounds.bottom ? { from: bounds.left, to: bounds.right + 1 } : undefined;
  }

  /** Its text. Of whole lines what was wrapped is joined again; of a rectangle each row is a line. */
  text(): string {
    const bounds = this.#bounds();
    if (!bounds) return "";
    const { top, bottom, left, right } = bounds;
    const { active } = this.#emulator.buffer;
    const rows = Array.from({ length: bottom - top + 1 }, (_, at) => active.getLine(top + at));
    if (this.#isRectangle) return rows.map((row) => row?.translateToString(false, left, right + 1).trimEnd() ?? "").join("\n");
    return rows
      .map((row, at) => `${at > 0 && !row?.isWrapped ? "\n" : ""}${row?.translateToString(!rows[at + 1]?.isWrapped) ?? ""}`)
      .join("");
  }
}
