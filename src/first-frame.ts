/**
 * The first frame of the terminal UI: what is on the screen before anything was read. It is the same each time on a terminal of one kind
 * and size, so it is kept, and shown as soon as Node is there: the program that draws it takes two to four times as long to load. Loads
 * nothing of the bundle.
 */
import { mkdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import { keepOwn, readOwn } from "./own-files.ts";

/** What decides how a frame looks, besides the command line, the program and the configuration. */
const looks = ["TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "FORCE_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY"];
/** What decides whose engine it is of. */
const hosts = ["BERTH_HOST", "DOCKER_HOST", "DOCKER_CONTEXT"];

/** The alternate screen, empty; the cursor stays where it was. */
const enter = "\x1b[?1049h\x1b[H\x1b[?25l";
const leave = "\x1b[?1049l\x1b[?25h";
const ends = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

export class FirstFrame {
  readonly #file: string;
  readonly #key: string;
  #kept: string | undefined;
  #isShown = false;

  /** @param directory where it is kept, a file for each size of a terminal, beside the code: what is old there is removed */
  constructor(directory: string, argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const { columns, rows } = process.stdout;
    this.#file = join(directory, `frame.${columns}x${rows}`);
    const config = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "", ".config");
    const docker = env["DOCKER_CONFIG"] || join(env["HOME"] ?? "", ".docker");
    const files = [import.meta.filename, join(config, "berth/config.yaml"), join(docker, "config.json")];
    this.#key = JSON.stringify([argv, [...looks, ...hosts].map((name) => env[name] ?? null), files.map(stateOf)]);
  }

  /** Shows what was kept, if that is this one, on a terminal that takes keys from here on as the UI has them. */
  show(): void {
    const [key, frame] = splitAtLine(readOwn(this.#file)?.toString() ?? "");
    if (key !== this.#key) return;
    this.#kept = frame;
    this.#isShown = true;
    for (const signal of ends) process.on(signal, this.#end);
    process.once("exit", this.dismiss);
    process.stdin.on("error", ignore).setRawMode(true);
    draw(enter + frame);
  }

  /** Somebody else has the screen from here on. Is it on it? */
  take(): boolean {
    const wasShown = this.#isShown;
    this.#isShown = false;
    for (const signal of ends) process.off(signal, this.#end);
    process.off("exit", this.dismiss);
    if (wasShown) process.stdin.off("error", ignore);
    return wasShown;
  }

  /** The screen as it was before: there will be no UI, or not yet. */
  readonly dismiss = (): void => {
    if (!this.#isShown) return;
    process.stdin.setRawMode(false);
    draw(leave);
    this.take();
  };

  /** By the signal itself: an exit waits for what the configuration's disk does not answer. */
  readonly #end = (signal: NodeJS.Signals): void => {
    this.dismiss();
    process.kill(process.pid, signal);
  };

  /** Keeps it for the next time. It never throws: a disk that is full costs time only. */
  keep(frame: string): void {
    if (frame === this.#kept) return;
    this.#kept = frame;
    try {
      mkdirSync(join(this.#file, ".."), { recursive: true, mode: 0o700 });
      keepOwn(this.#file, `${this.#key}\n${frame}`);
    } catch {
      // As said.
    }
  }
}

/** Of the UI that is about to be started on this terminal; undefined without one. */
export function firstFrame(directory: string, argv: readonly string[]): FirstFrame | undefined {
  return isatty(0) && isatty(1) && process.env["TERM"] !== "dumb" ? new FirstFrame(directory, argv) : undefined;
}

/** A terminal that is gone is somebody else's to tell of. */
const ignore = () => {};

function draw(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // As said.
  }
}

/** Which of all states a file is in. */
function stateOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.mtimeMs} ${stats.size}`;
}

function splitAtLine(text: string): [string, string] {
  const end = text.indexOf("\n");
  return [text.slice(0, end), text.slice(end + 1)];
}
