/** Build events as text for faces that keep text instead of a terminal (the TUI's pages, tests): the shell's displays, into a string. */
import type { ProgressEvent } from "../../../engine/index.ts";
import { painter } from "../../print.ts";
import type { Progress, Screen } from "../../progress/index.ts";
import { PlainProgress } from "../../progress/plain.ts";
import { TerminalProgress } from "../../progress/terminal.ts";

export interface BuildRenderer {
  /** Text to show for an event, "" for none. */
  event(event: ProgressEvent): string;
  /** What closes the display: the output of the steps that failed. */
  end(): string;
}

/** @param columns of the place it is shown in; `tty` cuts longer lines there */
export function createBuildRenderer(mode: "plain" | "tty", columns = 80): BuildRenderer {
  let text = "";
  const screen: Screen = {
    write: (more) => {
      text += more;
    },
    size: () => ({ columns, rows: 24 }),
    paint: painter(false),
  };
  const progress: Progress = mode === "tty" ? new TerminalProgress(screen) : new PlainProgress(screen);
  const take = () => {
    const taken = text;
    text = "";
    return taken;
  };
  return {
    event(event) {
      progress.event(event);
      return take();
    },
    end() {
      progress.close();
      return take();
    },
  };
}
