/**
 * Runs command lines for keys and the palette: through the dispatcher the shell uses, with a pane as the terminal where
 * the command wants one, else with a line buffer for what it writes. Keeps the command log.
 */
import { EngineError, toEngineError } from "../engine/errors.ts";
import type { Engine } from "../engine/index.ts";
import type { Context, Io } from "../src/commands/command.ts";
import { type Executed, type Resolved, resolve } from "../src/commands/execute.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { plainScreen, renderEvents } from "../src/render-events.ts";
import { joinWords, shellLine } from "../src/repl/language/command-line.ts";
import { parseLine, plainText } from "./ansi.ts";
import type { Hosts } from "./hosts/hosts.ts";
import type { Release } from "./input/held-keys.ts";
import { type LineEar, LineRecord } from "./line-record.ts";
import type { LineBuffer } from "./logs/line-buffer.ts";
import { turns } from "./logs/read.ts";
import type { Notes } from "./notes.ts";
import type { Pagers } from "./pagers.ts";
import type { Panes } from "./panes/panes.ts";
import type { ProgressMeter } from "./projects/progress.ts";
import type { SessionLines } from "./session-lines.ts";
import type { AppState, CommandEntry } from "./state.ts";
import type { Store } from "./store.ts";
import { streamsInto } from "./streams-into.ts";

/** Entries kept in the command log. */
const logLength = 200;
/** A result of at most so many lines is a note; a longer one gets the screen. */
const noteLength = 3;
/** Milliseconds a command may take before its short output is shown anyway. */
const patience = 300;

export interface RunnerParts {
  /** The engine that a line is about, and the line without what names it. */
  hosts: Pick<Hosts, "forLine">;
  session: SessionLines;
  store: Store<AppState>;
  pagers: Pagers;
  panes: Panes;
  notes: Notes;
  progress: ProgressMeter;
  env: Record<string, string | undefined>;
  cwd: string;
  confirm(question: string): Promise<boolean>;
  /** Holds keys until the returned function is called. */
  hold(): Release;
  /** A terminal is gone: what was typed for it, and what still is, goes nowhere. */
  drop(undelivered?: string): void;
}

/** A command line on its way. */
interface Line {
  engine: Engine;
  resolved: Resolved;
  /** As it is shown. */
  words: readonly string[];
  /** Listens to it for a recording. */
  ear: LineEar | undefined;
}

/** Takes what a command prints. */
type Write = (data: string | Uint8Array) => void;

/** An entry of the log, and when it began (monotonic). */
interface Begun {
  entry: CommandEntry;
  started: number;
}

interface Collecting {
  write: Write;
  abort: AbortController;
  buffer: LineBuffer;
}

