/**
 * What is copied goes to the clipboard of the user's terminal (OSC 52), which reaches through ssh but not through every terminal;
 * and where this machine has a desktop, to its clipboard by the tool that it has for that. Nothing waits for the tool.
 */
import type { Notes } from "./notes.ts";
import type { Pane } from "./panes/pane.ts";

export interface ClipboardParts {
  notes: Notes;
  env: Record<string, string | undefined>;
  /** Writes an escape sequence to the user's terminal. */
  send(sequence: string): void;
}

/** Tools with what they need to be of use, the first that is there. */
const tools: readonly { words: readonly [string, ...string[]]; display: string }[] = [
  { words: ["wl-copy"], display: "WAYLAND_DISPLAY" },
  { words: ["xclip", "-selection", "clipboard", "-in"], display: "DISPLAY" },
  { words: ["xsel", "--clipboard", "--input"], display: "DISPLAY" },
  { words: ["pbcopy"], display: "HOME" },
];
/** Milliseconds for a tool to take a text; those that serve it go on by themselves, in a process of their own. */
const patience = 3000;
/** Characters of a text that its note shows. */
const shown = 24;

export class Clipboard {
  #parts: ClipboardParts;

  constructor(parts: ClipboardParts) {
    this.#parts = parts;
  }

  copy(text: string): void {
    this.#parts.send(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
    void this.#give(text).catch(() => {}); // the terminal has it, or not: nobody can tell
    const lines = text.split("\n").length;
    this.#parts.notes.good(lines > 1 ? `copied ${lines} lines` : `copied ${text.length > shown ? `${text.slice(0, shown)}…` : text}`);
  }

  /** A program may fill the clipboard while the user works in it, and it shows; others could do so unseen. */
  copyFor(pane: Pane, hasKeyboard: boolean, text: string): void {
    if (hasKeyboard) this.copy(text);
    else this.#parts.notes.info(`${pane.title} may copy only while it has the keyboard`);
  }

  async #give(text: string): Promise<void> {
    const { findProgram, spawnProcess } = await import("../engine/process/spawn.ts");
    const { env } = this.#parts;
    const tool = tools.find(({ words: [name], display }) => env[display] && findProgram(name) !== undefined);
    if (!tool) return;
    const [name, ...args] = tool.words;
    const given = Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
    // What it says of its display would stand on the screen.
    const child = spawnProcess(findProgram(name)!, args, { cwd: "/", env: given, stdio: ["pipe", "ignore", "ignore"] });
    const late = setTimeout(() => child.kill("SIGKILL"), patience);
    child.on("error", () => clearTimeout(late));
    child.on("exit", () => clearTimeout(late));
    child.stdin?.on("error", () => {}); // it did not read all
    child.stdin?.end(text);
    child.unref();
    late.unref();
  }
}
