/**
 * Progress of builds and transfers on standard error. `tty` redraws in place, `plain` writes lines, `rawjson` writes each
 * event as JSON, `quiet` writes only warnings. `auto` is tty on a terminal, else plain.
 */
import type { ProgressEvent } from "../../engine/events.ts";
import { hasColour, painter, sizeOf, write } from "../print.ts";
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
  /** Standard error is a terminal. */
  terminal: boolean;
}

export function createProgress({ mode, quiet, terminal }: ProgressOptions): Progress {
  if (quiet || mode === "quiet") return new QuietProgress();
  if (mode === "rawjson") return new RawProgress();
  const paint = painter(hasColour("stderr"));
  const screen = {
    write: (text: string) => write("stderr", text),
    size: () => sizeOf("stderr"),
    paint,
  };
  const isDrawn = mode === "tty" || (mode !== "plain" && terminal);
  return isDrawn ? new TerminalProgress(screen) : new PlainProgress(screen);
}

/** Where a display draws. */
export interface Screen {
  write(text: string): void;
  size(): { columns: number; rows: number };
  paint: ReturnType<typeof painter>;
}

class QuietProgress implements Progress {
  event(event: ProgressEvent): void {
    if (event.type === "warning" && !isLint(event)) write("stderr", reportWarning(event, hasColour("stderr")));
  }
  close(): void {}
}

class RawProgress implements Progress {
  event(event: ProgressEvent): void {
    const data = "data" in event ? { data: Buffer.from(event.data).toString("base64") } : {};
    write("stderr", `${JSON.stringify({ ...event, ...data })}\n`);
  }
  close(): void {}
}
