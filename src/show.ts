/**
 * Runs a command line for a text face (shell, REPL): events to the terminal as they come, then the result. Everything a
 * person sees of a command passes through here.
 */
import type { OutputEvent, ProgressEvent } from "../engine/events.ts";
import type { Context, Input } from "./commands/command.ts";
import { type Executed, executeResolved, type Resolved } from "./commands/execute.ts";
import { presentResult, presentRow } from "./present.ts";
import { hasColour, isTerminal, put, write } from "./print.ts";
import type { Progress } from "./progress/index.ts";

export interface ShowOptions {
  /** JSON lines for results and rows. */
  json?: boolean;
}

/** Runs a resolved command line and prints it; throws what the command throws, after the progress display is closed. */
export async function show(context: Context, resolved: Resolved, options: ShowOptions = {}): Promise<Executed> {
  const { spec, input } = resolved;
  const json = (options.json ?? false) || input.flags["json"] === true;
  const display = new Display(resolved, json);
  let executed: Executed;
  try {
    const events = executeResolved(context, resolved);
    for (;;) {
      const step = await events.next();
      if (step.done) {
        executed = step.value;
        break;
      }
      await display.event(step.value);
    }
  } finally {
    display.close();
  }
  await put("stdout", await presentResult(spec, input, executed.result, { json, terminal: isTerminal(1) }));
  return executed;
}

/** What is on the terminal while a command runs. */
class Display {
  readonly #resolved: Resolved;
  readonly #json: boolean;
  #progress: Progress | undefined;
  /** Lines of the previous live table, to be replaced. */
  #liveLines = 0;

  constructor(resolved: Resolved, json: boolean) {
    this.#resolved = resolved;
    this.#json = json;
  }

  async event(event: ProgressEvent): Promise<void> {
    switch (event.type) {
      case "output":
        return this.#output(event);
      case "row":
        return this.#row(event.value);
      case "message": {
        const { neutralise } = await import("./format/neutral.ts");
        this.close();
        return write("stderr", `${neutralise(event.text)}\n`);
      }
      case "warning": {
        if (this.#progress) return this.#progress.event(event);
        const { reportWarning } = await import("./report.ts");
        return write("stderr", reportWarning(event, hasColour("stderr")));
      }
      default:
        this.#progress ??= await this.#open(this.#resolved.input);
        return this.#progress.event(event);
    }
  }

  async #open(input: Input): Promise<Progress> {
    const { createProgress } = await import("./progress/index.ts");
    const wanted = String(input.flags["progress"] ?? "auto");
    const quiet = input.flags["quiet"] === true;
    return createProgress({ mode: this.#json && wanted === "auto" ? "rawjson" : wanted, quiet, terminal: isTerminal(2) });
  }

  async #output(event: OutputEvent): Promise<void> {
    this.close();
    await put(event.stream, event.data);
  }

  async #row(value: unknown): Promise<void> {
    const { spec, input } = this.#resolved;
    const shown = this.#json ? undefined : spec.presentRow?.(value as never, input);
    const text = await presentRow(spec, input, value, { json: this.#json, terminal: isTerminal(1) });
    const live = shown?.kind === "table" && shown.live && isTerminal(1);
    if (!live) return put("stdout", text);
    // Repaint in place: up over the previous table, erase below, draw.
    const up = this.#liveLines > 0 ? `\x1b[${this.#liveLines}A` : "";
    await put("stdout", `${up}\r\x1b[J${text}`);
    this.#liveLines = text.split("\n").length - 1;
  }

  /** Ends the progress display, leaving its last state on the screen. */
  close(): void {
    this.#progress?.close();
    this.#progress = undefined;
  }
}
