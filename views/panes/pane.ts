/**
 * A terminal inside the TUI: what a command writes goes into an emulated terminal, what the user types while the pane
 * has the keyboard goes to the command, byte for byte. The command runs through the dispatcher with these streams as
 * its `io`. How a pane looks is drawn in parts/pane-view.tsx.
 */
import { PassThrough, type Readable, Writable } from "node:stream";
import type { Streams, Terminal } from "../../engine/index.ts";
import { defaults, type PaneSettings } from "../config/settings.ts";
import { mouseReport } from "../input/mouse-report.ts";
import type { Mouse } from "../input/router.ts";
import { rowText } from "./ansi-row.ts";
import { createEmulator, type Emulator, type IBufferCell } from "./emulator.ts";
import { type Match, PaneHistory } from "./history.ts";
import { LineDiscipline } from "./line-discipline.ts";
import { type Listener, Reports } from "./reports.ts";

/** Milliseconds for a program to say how it reads keys; until then they wait, or they would be echoed twice. */
const settling = 2000;
/** Milliseconds between two drawings, and between two while more pours than anybody reads: they would take most of the time. */
const frame = 16;
const flooded = 100;
/** Bytes of output since the last drawing: so few are what a key brings, and are shown at once; so many are a flood. */
const echo = 256;
const flood = 32 << 10;
/** Bytes that may wait for the emulator before who writes is held up. */
const ahead = 128 << 10;
/** Milliseconds that a program may hold back what it draws (DEC mode 2026): it may have died meanwhile. */
const longestFrame = 1000;
const pasteBegins = "\x1b[200~";
const pasteEnds = "\x1b[201~";

export interface PaneOptions {
  id: number;
  title: string;
  /** The words of the command line that runs in it. */
  words: readonly string[];
  columns: number;
  rows: number;
  settings?: PaneSettings;
  /** Something to draw. */
  onChange(): void;
  /** What is the user's terminal's: each is told with the pane that it is from. */
  outside?: Outside;
}

/** The user's terminal, as far as programs in a pane reach it. */
export interface Outside {
  bell(pane: Pane): void;
  clipboard(pane: Pane, text: string): void;
  /** Several lines were pasted for a program that takes them for keys: they wait for a yes, and `Pane.paste`. */
  pasted(pane: Pane, text: string): void;
  colour: Listener["colour"];
}

export interface PaneCursor {
  x: number;
  y: number;
}

export class Pane implements Terminal {
  readonly id: number;
  readonly title: string;
  readonly words: readonly string[];
  readonly input: Readable;
  readonly output: Writable;
  readonly streams: Streams;
  /** Aborts the command: the user closed the pane. */
  readonly closing = new AbortController();
  /** Set when the command is over: how it ended, in words. */
  ended: string | undefined;
  /** Has the user typed something into it? */
  used = false;
  /** Keys that leave a session go to the program, too: the prefix key leaves a pane. */
  readonly hasWayOut = true;
  /** What the program calls it (OSC 0, 2). */
  programTitle = "";
  /** It rang while somebody else had the keyboard. */
  rang = false;
  readonly history: PaneHistory;
  #emulator: Emulator;
  #cell: IBufferCell;
  #reports: Reports;
  #settings: PaneSettings;
  #outside: Outside | undefined;
  /** What has come of a paste that goes on. */
  #paste: string | undefined;
  #raw = false;
  /** Keys that came before the program was ready for them. */
  #early: Buffer[] | undefined = [];
  #settled: NodeJS.Timeout;
  #discipline: LineDiscipline;
  #typed = new PassThrough();
  #resizeListeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  /** Bytes since the last drawing, and when the next may be (monotonic). */
  #undrawn = 0;
  #next = 0;
  #onChange: () => void;
  #cache: { rows: string[]; cursor: PaneCursor | undefined } | undefined;

  static async open(options: PaneOptions): Promise<Pane> {
    const { scrollback, answers } = options.settings ?? defaults.panes;
    return new Pane(options, await createEmulator({ ...options, scrollback, answers }));
  }

