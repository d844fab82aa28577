/**
 * The shell's streams and its real terminal, as the commands' `io`. Descriptors are opened when a command first reads
 * or writes them: `ps` opens none.
 */
import type { Readable } from "node:stream";
import type { Streams, Terminal } from "../engine/index.ts";
import { inputOnBun } from "../engine/sys/bun.ts";
import { defaultSize, givesLines, passOutputThrough, setMode, sizeOfTerminal, type TerminalSize } from "../engine/sys/terminal.ts";
import type { Io } from "./commands/command.ts";
import { isTerminal, leave, put, streamOf, write } from "./print.ts";
import { cancelling } from "./signals.ts";

/** Raw bytes from and to the real terminal. */
class RealTerminal implements Terminal {
  get columns(): number {
    return this.#size.columns;
  }
  get rows(): number {
    return this.#size.rows;
  }
  get #size(): TerminalSize {
    return sizeOfTerminal(1) ?? sizeOfTerminal(0) ?? defaultSize;
  }
  get input(): Readable {
    return process.stdin;
  }
  get output() {
    return streamOf("stdout");
  }
  onResize(listener: () => void): () => void {
    process.on("SIGWINCH", listener);
    return () => void process.off("SIGWINCH", listener);
  }
  onKey(listener: (key: string) => void): () => void {
    if (!isTerminal(0)) return () => {};
    const onData = (bytes: Buffer) => [...bytes.toString("latin1")].forEach(listener);
    this.#take(true);
    process.stdin.on("data", onData);
    return () => {
      process.stdin.off("data", onData).pause();
      this.#take(false);
    };
  }
  setRaw(raw: boolean): void {
    if (!isTerminal(0)) return;
    this.#take(raw);
    if (raw && isTerminal(1)) passOutputThrough(1);
  }
  #take(raw: boolean): void {
    process.stdin.setRawMode?.(raw);
    this.#raw = raw;
    if (!this.#restores) process.once("exit", () => this.#raw && process.stdin.setRawMode?.(false));
    this.#restores = true;
  }
  #raw = false;
  #restores = false;
}

/** What a program that was killed may have left set: alternate screen, mouse, paste and focus reports, wrapping, cursor, colours, keys. */
const usual =
  "\x1b[?2026l\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?1l\x1b>\x1b[?7h\x1b[0 q\x1b[?25h\x1b[m";

/**
 * Makes a terminal usable again that a killed program left: what is on its screen, and how it takes keys. Node puts back at its
 * end what it found at its start, so stty(1) takes over this process.
 */
export function resetTerminal(): number {
  if (isTerminal(1)) write("stdout", usual);
  if (isTerminal(0)) becomeShell(lines);
  return 0;
}

/**
 * For a program that takes raw keys and gives back what it found: it starts again where it finds something usable.
 * @param dismiss called before it does
 */
export function startOnUsableTerminal(self: readonly string[], dismiss?: () => void): void {
  if (!isTerminal(0) || gaveLines()) return;
  dismiss?.();
  becomeShell(`${lines}; exec "$@"`, self);
}

/** Before this program took its keys, as it may have by now. */
function gaveLines(): boolean {
  const { isRaw } = process.stdin;
  if (isRaw) process.stdin.setRawMode(false);
  const gave = givesLines(0);
  if (isRaw) process.stdin.setRawMode(true);
  return gave;
}

const lines = "stty icrnl ixon opost onlcr isig icanon echo echoe echok iexten";

function becomeShell(script: string, args: readonly string[] = []): void {
  process.execve!("/bin/sh", ["sh", "-c", script, "sh", ...args]);
}

/**
 * What the terminal was, as stty(1) tells it, before the launcher drew a session's prompt: it takes keys since then as the line editor
 * has them, so that what is typed while this program comes up is neither echoed twice nor lost, and Ctrl-C is a key.
 */
let before = drawnBefore();

function drawnBefore(): string | undefined {
  const { BERTH_TERMINAL: mode } = process.env;
  delete process.env["BERTH_TERMINAL"]; // no child's business
  if (mode === undefined || !/^([0-9a-f]+:){35}[0-9a-f]+$/.test(mode)) return undefined;
  process.once("exit", dismissPrompt);
  for (const signal of cancelling) process.on(signal, endBefore);
  return mode;
}

/** A signal that comes before the session is there to heed it: the terminal is given back at the exit. */
function endBefore(_signal: string, number: number): void {
  leave(128 + number);
}

/** Does a prompt stand on the terminal already? */
export function isPromptDrawn(): boolean {
  return before !== undefined;
}

/** Gives the terminal back as it was, for who takes it himself. */
export function takeDrawnPrompt(): void {
  const mode = before;
  before = undefined;
  for (const signal of cancelling) process.off(signal, endBefore);
  try {
    if (mode !== undefined) setMode(0, mode);
  } catch {
    // It is gone.
  }
}

/** There will be no session: something else stands in the prompt's place. */
export function dismissPrompt(): void {
  if (before === undefined) return;
  takeDrawnPrompt();
  write("stdout", "\r\x1b[J");
}

let input: Readable | undefined;

/** Descriptor 0, as one stream. */
function standardInput(): Readable {
  input ??= process.versions.bun && !isTerminal(0) ? inputOnBun(0) : process.stdin;
  return input;
}

/** Descriptors 0, 1, 2; `terminal` when one of the ends is one: only its size may be had then, or only its keys. */
class ShellStreams implements Streams {
  readonly inherit = true;
  #terminal: Terminal | undefined;

  get terminal(): Terminal | undefined {
    if (isTerminal(0) || isTerminal(1)) this.#terminal ??= new RealTerminal();
    return this.#terminal;
  }
  get stdin(): Readable {
    return standardInput();
  }
  get stdout() {
    return streamOf("stdout");
  }
  get stderr() {
    return streamOf("stderr");
  }
  readonly put = put;
}

/** The shell's io port. */
export function shellIo(onSignal: Io["onSignal"]): Io {
  return { streams: new ShellStreams(), confirm, onSignal, cwd: workingDirectory(), env: process.env };
}

/** A directory that was removed has no path any more, and one whose name is not UTF-8 none in a string: the kernel knows both. */
function workingDirectory(): string {
  const own = "/proc/self/cwd";
  try {
    const path = process.cwd();
    return path.includes("\ufffd") ? own : path;
  } catch {
    return own;
  }
}

/** Asks on stderr and reads one line of standard input, terminal or not (`yes | berth system prune`); end of input is no. */
async function confirm(question: string): Promise<boolean> {
  write("stderr", `${question} [y/N] `);
  let line = "";
  for await (const chunk of standardInput()) {
    line += String(chunk);
    if (line.includes("\n")) break;
  }
  return /^\s*y(es)?\s*$/i.test(line.split("\n")[0] ?? "");
}
