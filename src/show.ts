/** Runs a command line for a text face (shell, REPL) on this process's own output. */
import type { Context } from "./commands/command.ts";
import type { Executed, Resolved } from "./commands/execute.ts";
import { hasColour, isTerminal, painter, put, putSoon, sizeOf } from "./print.ts";
import type { Screen } from "./progress/index.ts";
import { renderEvents } from "./render-events.ts";

export interface ShowOptions {
  /** JSON lines for results and rows. */
  json?: boolean;
  /** Shows a result that is larger than the screen; false: it is printed as ever. */
  page?: ((text: string) => Promise<boolean>) | undefined;
  /** Told of what goes to standard output. */
  heard?: ((data: string | Uint8Array) => void) | undefined;
}

/** Runs a resolved command line and prints it; throws what the command throws, after the progress display is closed. */
export function show(context: Context, resolved: Resolved, options: ShowOptions = {}): Promise<Executed> {
  const terminal = isTerminal(1);
  let liveLines = 0; // of the table before, which the next replaces
  const tell = (text: string) => {
    options.heard?.(text);
    return put("stdout", text);
  };
  return renderEvents(context, resolved, {
    json: (options.json ?? false) || resolved.input.flags["json"] === true,
    terminal,
    notices: ownScreen(),
    ...(!terminal && { builds: tell }),
    output(data, stream) {
      if (stream === "stdout") options.heard?.(data);
      return put(stream, data);
    },
    row(text, isLive) {
      if (!isLive || !terminal) return tell(text);
      // Repaint in place: up over the previous table, erase below, draw.
      const up = liveLines > 0 ? `\x1b[${liveLines}A` : "";
      liveLines = text.split("\n").length - 1;
      return put("stdout", `${up}\r\x1b[J${text}`);
    },
    async result(text) {
      if (!(await options.page?.(text))) return tell(text);
      options.heard?.(text);
    },
  });
}

/** This process's standard error. */
function ownScreen(): Screen {
  return {
    write: (text) => void putSoon("stderr", text)?.catch(() => {}), // the outlet keeps it for `flushed`
    size: () => sizeOf("stderr"),
    paint: painter(hasColour("stderr")),
    terminal: isTerminal(2),
  };
}