  private constructor(options: PaneOptions, emulator: Emulator) {
    this.id = options.id;
    this.title = options.title;
    this.words = options.words;
    this.#onChange = options.onChange;
    this.#settings = options.settings ?? defaults.panes;
    this.#settled = setTimeout(() => this.#ready(), settling);
    this.#emulator = emulator;
    this.#cell = emulator.buffer.active.getNullCell();
    this.input = this.#typed;
    this.output = this.#writable((chunk) => chunk);
    const cooked = this.#writable(withCarriageReturns());
    this.streams = { terminal: this, stdin: this.input, stdout: cooked, stderr: cooked };
    this.#discipline = new LineDiscipline({
      deliver: (bytes) => this.#typed.write(bytes),
      echo: (bytes) => emulator.write(bytes),
      endOfInput: () => this.#typed.end(),
      interrupt: () => this.closing.abort(),
    });
    const { outside } = options;
    this.#outside = outside;
    const reply = (answer: string) => void (this.#raw && !this.#reports.recalling && this.#send(Buffer.from(answer)));
    this.history = new PaneHistory(emulator);
    this.#reports = new Reports(emulator, this.#settings, {
      reply,
      bell: () => outside?.bell(this),
      title: (text) => {
        this.programTitle = text;
      },
      clipboard: (text) => outside?.clipboard(this, text),
      colour: (which, answer) => outside?.colour(which, answer),
    });
    // Answers to the program's questions (device attributes, cursor position) go where keys go.
    emulator.onData(reply);
    emulator.onWriteParsed(() => this.#schedule());
  }

  get columns(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  /** As DECSCUSR counts: 0 as the user's terminal has it, then block, underline, bar. */
  get cursorShape(): number {
    return this.#reports.cursorShape;
  }

  /** The mouse events that the program asked for (modes 9, 1000, 1002, 1003). */
  get mouseTracking(): Emulator["modes"]["mouseTrackingMode"] {
    return this.#settings.mouse && !this.ended ? this.#emulator.modes.mouseTrackingMode : "none";
  }

  /** Does it want to hear whether it has the keyboard (mode 1004)? */
  get wantsFocus(): boolean {
    return this.#settings.focus && !this.ended && this.#emulator.modes.sendFocusMode;
  }

  /** @param mouse within its screen */
  mouse(mouse: Mouse): void {
    this.#report(mouseReport(mouse, this.mouseTracking, this.#reports.mouseNotation));
  }

  /** It has the keyboard, or has it no more. */
  focus(has: boolean): void {
    if (has) this.rang = false;
    if (this.wantsFocus) this.#report(Buffer.from(has ? "\x1b[I" : "\x1b[O"));
  }

  /** What no key typed: the program that reads lines is not to get it. */
  #report(bytes: Buffer): void {
    if (this.#raw && bytes.length > 0 && !this.#early) this.#send(bytes);
  }

  recall(): () => void {
    this.#reports.recalling = true;
    return () => this.#emulator.write("", () => (this.#reports.recalling = false));
  }

  onResize(listener: () => void): () => void {
    this.#resizeListeners.add(listener);
    return () => void this.#resizeListeners.delete(listener);
  }

  setRaw(raw: boolean): void {
    this.#raw = raw;
    this.#ready();
  }

  /** What was typed and has not reached the program. */
  get undelivered(): string {
    return Buffer.concat(this.#early ?? []).toString();
  }

  #ready(): void {
    clearTimeout(this.#settled);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const bytes of early) this.type(bytes);
  }

  resize(columns: number, rows: number): void {
    if (columns < 1 || rows < 1 || (columns === this.columns && rows === this.rows)) return;
    this.#emulator.resize(columns, rows);
    this.#reports.frameBegan = undefined; // whoever draws, draws anew
    this.#cache = undefined;
    for (const listener of this.#resizeListeners) listener();
  }

  /** Bytes from the keyboard. */
  type(bytes: Buffer): void {
    if (this.ended || bytes.length === 0) return;
    this.used = true;
    if (this.#early) {
      this.#early.push(bytes);
      return;
    }
    if (this.history.offset > 0) this.scroll(-this.history.offset);
    const { applicationCursorKeysMode, bracketedPasteMode } = this.#emulator.modes;
    let text = bytes.toString("latin1");
    if (!bracketedPasteMode || this.#paste !== undefined) text = this.#unmarked(text);
    if (applicationCursorKeysMode) text = text.replace(/\x1b\[([ABCDHF])/g, "\x1bO$1");
    this.paste(text);
  }

  /** Bytes as they are, whatever they are, in latin1. */
  paste(text: string): void {
    if (this.ended || !text) return;
    const bytes = Buffer.from(text, "latin1");
    if (this.#raw) this.#send(bytes);
    else this.#discipline.type(bytes);
  }

  /** What goes on at once, without marks of pastes, to a program that cannot tell them from keys: it would run each line. */
  #unmarked(text: string): string {
    const isPaste = this.#paste !== undefined;
    const mark = isPaste ? pasteEnds : pasteBegins;
    const at = text.indexOf(mark);
    const piece = at < 0 ? text : text.slice(0, at);
    const rest = at < 0 ? undefined : text.slice(at + mark.length);
    if (!isPaste) {
      if (rest === undefined) return text;
      this.#paste = "";
      return piece + this.#unmarked(rest);
    }
    const paste = this.#paste + piece;
    this.#paste = rest === undefined ? paste : undefined;
    if (rest === undefined) return "";
    if (!this.#outside || !/[\r\n]/.test(paste.replace(/[\r\n]+$/, ""))) return paste + this.#unmarked(rest);
    this.#outside.pasted(this, paste);
    return this.#unmarked(rest);
  }

  #send(bytes: Buffer): void {
    if (!this.#typed.writableEnded && !this.#typed.destroyed) this.#typed.write(bytes);
  }

  /** Scrolls back (positive) or towards the present. */
  scroll(rows: number): void {
    this.history.scroll(rows);
    this.#changed();
  }

  /** Something of its look changed that the program did not write. */
  redraw(): void {
    this.#changed();
  }

  /** The wheel: scrolls back, or moves in a full-screen program, which has no past (xterm's alternate scroll). */
  wheel(rows: number): void {
    if (this.#emulator.buffer.active.type !== "alternate") this.scroll(rows);
    else this.type(Buffer.from((rows > 0 ? "\x1b[A" : "\x1b[B").repeat(Math.abs(rows))));
  }

  /** The command is over; what it wrote stays readable. Resolves when all of it is on the emulated screen. */
  async end(how: string): Promise<void> {
    this.#typed.end();
    await new Promise<void>((resolve) => this.#emulator.write("", resolve));
    this.ended = how;
    this.#changed();
  }

  /** Nothing is to be read in it. */
  get blank(): boolean {
    const { active } = this.#emulator.buffer;
    for (let line = 0; line < active.length; line++) if (active.getLine(line)?.translateToString(true)) return false;
    return true;
  }

  /** The rows in sight and where the cursor stands, if it shows. */
  draw(): { rows: string[]; cursor: PaneCursor | undefined } {
    if (this.#cache) return this.#cache;
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    const { offset, top } = this.history;
    const matches = this.history.matches();
    const rows = Array.from({ length: this.rows }, (_, row) => this.#row(top + row, matches));
    const visible = !this.#reports.cursorHidden && !this.ended && cursorY + offset < this.rows;
    this.#cache = { rows, cursor: visible ? { x: Math.min(cursorX, this.columns - 1), y: cursorY + offset } : undefined };
    return this.#cache;
  }

  #row(line: number, matches: readonly Match[]): string {
    const here = matches.filter((match) => match.line === line);
    const selected = this.history.selection.cellsIn(line);
    const marked = selected ? [...here, selected] : here;
    const isMarked = marked.length > 0 ? (column: number) => marked.some(({ from, to }) => column >= from && column < to) : undefined;
    return rowText(this.#emulator, line, this.#cell, { links: this.#settings.links, isMarked });
  }

  /** Ends the command and frees the emulator. */
  dispose(): void {
    this.closing.abort();
    clearTimeout(this.#settled);
    clearTimeout(this.#timer);
    this.#typed.destroy();
    this.#emulator.dispose();
  }

  /**
   * The emulator calls back when what it got is parsed: that is the back-pressure. It waits a millisecond for each piece, and a
   * terminal writes pieces of 4 KiB: what comes meanwhile it gets at once.
   */
  #writable(convert: (chunk: Buffer) => Buffer): Writable {
    const write = (bytes: Buffer, done: () => void) => {
      if (this.#early) this.#ready();
      this.#undrawn += bytes.length;
      this.#emulator.write(convert(bytes), done);
    };
    return new Writable({
      highWaterMark: ahead,
      write: (chunk: Buffer, _encoding, done) => write(chunk, done),
      writev: (chunks, done) => write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    });
  }

  #schedule(): void {
    const wait = this.#undrawn <= echo ? 0 : frame;
    this.#timer ??= setTimeout(() => this.#frame(), Math.max(wait, this.#next - performance.now()));
  }

  #frame(): void {
    this.#timer = undefined;
    // A program that draws a whole screen at once says so: show it when it is complete.
    const { frameBegan } = this.#reports;
    if (frameBegan !== undefined && Date.now() - frameBegan < longestFrame) {
      this.#next = performance.now() + frame;
      this.#schedule();
      return;
    }
    this.#next = performance.now() + (this.#undrawn > flood ? flooded : frame);
    this.#undrawn = 0;
    this.#changed();
  }

  #changed(): void {
    this.#cache = undefined;
    this.#onChange();
  }
}

/** A bare line feed also returns the carriage, as a terminal does for a program without one of its own. */
function withCarriageReturns(): (chunk: Buffer) => Buffer {
  let afterReturn = false;
  return (chunk) => {
    const text = chunk.toString("latin1");
    const fixed = text.replace(/\r?\n/g, (end, at: number) => (end === "\n" && at === 0 && afterReturn ? "\n" : "\r\n"));
    afterReturn = text.endsWith("\r");
    return Buffer.from(fixed, "latin1");
  };
}
