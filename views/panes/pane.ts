/**
 * A terminal inside the TUI: what a command writes goes into an emulated terminal, what the user types while the pane
 * has the keyboard goes to the command, byte for byte. The command runs through the dispatcher with these streams as
 * its `io`. How a pane looks is drawn in parts/pane-view.tsx.
 */
import { PassThrough, type Readable, Writable } from "node:stream";
import type { Terminal as Emulator, IBufferCell, IMarker } from "@xterm/headless";
import type { Streams, Terminal } from "../../engine/index.ts";
import { rowText } from "./ansi-row.ts";
import { loadCellWidths } from "./cell-widths.ts";
import { LineDiscipline } from "./line-discipline.ts";

const scrollback = 5000;
/** Milliseconds for a program to say how it reads keys; until then they wait, or they would be echoed twice. */
const settling = 2000;
/** Milliseconds between two drawings while output pours. */
const frame = 16;
/** Milliseconds that a program may hold back what it draws (DEC mode 2026): it may have died meanwhile. */
const longestFrame = 1000;

export interface PaneOptions {
  id: number;
  title: string;
  /** The command line that runs in it. */
  line: string;
  columns: number;
  rows: number;
  /** Something to draw. */
  onChange(): void;
}

export interface PaneCursor {
  x: number;
  y: number;
}

export class Pane implements Terminal {
  readonly id: number;
  readonly title: string;
  readonly line: string;
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
  /** Scrolled back: marks of the first line in sight, and of the last one that there was. */
  #back: { top: IMarker; end: IMarker } | undefined;
  #emulator: Emulator;
  #cell: IBufferCell;
  #cursorHidden = false;
  #cursorShape = 0;
  /** When the frame began that the program has not completed. */
  #frameBegan: number | undefined;
  /** What is written now was written before: what it asks has been answered. */
  #recalling = false;
  #raw = false;
  /** Keys that came before the program was ready for them. */
  #early: Buffer[] | undefined = [];
  #settled: NodeJS.Timeout;
  #discipline: LineDiscipline;
  #typed = new PassThrough();
  #resizeListeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #onChange: () => void;
  #cache: { rows: string[]; cursor: PaneCursor | undefined } | undefined;

  /** Loads the emulator (a megabyte of code) when the first pane opens. */
  static async open(options: PaneOptions): Promise<Pane> {
    const [{ default: xterm }, setWidths] = await Promise.all([import("@xterm/headless"), loadCellWidths()]);
    const emulator = new xterm.Terminal({ cols: options.columns, rows: options.rows, scrollback, allowProposedApi: true, logLevel: "off" });
    setWidths(emulator);
    return new Pane(options, emulator);
  }

  private constructor(options: PaneOptions, emulator: Emulator) {
    this.id = options.id;
    this.title = options.title;
    this.line = options.line;
    this.#onChange = options.onChange;
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
    // Answers to the program's questions (device attributes, cursor position) go where keys go.
    emulator.onData((answer) => this.#raw && !this.#recalling && this.#send(Buffer.from(answer)));
    emulator.onWriteParsed(() => this.#schedule());
    this.#listen(emulator.parser);
  }

  /** What the emulator does not tell of itself: whether its cursor shows, how it looks, and how long a frame takes. */
  #listen(parser: Emulator["parser"]): void {
    for (const final of ["h", "l"]) {
      parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
        if (parameters.includes(25)) this.#cursorHidden = final === "l";
        if (parameters.includes(2026)) this.#frameBegan = final === "h" ? Date.now() : undefined;
        return false;
      });
    }
    parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([shape]) => {
      this.#cursorShape = typeof shape === "number" ? shape : 0;
      return false;
    });
    const reset = () => {
      this.#cursorHidden = false;
      this.#cursorShape = 0;
      this.#frameBegan = undefined;
      return false;
    };
    parser.registerEscHandler({ final: "c" }, reset);
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, reset);
  }

  get columns(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  /** As DECSCUSR counts: 0 as the user's terminal has it, then block, underline, bar. */
  get cursorShape(): number {
    return this.#cursorShape;
  }

  /** Has the program asked for mouse events (DECSET 1000 and above)? */
  get wantsMouse(): boolean {
    return this.#emulator.modes.mouseTrackingMode !== "none";
  }

  recall(): () => void {
    this.#recalling = true;
    return () => this.#emulator.write("", () => (this.#recalling = false));
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
    this.#frameBegan = undefined; // whoever draws, draws anew
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
    if (this.offset > 0) this.scroll(-this.offset);
    const { applicationCursorKeysMode, bracketedPasteMode } = this.#emulator.modes;
    let text = bytes.toString("latin1");
    if (!bracketedPasteMode) text = text.replace(/\x1b\[20[01]~/g, "");
    if (applicationCursorKeysMode) text = text.replace(/\x1b\[([ABCDHF])/g, "\x1bO$1");
    if (!text) return;
    const translated = Buffer.from(text, "latin1");
    if (this.#raw) this.#send(translated);
    else this.#discipline.type(translated);
  }

  #send(bytes: Buffer): void {
    if (!this.#typed.writableEnded && !this.#typed.destroyed) this.#typed.write(bytes);
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

  /** Scrolls back (positive) or towards the present. */
  scroll(rows: number): void {
    const { baseY, cursorY, type } = this.#emulator.buffer.active;
    const offset = type === "alternate" ? 0 : Math.max(0, Math.min(baseY, this.offset + rows));
    const end = this.#back?.end ?? this.#emulator.registerMarker(0);
    const top = this.#emulator.registerMarker(-offset - cursorY);
    this.#back?.top.dispose();
    this.#back = offset > 0 && top && end ? { top, end } : undefined;
    if (!this.#back) for (const mark of [top, end]) mark?.dispose();
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
    const { baseY, cursorX, cursorY } = this.#emulator.buffer.active;
    const top = baseY - this.offset;
    const rows = Array.from({ length: this.rows }, (_, row) => rowText(this.#emulator, top + row, this.#cell));
    const visible = !this.#cursorHidden && !this.ended && cursorY + this.offset < this.rows;
    this.#cache = { rows, cursor: visible ? { x: Math.min(cursorX, this.columns - 1), y: cursorY + this.offset } : undefined };
    return this.#cache;
  }

  /** Ends the command and frees the emulator. */
  dispose(): void {
    this.closing.abort();
    clearTimeout(this.#settled);
    clearTimeout(this.#timer);
    this.#typed.destroy();
    this.#emulator.dispose();
  }

  /** The emulator calls back when a chunk is parsed: that is the back-pressure. */
  #writable(convert: (chunk: Buffer) => Buffer): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.#early) this.#ready();
        this.#emulator.write(convert(chunk), done);
      },
    });
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A program that draws a whole screen at once says so: show it when it is complete.
      if (this.#frameBegan !== undefined && Date.now() - this.#frameBegan < longestFrame) this.#schedule();
      else this.#changed();
    }, frame);
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
