/**
 * A terminal without a terminal: what a program writes is parsed by xterm's own emulator, so that a test sees the screen
 * as a user would. Waiting is on conditions: every parsed write looks again.
 */
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";
import { loadCellWidths } from "../../views/panes/cell-widths.ts";

const setWidths = await loadCellWidths();

export type Condition = string | RegExp | ((text: string) => boolean);

/** How long a condition may take, in ms; a busy machine is slow, a broken program never comes. */
const patience = 30_000;

function holds(condition: Condition, text: string): boolean {
  if (typeof condition === "string") return text.includes(condition);
  return condition instanceof RegExp ? condition.test(text) : condition(text);
}

export class Screen {
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  /** Everything that was written. */
  raw = "";
  #looks = new Set<() => void>();

  constructor(columns = 80, rows = 24) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    setWidths(this.terminal);
    this.terminal.onWriteParsed(() => this.#look());
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }

  feed(data: string | Uint8Array): void {
    this.raw += typeof data === "string" ? data : Buffer.from(data).toString("latin1");
    this.terminal.write(data);
  }

  /** All that was written so far is on the screen. */
  parsed(): Promise<void> {
    return new Promise((resolve) => this.terminal.write("", resolve));
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
  }

  lines(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "");
  }

  text(): string {
    return this.lines().join("\n").trimEnd();
  }

  /** The screen's rows with their styles in brackets: ⟦i⟧ inverse, b bold, d dim, f2 foreground 2. */
  styled(row: number): string {
    const { active } = this.terminal.buffer;
    const line = active.getLine(active.baseY + row);
    let out = "";
    let before = "";
    for (let column = 0; line && column < this.terminal.cols; column++) {
      const cell = line.getCell(column)!;
      if (cell.getWidth() === 0) continue;
      const now =
        (cell.isInverse() ? "i" : "") +
        (cell.isBold() ? "b" : "") +
        (cell.isDim() ? "d" : "") +
        (cell.isFgDefault() ? "" : `f${cell.getFgColor()}`);
      if (now !== before) out += `⟦${now}⟧`;
      before = now;
      out += cell.getChars() || " ";
    }
    return out.trimEnd();
  }

  /** The alternate screen is in use. */
  get alternate(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  /** Resolves with the screen's text once the condition holds. */
  waitFor(condition: Condition, milliseconds = patience): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#looks.delete(look);
      };
      const look = () => {
        const text = this.text();
        if (!holds(condition, text)) return;
        end();
        resolve(text);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`not on the screen within ${milliseconds} ms: ${condition}\n${this.text()}`));
      }, milliseconds);
      this.#looks.add(look);
      look();
    });
  }
}

export interface FakeTerminal {
  screen: Screen;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** As if these bytes were typed. */
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Raw mode, as the program left it. */
  readonly raw: boolean;
}

/** A terminal's two ends in this process. */
export function fakeTerminal(columns = 80, rows = 24): FakeTerminal {
  const screen = new Screen(columns, rows);
  let raw = false;
  const write = (data: string | Uint8Array, encoding?: unknown, done?: () => void) => {
    // The kernel's terminal turns a line feed into carriage return and line feed (ONLCR), also in raw input mode.
    const bytes = Buffer.from(data as string)
      .toString("latin1")
      .replace(/\r?\n/g, "\r\n");
    screen.feed(Buffer.from(bytes, "latin1"));
    const callback = typeof encoding === "function" ? (encoding as () => void) : done;
    if (callback) queueMicrotask(callback);
    return true;
  };
  const stdout = Object.assign(new EventEmitter(), { isTTY: true, columns, rows, writable: true, write });
  const stdin = new PassThrough();
  const setRawMode = (mode: boolean) => {
    raw = mode;
    return stdin;
  };
  Object.assign(stdin, { isTTY: true, setRawMode, ref: () => stdin, unref: () => stdin });
  return {
    screen,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    type: (keys) => void stdin.write(keys),
    resize(nextColumns, nextRows) {
      screen.resize(nextColumns, nextRows);
      Object.assign(stdout, { columns: nextColumns, rows: nextRows });
      stdout.emit("resize");
    },
    get raw() {
      return raw;
    },
  };
}
