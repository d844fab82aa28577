/** Taking lines out of a pager: selecting and copying them, saving all that show to a file, handing them to another program. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import { EngineError } from "../../engine/errors.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { parseLine, plainText } from "../ansi.ts";
import type { Notes } from "../notes.ts";
import type { PagerState } from "../state.ts";
import type { Line } from "./line-source.ts";
import { cellsOf, endPosition, inOrder, scroll, visibleRows, wholeRows } from "./pager.ts";
import type { OpenPager } from "./pager-search.ts";
import { inTurns } from "./search.ts";

/** Lines that are copied at most: a terminal's clipboard is no place for a log. */
const mostCopied = 10_000;
/** Lines written at once. */
const batch = 500;

export interface CopyParts {
  pager: OpenPager;
  notes: Notes;
  cwd: string;
  copy(text: string): void;
  /** Gives the terminal to a program of the host until that ends. */
  lend(words: readonly string[]): Promise<void>;
  env: Record<string, string | undefined>;
}

export class PagerCopy {
  #parts: CopyParts;
  /** Where the mouse button went down. */
  pressed: { line: number; column: number } | undefined;
  #closed = new AbortController();

  constructor(parts: CopyParts) {
    this.#parts = parts;
  }

  /** Begins to select lines with what was searched for, where that is in sight, else with the last one; again, it ends. */
  select(): void {
    this.#parts.pager.update((pager) => {
      if (pager.selected) return { selected: undefined };
      const layout = this.#parts.pager.layout(pager);
      const top = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
      const rows = visibleRows(pager.buffer, top, layout, {});
      const line = (rows.find((row) => row.line === pager.match) ?? rows.at(-1))?.line;
      return line === undefined ? {} : { selected: { from: line, to: line }, follow: false, top };
    });
  }

  /** A rectangle of the selected lines, or all of them again. Lines are cut for it: wrapped, they have no columns. */
  selectColumns(): void {
    if (!this.#parts.pager.get()?.selected) this.select();
    this.#parts.pager.update(({ selected, shift }) => {
      if (!selected) return {};
      const { columns, ...lines } = selected;
      return columns ? { selected: lines } : { selected: { ...lines, columns: { from: shift, to: shift } }, wrap: false };
    });
  }

  /** Moves the side of a rectangle, which stays in sight. */
  moveColumn(cells: number): void {
    this.#parts.pager.update((pager) => {
      const { selected, shift } = pager;
      if (!selected?.columns) return {};
      const to = Math.max(0, selected.columns.to + cells);
      const { width } = this.#parts.pager.layout(pager);
      const inSight = Math.max(to - width + 1, Math.min(shift, to));
      return { selected: { ...selected, columns: { ...selected.columns, to } }, shift: inSight };
    });
  }

  /** The other corner moves from now on. */
  turn(): void {
    this.#parts.pager.update(({ selected }) => {
      if (!selected) return {};
      const { from, to, columns } = selected;
      return { selected: { from: to, to: from, ...(columns && { columns: { from: columns.to, to: columns.from } }) } };
    });
  }

  /** What is below a place on the screen: a line, and a cell of it. @param row of the pager's own */
  placeAt(row: number, column: number): { line: number; column: number } | undefined {
    const pager = this.#parts.pager.get();
    if (!pager) return undefined;
    const layout = this.#parts.pager.layout(pager);
    const top = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
    const rows = visibleRows(pager.buffer, top, layout, {});
    const line = rows[Math.max(0, Math.min(row, rows.length - 1))]?.line;
    return line === undefined ? undefined : { line, column: Math.max(0, column) + layout.shift };
  }

  /** With the mouse: from one place to another. */
  selectTo(from: { line: number; column: number }, to: { line: number; column: number }, isRectangle: boolean): void {
    this.#parts.pager.update((pager) => {
      const layout = this.#parts.pager.layout(pager);
      const top = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
      const columns = isRectangle ? { columns: { from: from.column, to: to.column } } : {};
      const selected = { from: from.line, to: to.line, ...columns };
      return { selected, follow: false, top, ...(isRectangle && { wrap: false }) };
    });
  }

  /** Moves the end of what is selected, which stays in sight. */
  extend(lines: number): void {
    this.#parts.pager.update((pager) => {
      const { selected, buffer } = pager;
      if (!selected) return {};
      const layout = this.#parts.pager.layout(pager);
      let { to } = selected;
      for (let left = Math.abs(lines); left > 0; left--) {
        const next = lines < 0 ? buffer.previous(to) : buffer.next(to);
        if (next === undefined || next >= layout.end) break;
        to = next;
      }
      return { selected: { ...selected, to }, ...this.#inSight(pager, to) };
    });
  }

  #inSight(pager: PagerState, line: number): Partial<PagerState> {
    const layout = this.#parts.pager.layout(pager);
    if (line <= pager.top.line) return { top: { line, row: 0 } };
    const rows = visibleRows(pager.buffer, pager.top, layout, {});
    if (line < (rows.at(-1)?.line ?? line) || rows.length < layout.height) return {};
    return { top: scroll(pager.buffer, { line, row: 0 }, 1 - layout.height, layout).top };
  }

  /** What is selected, else what is in sight. */
  copy(): void {
    const pager = this.#parts.pager.get();
    if (!pager) return;
    const { buffer, selected } = pager;
    const layout = this.#parts.pager.layout(pager);
    const top = pager.follow ? endPosition(buffer, layout) : pager.top;
    const rows = visibleRows(buffer, top, layout, {});
    const [from, to] = selected ? [selected.from, selected.to].sort((a, b) => a - b) : [rows[0]?.line, rows.at(-1)?.line];
    if (from === undefined || to === undefined) return void this.#parts.notes.info("there is no line to copy");
    const texts: string[] = [];
    const columns = selected?.columns && inOrder(selected.columns);
    for (let at = from; at <= to && at < buffer.end && texts.length <= mostCopied; at = buffer.next(at)) {
      if (columns) texts.push(...wholeRows(buffer, at, layout).map((row) => cellsOf(row, columns)));
      else texts.push(textOf(buffer.line(at), pager));
    }
    if (texts.length > mostCopied) this.#parts.notes.info(`more than ${mostCopied} lines are for a file: s saves what shows`);
    else {
      this.#parts.copy(texts.join("\n"));
      this.#parts.pager.update(() => ({ selected: undefined }));
    }
  }

  /** Writes the lines that show, without their escape sequences; a file that is there stays as it is. */
  async save(path: string): Promise<void> {
    const { pager, notes, cwd } = this.#parts;
    const file = resolvePath(cwd, path);
    try {
      const count = await this.#write(file);
      notes.good(`${count} lines saved to ${neutraliseLine(file)}`);
    } catch (cause) {
      const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
      const why = exists ? "the file exists" : (cause as Error).message;
      notes.error(
        new EngineError("invalid", `cannot save to "${path}": ${why}`, { hint: exists ? "choose another name" : "check the path" }),
      );
    } finally {
      pager.update(() => ({ busy: undefined }));
    }
  }

  /** @returns how many lines there were @throws what the file system says */
  async #write(file: string): Promise<number> {
    const { pager } = this.#parts;
    const state = pager.get();
    const fd = openSync(file, "wx", 0o600);
    let count = 0;
    try {
      if (!state) return 0;
      pager.update(() => ({ busy: "saving" }));
      const { buffer } = state;
      const end = pager.layout(state).end;
      let at = buffer.first;
      await inTurns(() => {
        const lines: string[] = [];
        for (; lines.length < batch && at < end; at = buffer.next(at)) lines.push(`${textOf(buffer.line(at), state)}\n`);
        writeSync(fd, lines.join(""));
        count += lines.length;
        return at < end;
      }, this.#closed.signal);
      return count;
    } finally {
      closeSync(fd);
    }
  }

  /** The lines that show, in the user's pager or editor. */
  async openIn(what: "pager" | "editor"): Promise<void> {
    const { lend, env, notes, pager } = this.#parts;
    const directory = mkdtempSync(join(tmpdir(), "berth-lines-"));
    try {
      const file = join(directory, "lines.log");
      await this.#write(file);
      pager.update(() => ({ busy: undefined }));
      const program = what === "pager" ? env["PAGER"] || "less" : env["VISUAL"] || env["EDITOR"] || "vi";
      await lend(["/bin/sh", "-c", `${program} "$1"`, "sh", file]);
    } catch (cause) {
      notes.error(
        new EngineError("system", `cannot open the ${what}: ${(cause as Error).message}`, { cause, hint: `set $${what.toUpperCase()}` }),
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  close(): void {
    this.pressed = undefined;
    this.#closed.abort();
    this.#closed = new AbortController();
  }
}

/** A line as plain text, with what shows before it. */
function textOf(line: Line | undefined, { timestamps }: PagerState): string {
  const name = line?.from ? `${line.from.name} │ ` : "";
  return `${timestamps && line?.time ? `${line.time} ` : ""}${name}${plainText(parseLine(line?.text ?? ""))}`;
}
