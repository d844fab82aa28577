/**
 * Progress of builds and transfers on standard error. `tty` redraws in place, `plain` writes lines, `rawjson` writes each
 * event as JSON, `json` does so with docker compose's members, `quiet` writes only warnings. `auto` is tty on a terminal, else plain.
 */
import type { ProgressEvent, ResourceEvent } from "../../engine/events.ts";
import type { Paint } from "../print.ts";
import { reportWarning } from "../report.ts";
import { PlainProgress } from "./plain.ts";
import { TerminalProgress } from "./terminal.ts";
import { isLint } from "./warnings.ts";

export interface Progress {
  event(event: ProgressEvent): void;
  /** Draws the last state and lets go of the screen. */
  close(): void;
}

export interface ProgressOptions {
  mode: string;
  quiet: boolean;
  screen: Screen;
}

export function createProgress({ mode, quiet, screen }: ProgressOptions): Progress {
  if (quiet || mode === "quiet") return new QuietProgress(screen);
  if (mode === "rawjson" || mode === "json") return new RawProgress(screen, mode === "json");
  const isDrawn = mode === "tty" || (mode !== "plain" && screen.terminal);
  return isDrawn ? new TerminalProgress(screen) : new PlainProgress(screen);
}

/** Where a display draws. */
export interface Screen {
  write(text: string): void;
  size(): { columns: number; rows: number };
  paint: Paint;
  /** It is drawn on, not only written to. */
  terminal: boolean;
}

/** A line of docker compose's `--progress json`; undefined for what it has no words for. */
function composeLine(event: ProgressEvent): object | undefined {
  if (event.type === "warning" && !isLint(event)) return { level: "warning", msg: event.text, time: new Date().toISOString() };
  return event.type === "resource" ? resourceLine(event) : undefined;
}

function resourceLine({ dryRun, kind, name, status, text }: ResourceEvent): object {
  return { ...(dryRun && { "dry-run": true }), id: `${kind} ${name}`, ...(text !== undefined && { text }), status };
}

class QuietProgress implements Progress {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  event(event: ProgressEvent): void {
    if (event.type === "warning" && !isLint(event)) this.#screen.write(reportWarning(event, this.#screen.paint));
  }
  close(): void {}
}

class RawProgress implements Progress {
  readonly #screen: Screen;
  readonly #isCompose: boolean;

  constructor(screen: Screen, isCompose: boolean) {
    this.#screen = screen;
    this.#isCompose = isCompose;
  }

  event(event: ProgressEvent): void {
    const data = "data" in event ? { data: Buffer.from(event.data).toString("base64") } : {};
    const line = (this.#isCompose && composeLine(event)) || { ...event, ...data };
    this.#screen.write(`${JSON.stringify(line)}\n`);
  }
  close(): void {}
}
