/**
 * What a command says while it runs, for every face: the one place that knows each kind of event. A face lends a sink,
 * and decides nothing but where text goes; so no face swallows what another shows.
 */
import type { ProgressEvent, WarningEvent } from "../engine/events.ts";
import type { Context } from "./commands/command.ts";
import { type Executed, executeResolved, type Resolved } from "./commands/execute.ts";
import { presentResult, presentRow } from "./present.ts";
import { painter } from "./print.ts";
import type { Progress, Screen } from "./progress/index.ts";
import { wantedProgress } from "./progress/wanted.ts";

/** Where a face shows a command. Results of its methods are awaited: a slow reader slows the command down. */
export interface Sink {
  /** JSON lines for results and rows. */
  json?: boolean;
  /** A person reads results on a terminal. */
  terminal?: boolean;
  /** Bytes of a container, a step or a stream. */
  output(data: Uint8Array, stream: "stdout" | "stderr"): unknown;
  /** One row as text, and as the data that it is; a live one replaces the row before. */
  row(text: string, isLive: boolean, value: unknown): unknown;
  /** The result as text, "" for none. */
  result(text: string): unknown;
  /** What builds say, for commands that print it where nothing is drawn; none: among the notices. */
  builds?(text: string): unknown;
  /** What a shell has on standard error: messages, warnings, progress. */
  notices: Screen;
  /** Told of each event before it is shown, by a face that draws more of it than this. */
  event?(event: ProgressEvent): void;
  /** Awaited after each event, by a face that has more to do than this. */
  turn?(): unknown;
}

/** A place for notices without a terminal: lines as they come. */
export function plainScreen(write: (text: string) => unknown): Screen {
  return { write: (text) => void write(text), size: () => ({ columns: 80, rows: 24 }), paint: painter(false), terminal: false };
}

/** Runs a resolved command line into a sink; throws what the command throws, after the progress display is closed. */
export async function renderEvents(context: Context, resolved: Resolved, sink: Sink): Promise<Executed> {
  const { spec, input } = resolved;
  const notices = new Notices(resolved, sink, context.io.env);
  let executed: Executed;
  try {
    const events = executeResolved(context, resolved);
    for (;;) {
      const step = await events.next();
      if (step.done) {
        executed = step.value;
        break;
      }
      sink.event?.(step.value);
      await renderEvent(step.value, resolved, sink, notices);
      await sink.turn?.();
    }
  } finally {
    await notices.end();
  }
  await sink.result(await presentResult(spec, input, executed.result, sink));
  return executed;
}

async function renderEvent(event: ProgressEvent, { spec, input }: Resolved, sink: Sink, notices: Notices): Promise<unknown> {
  if (event.type === "output") {
    notices.close();
    return sink.output(event.data, event.stream);
  }
  if (event.type !== "row") return notices.event(event);
  const shown = sink.json ? undefined : spec.presentRow?.(event.value as never, input);
  return sink.row(await presentRow(spec, input, event.value, sink), shown?.kind === "table" && shown.live === true, event.value);
}

const buildEvents: ReadonlySet<string> = new Set<ProgressEvent["type"]>(["step", "step-log", "step-status"]);

/** Messages, warnings and the progress display of one command. */
class Notices {
  readonly #screen: Screen;
  readonly #mode: string;
  readonly #isQuiet: boolean;
  #progress: Progress | undefined;
  readonly #builds: ((text: string) => unknown) | undefined;
  #build: Progress | undefined;
  /** Of builds, not yet written. */
  #text = "";

  constructor({ spec, input }: Resolved, { builds, notices, json = false }: Sink, env: Context["io"]["env"]) {
    const { colours, mode } = wantedProgress(input, env);
    this.#isQuiet = input.flags["quiet"] === true;
    this.#mode = json && mode === "auto" ? "rawjson" : mode;
    if (spec.printsBuilds && !json && mode !== "tty") this.#builds = builds;
    this.#screen = colours === undefined ? notices : { ...notices, paint: painter(colours) };
  }

  async event(event: ProgressEvent): Promise<void> {
    if (event.type === "message") {
      const { neutralise } = await import("./format/neutral.ts");
      this.close();
      this.#screen.write(`${neutralise(event.text)}\n`);
    } else if (event.type === "warning" && !this.#progress && this.#mode !== "json") await this.#warning(event);
    else if (this.#builds && buildEvents.has(event.type)) {
      this.#build ??= await this.#open(plainScreen((text) => void (this.#text += text)));
      this.#build.event(event);
      await this.#writeBuild();
    } else {
      this.#progress ??= await this.#open(this.#screen);
      this.#progress.event(event);
    }
  }

  async #writeBuild(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    if (text !== "") await this.#builds?.(text);
  }

  async #warning(event: WarningEvent): Promise<void> {
    const { reportWarning } = await import("./report.ts");
    this.#screen.write(reportWarning(event, this.#screen.paint));
  }

  async #open(screen: Screen): Promise<Progress> {
    const { createProgress } = await import("./progress/index.ts");
    return createProgress({ mode: this.#mode, quiet: this.#isQuiet, screen });
  }

  /** Ends the progress display, leaving its last state on the screen. */
  close(): void {
    this.#progress?.close();
    this.#progress = undefined;
  }

  async end(): Promise<void> {
    this.close();
    this.#build?.close();
    await this.#writeBuild();
  }
}