export class Runner {
  #parts: RunnerParts;
  #running = new Set<AbortController>();
  #next = 1;
  readonly #record: LineRecord;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#record = new LineRecord(parts.env, parts.cwd);
  }

  /**
   * Runs a command line to its end; never rejects, but resolves with why it failed.
   * @param options.output what becomes of its output: true shows a long one in a pager and a short one as a note,
   *   "screen" any in a pager, and by default only a note says how it ended
   * @param options.opened called when its terminal is there
   */
  async run(
    words: readonly string[],
    options: { output?: boolean | "screen"; opened?: () => void } = {},
  ): Promise<EngineError | undefined> {
    const entry = this.#begin(shellLine(words), joinWords(words));
    const hold = this.#parts.hold();
    let mayBeTerminal = true;
    const release: Release = (to) => {
      if (to !== "nobody") mayBeTerminal = false;
      hold(to);
    };
    try {
      return await this.#carryOut(
        entry,
        async () => {
          if (words[0] === "record") {
            release("ui");
            this.#parts.notes.info(await this.#record.turn(words.slice(1)));
            return;
          }
          const { engine, words: own } = await this.#parts.hosts.forLine(words);
          const line: Line = { engine, resolved: await resolve(own), words, ear: this.#record.begin(words) };
          if (line.resolved.spec.interactive?.(line.resolved.input)) return await this.#inPane(line, release, options.opened);
          const running = this.#inBuffer(line, options.output ?? false);
          release("ui");
          await running;
        },
        () => mayBeTerminal && this.#parts.drop(),
      );
    } finally {
      release("nobody");
    }
  }

  /**
   * Runs a source of the language, whose output is that of one command. Never rejects, but resolves with why it failed.
   * @param source one line, or several
   */
  async runSource(source: string): Promise<EngineError | undefined> {
    return this.#carryOut(this.#begin(source, source), () =>
      this.#shown({ title: neutraliseLine(source), endless: false, output: true }, async (write, abort) => {
        await this.#parts.session.run(source, write, abort.signal);
        this.#record.add(source);
        return 0;
      }),
    );
  }

  /**
   * Runs a program of the host to its end; never rejects, but resolves with why it failed. It has no terminal, reads nothing, and
   * what it writes is shown as a command's output is.
   */
  async runProgram(words: readonly string[], { output = false } = {}): Promise<EngineError | undefined> {
    const title = joinWords(words);
    return this.#carryOut(this.#begin(title, `! ${title}`), () =>
      this.#shown({ title, endless: false, output }, async (write, { signal }) => {
        const { startProgram } = await import("../src/repl/run/host-program.ts");
        const { cwd, env } = this.#parts;
        const program = startProgram(words, { io: { cwd, env }, signal, fed: true, read: true, heard: true });
        program.input?.end();
        for (const stream of [program.output, program.errors]) stream?.on("data", write);
        return await program.end;
      }),
    );
  }

  /** Does what an entry of the log stands for; resolves with why it failed, which is told unless somebody called it off. */
  async #carryOut(entry: Begun, act: () => Promise<void>, onFailure: () => void = () => {}): Promise<EngineError | undefined> {
    try {
      await act();
      this.#finish(entry, "done");
      return undefined;
    } catch (error) {
      const known = toEngineError(error);
      this.#finish(entry, "failed");
      onFailure();
      if (known.code !== "cancelled") this.#parts.notes.error(known);
      return known;
    }
  }

  #begin(line: string, again: string): Begun {
    const { store } = this.#parts;
    const entry: CommandEntry = { id: this.#next++, line: neutraliseLine(line), again, at: Date.now(), state: "running" };
    store.set({ commands: [...store.get().commands.slice(1 - logLength), entry] });
    return { entry, started: performance.now() };
  }

  #finish({ entry, started }: Begun, state: CommandEntry["state"]): void {
    const { store } = this.#parts;
    const over = { ...entry, state, took: performance.now() - started };
    store.set({ commands: store.get().commands.map((each) => (each.id === entry.id ? over : each)) });
  }

  #context(engine: Engine, io: Pick<Io, "streams">, signal: AbortSignal): Context {
    const { env, cwd, confirm } = this.#parts;
    return { engine, io: { ...io, confirm, cwd, env, settings: readEffective }, signal };
  }

  async #inPane({ engine, resolved, words, ear }: Line, release: Release, opened: (() => void) | undefined): Promise<void> {
    const { panes, notes } = this.#parts;
    const pane = await panes.open(paneTitle(resolved), words);
    release(pane);
    opened?.();
    try {
      const write = (text: string) => void pane.streams.stdout.write(text);
      const io = ear ? { streams: await ear.streams(pane, pane.streams) } : pane;
      const executed = await renderEvents(this.#context(engine, io, pane.closing.signal), resolved, {
        notices: plainScreen(write),
        output: (data) => void pane.output.write(Buffer.from(data)),
        row: write,
        result: write,
        turn: turns(),
      });
      ear?.done(executed);
      const detached = (executed.result as { detached?: boolean } | undefined)?.detached;
      if (detached) notes.info(`detached from ${resolved.input.args[0] ?? pane.title}: it keeps running`);
      if (detached) panes.drop(pane);
      else await panes.ended(pane, `ended with exit status ${executed.status}`, executed.status === 0);
    } catch (error) {
      if (!pane.closing.signal.aborted) this.#parts.drop(pane.undelivered); // it failed; else the user closed it
      panes.drop(pane);
      throw error;
    }
  }

  async #inBuffer(line: Line, output: boolean | "screen"): Promise<void> {
    const { resolved, words, ear } = line;
    const endless = resolved.spec.endless?.(resolved.input) ?? false;
    await this.#shown({ title: shellLine(words), endless, output }, async (write, abort, buffer) => {
      const executed = await this.#collect(line, { write, abort, buffer });
      if (executed.status === 0) ear?.done(executed);
      return executed.status;
    });
  }

  /** Runs something whose output goes into a buffer, and shows that. @throws what it throws, or that its status is not 0 */
  async #shown(
    { title, endless, output }: { title: string; endless: boolean; output: boolean | "screen" },
    collect: (write: Write, abort: AbortController, buffer: LineBuffer) => Promise<number>,
  ): Promise<void> {
    const open = output !== false;
    const { pagers, notes } = this.#parts;
    const abort = new AbortController();
    const buffer = pagers.createBuffer();
    const present = (background: boolean) => pagers.open("output", title, buffer, { running: true, endless, abort, background });
    const shown = new Reveal(() => present(!open), output === "screen" ? 0 : noteLength);
    if (endless && open) shown.now(); // nothing may come for a long time
    this.#running.add(abort);
    const write = (text: string | Uint8Array) => {
      if (text.length === 0) return;
      buffer.write(typeof text === "string" ? Buffer.from(text) : text);
      shown.wrote(buffer);
    };
    try {
      const status = await collect(write, abort, buffer);
      if (buffer.end > 0) shown.finished(buffer);
      if (!shown.done && buffer.end > 0) present(true); // for v
      if (status !== 0)
        throw new EngineError("internal", `${title} ended with exit status ${status}`, { hint: "press <app.output> to read its output" });
      const lines = open ? Array.from({ length: buffer.end }, (_, at) => plainText(parseLine(buffer.line(at)?.text ?? ""))) : [];
      if (!open || !shown.done) notes.good(...(lines.length > 0 ? lines : [title]));
    } finally {
      shown.dispose();
      this.#running.delete(abort);
      pagers.finished(buffer);
    }
  }

  /** Runs with streams that end in the buffer. */
  #collect({ engine, resolved, ear }: Line, { write, abort, buffer }: Collecting): Promise<Executed> {
    const progress = this.#parts.progress.begin(resolved);
    const context = this.#context(engine, { streams: streamsInto(write) }, abort.signal);
    const executed = renderEvents(context, resolved, {
      notices: plainScreen(write),
      output(data, stream) {
        if (stream === "stdout") ear?.printed(data);
        write(data);
      },
      row(text, isLive) {
        ear?.printed(text);
        if (isLive) buffer.clear();
        write(text);
      },
      result(text) {
        ear?.printed(text);
        if (text) buffer.text(text);
      },
      event: progress?.event,
      turn: turns(),
    });
    return executed.finally(() => progress?.end());
  }

  /** Commands without a terminal that still run. */
  get running(): number {
    return this.#running.size;
  }

  /** Cancels what still runs: it releases what it holds. */
  dispose(): void {
    for (const abort of this.#running) abort.abort();
    void this.#parts.session.close().catch(() => {}); // nobody reads any more what a deferred statement says
  }
}

const readEffective: Io["settings"] = async (env, flags) => (await import("./config/effective.ts")).effectiveSettings(env, flags);

/** Decides when output deserves the screen: at once when it is long, after a moment when more may come. */
class Reveal {
  done = false;
  #timer: NodeJS.Timeout | undefined;
  #show: () => void;
  #short: number;

  /** @param short lines that do not deserve it */
  constructor(show: () => void, short: number) {
    this.#show = show;
    this.#short = short;
  }

  wrote(buffer: LineBuffer): void {
    if (buffer.end > this.#short) this.now();
    else this.#timer ??= setTimeout(() => this.now(), patience);
  }

  finished(buffer: LineBuffer): void {
    if (buffer.end > this.#short) this.now();
  }

  now(): void {
    if (!this.done) this.#show();
    this.done = true;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** "attach web", "exec web sh". */
function paneTitle({ path, input }: Resolved): string {
  const [subject = "", program = ""] = input.args;
  return neutraliseLine([path.split(" ").at(-1), subject, program].filter(Boolean).join(" "));
}
