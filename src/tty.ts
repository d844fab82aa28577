/**
 * The shell's streams and its real terminal, as the commands' `io`. Descriptors are opened when a command first reads
 * or writes them: `ps` opens none.
 */
import type { Readable } from "node:stream";
import type { Streams, Terminal } from "../engine/index.ts";
import { defaultSize, passOutputThrough, sizeOfTerminal, type TerminalSize } from "../engine/sys/terminal.ts";
import type { Io } from "./commands/command.ts";
import { isTerminal, put, streamOf, write } from "./print.ts";

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
  setRaw(raw: boolean): void {
    if (!isTerminal(0)) return;
    process.stdin.setRawMode?.(raw);
    if (raw && isTerminal(1)) passOutputThrough(1);
    this.#raw = raw;
    if (!this.#restores) process.once("exit", () => this.#raw && process.stdin.setRawMode?.(false));
    this.#restores = true;
  }
  #raw = false;
  #restores = false;
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
    return process.stdin;
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

/** A directory that was removed has no path any more, but the kernel still knows it. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/proc/self/cwd";
  }
}

/** Asks on stderr and reads one line of standard input, terminal or not (`yes | berth system prune`); end of input is no. */
async function confirm(question: string): Promise<boolean> {
  write("stderr", `${question} [y/N] `);
  const { stdin } = process;
  let line = "";
  for await (const chunk of stdin) {
    line += String(chunk);
    if (line.includes("\n")) break;
  }
  return /^\s*y(es)?\s*$/i.test(line.split("\n")[0] ?? "");
}
