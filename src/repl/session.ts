/**
 * A session: one open engine, variables, terminal sessions, and the statements that work on them. The prompt and scripts
 * feed it; it ends with a status when a statement says so.
 */

import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { goDuration } from "../../engine/duration.ts";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Context, Io } from "../commands/command.ts";
import { type Executed, resolve } from "../commands/execute.ts";
import { parseMilliseconds } from "../format/duration.ts";
import { neutralise } from "../format/neutral.ts";
import { flushed, hasColour, put, ReaderGone, write } from "../print.ts";
import { plainScreen, renderEvents } from "../render-events.ts";
import { reportError } from "../report.ts";
import { show } from "../show.ts";
import { usersFileMode } from "../umask.ts";
import { captureIo, Kept } from "./capture.ts";
import { joinWords } from "./command-line.ts";
import { checkStatement } from "./expectation.ts";
import { runFlow } from "./flow.ts";
import { parse } from "./parse.ts";
import { type Pipeline, runPipeline, titleOf } from "./pipeline.ts";
import { isPlumbed, plumb } from "./plumbing.ts";
import type { Option, Parsed } from "./statement.ts";
import { TerminalSessions } from "./terminal-sessions.ts";
import { textOf } from "./value.ts";
import { type SourceText, Variables } from "./variables.ts";
import { locate, type Word } from "./words.ts";

export interface SessionOptions {
  engine: Engine;
  io: Io;
  /** Print results as JSON lines. */
  json?: boolean;
  /** Bound to $1, $2, … */
  args?: string[];
  file?: string;
}

/** A command line's outcome with what it printed. */
export interface Captured extends Pick<Executed, "path" | "result" | "status"> {
  text: string;
  /** Only what came as output, not what its result looks like. */
  printed: string;
  /** Its text is what the user's template made of the result. */
  templated?: boolean;
}

/** Files that read files that read …: deeper is a circle. */
const deepest = 32;

export class Session {
  readonly engine: Engine;
  readonly variables: Variables;
  readonly terminals: TerminalSessions;
  /** What `set` switches. */
  readonly switches: Record<Option, boolean>;
  io: Io;
  /** Set by `exit`. */
  exitStatus: number | undefined;
  /** Set by `break` and `continue` until their loop has seen it. */
  jump: "break" | "continue" | undefined;
  /** Exit status of the first failure that `set stop off` let pass. */
  failed: number | undefined;
  /** File that `record` writes to. */
  #record: string | undefined;
  #depth = 0;

  constructor({ args = [], engine, file = "", io, json = false }: SessionOptions) {
    this.engine = engine;
    this.io = io;
    this.switches = { echo: false, timing: false, stop: true, json };
    this.variables = new Variables(io.env);
    this.variables.set("0", file);
    for (const [at, arg] of args.entries()) this.variables.set(String(at + 1), arg);
    this.terminals = new TerminalSessions();
  }

  /**
   * Runs a source, statement by statement, until one fails or `exit`.
   * @throws EngineError located at the failing statement
   */
  async run(source: string, file: string, signal: () => AbortSignal): Promise<void> {
    const text = { source, file };
    for (const statement of parse(source, file)) {
      const started = performance.now();
      try {
        await this.#located(statement, text, signal());
        this.#remember(statement, text);
      } catch (error) {
        if (error instanceof ReaderGone) throw error; // nobody reads on: no error worth a word
        this.#failure(toEngineError(error));
      }
      if (this.switches.timing) write("stderr", `time: ${goDuration(Math.round((performance.now() - started) * 1000) * 1000)}\n`);
      if (this.exitStatus !== undefined) return;
    }
  }

  /** Runs the statements of a block, until one jumps out of it. */
  async block(statements: readonly Parsed[], text: SourceText, signal: AbortSignal): Promise<void> {
    for (const statement of statements) {
      await this.#located(statement, text, signal);
      if (this.exitStatus !== undefined || this.jump !== undefined) return;
    }
  }

  async #located(statement: Parsed, text: SourceText, signal: AbortSignal): Promise<void> {
    try {
      await this.#statement(statement, text, signal);
    } catch (error) {
      throw error instanceof ReaderGone ? error : at(toEngineError(error), statement, text);
    }
  }

  /** Ends the script, unless it shall go on; being cancelled always ends it. */
  #failure(error: EngineError): void {
    if (this.switches.stop || error.code === "cancelled") throw error;
    this.failed ??= error.exit;
    write("stderr", reportError(error, { colour: hasColour("stderr") }));
  }

  async #statement(statement: Parsed, text: SourceText, signal: AbortSignal): Promise<void> {
    const expand = (words: readonly Word[]) => this.variables.expand(words, text, this.engine);
    const expandOne = (word: Word) => this.variables.expandWord(word, text, this.engine);
    switch (statement.kind) {
      case "command":
      case "print":
        return this.#line(statement.words, text, signal);
      case "let":
        return this.variables.set(statement.name, await this.#bound(statement.command, text, signal));
      case "assign":
        return this.variables.set(statement.name, (await expand(statement.words)).join(" "));
      case "expect":
      case "expect-session":
        this.#echo(text.source.slice(statement.start, statement.end));
        return checkStatement(this, statement, text, signal);
      case "if":
      case "while":
      case "for":
      case "repeat":
        return runFlow(this, statement, text, signal);
      case "break":
      case "continue":
        this.jump = statement.kind;
        return;
      case "spawn":
        return this.terminals.spawn(statement.session, await resolve(await expand(statement.command)), this.context(signal));
      case "send":
        return this.terminals.send(statement.session, (await expand(statement.words)).join(" "), statement.enter);
      case "resize":
        return this.terminals.resize(statement.session, await expandOne(statement.size));
      case "screen":
        return put("stdout", `${neutralise(this.terminals.get(statement.session).terminal.pending.replaceAll("\r", ""))}\n`);
      case "close":
        return this.terminals.close(statement.session);
      case "sleep":
        return this.#sleep(await expandOne(statement.duration), signal);
      case "source":
        return this.#source(await expandOne(statement.path), signal);
      case "record":
        return this.#startRecord(statement.path && (await expandOne(statement.path)));
      case "set":
        this.switches[statement.option] = statement.on;
        return;
      case "cd":
        return this.#changeDirectory(await expandOne(statement.directory));
      case "vars":
        return put("stdout", this.#listVariables());
      case "exit":
        this.exitStatus = statement.status ? Number(await expandOne(statement.status)) & 255 : 0;
    }
  }

  #listVariables(): string {
    return this.variables
      .entries()
      .map(([name, value]) => `${name} = ${neutralise(textOf(value))}\n`)
      .join("");
  }

  #echo(line: string): void {
    if (this.switches.echo) write("stderr", `+ ${neutralise(line)}\n`);
  }

  context(signal: AbortSignal, io = this.io): Context {
    return { engine: this.engine, io, signal };
  }

  /** Runs a command line for all to see; a status other than 0 is a failure of the script. */
  async #line(line: readonly Word[], text: SourceText, signal: AbortSignal): Promise<void> {
    const pipeline = await this.#pipeline(line, text);
    const json = this.switches.json;
    if (!Array.isArray(pipeline)) return requireSuccess(titleOf(pipeline), await runPipeline(pipeline, this.context(signal), json));
    const [name, ...words] = pipeline;
    if (name === "print") return put("stdout", `${words.map(neutralise).join(" ")}\n`);
    await flushed(); // a process may be handed the session's own output
    const { path, status } = await show(this.context(signal), await resolve(pipeline), { json });
    requireSuccess(path, status);
  }

  /** The filled-in words of a line, or its parts when it is joined to files and programs. */
  async #pipeline(line: readonly Word[], text: SourceText): Promise<string[] | Pipeline> {
    const plumbing = plumb(line, (message) => new EngineError("syntax", message));
    const expand = (words: readonly Word[]) => this.variables.expand(words, text, this.engine);
    const words = await expand(plumbing.words);
    const { input, output } = plumbing;
    const programs: string[][] = [];
    for (const program of plumbing.programs) programs.push(await expand(program));
    this.#echo([words, ...programs].map(joinWords).join(" | ") + (output ? " > …" : ""));
    if (!isPlumbed(plumbing)) return words;
    return {
      words,
      programs,
      input: input && {
        kind: input.kind,
        text: await this.variables.expandWord(input.word, text, this.engine),
      },
      output: output && {
        file: await this.variables.expandWord(output.file, text, this.engine),
        append: output.append,
      },
    };
  }

  async #bound(line: readonly Word[], text: SourceText, signal: AbortSignal): Promise<unknown> {
    const { path, printed, result, status, templated, text: shown } = await this.captureLine(line, text, signal);
    requireSuccess(path, status);
    if (templated) return shown;
    if (typeof result !== "object" || result === null || Array.isArray(result)) return result ?? shown;
    return { ...result, Output: printed };
  }

  /** A command's messages and warnings, and its progress, while what it prints is kept. */
  readonly #notice = (text: string): void => void this.io.streams.stderr.write(text);

  /** For a line that is tried again and again: what was said before is not repeated. */
  noticeOnce(): (text: string) => void {
    const said = new Set<string>();
    return (text) => {
      if (!said.has(text)) this.#notice(text);
      said.add(text);
    };
  }

  /** Runs a line as a script has it, keeping what it prints; its status is data. */
  async captureLine(line: readonly Word[], text: SourceText, signal: AbortSignal, notice = this.#notice): Promise<Captured> {
    const pipeline = await this.#pipeline(line, text);
    if (Array.isArray(pipeline)) return this.capture(pipeline, signal, notice);
    const kept = new Kept();
    const status = await runPipeline(pipeline, this.context(signal), this.switches.json, kept);
    const written = kept.text();
    return {
      path: titleOf(pipeline),
      result: undefined,
      status,
      text: written,
      printed: written,
    };
  }

  /** Runs a command line keeping what it prints; its status is data. What it says besides goes to standard error. */
  async capture(words: string[], signal: AbortSignal, notice = this.#notice): Promise<Captured> {
    const { io, kept } = captureIo(this.io);
    let shown = "";
    const keep = (data: string | Uint8Array) => kept.keep(typeof data === "string" ? Buffer.from(data) : data);
    const { path, input, result, status } = await renderEvents(this.context(signal, io), await resolve(words), {
      notices: plainScreen(notice),
      output: keep,
      row: keep,
      result: (text) => {
        shown = text.replace(/\n$/, "");
      },
    });
    const printed = kept.text();
    const { format } = input.flags;
    const templated = typeof format === "string" && format.includes("{{");
    return { path, result, status, printed, text: [printed, shown].filter(Boolean).join("\n"), templated };
  }

  async #sleep(duration: string, signal: AbortSignal): Promise<void> {
    const milliseconds = parseMilliseconds(duration);
    if (milliseconds === undefined) throw new EngineError("syntax", `sleep needs a duration such as 500ms, not "${duration}"`);
    await delay(milliseconds, undefined, { signal });
  }

  async #source(path: string, signal: AbortSignal): Promise<void> {
    if (this.#depth >= deepest) throw new EngineError("invalid", `cannot read "${path}": ${deepest} files read each other already`);
    this.#depth++;
    const recorded = this.#record;
    try {
      this.#record = undefined; // the line itself is recorded, not what it stands for
      await this.run(readScript(resolvePath(this.io.cwd, path), path), path, () => signal);
    } finally {
      this.#depth--;
      this.#record = recorded;
    }
  }

  #startRecord(path: string | undefined): void {
    this.#record = path && resolvePath(this.io.cwd, path);
    if (this.#record === undefined) return;
    try {
      writeFileSync(this.#record, "#!/usr/bin/env -S berth repl\n", { mode: usersFileMode() });
    } catch (cause) {
      this.#record = undefined;
      throw new EngineError("invalid", `cannot record to "${path}": ${(cause as Error).message}`, { cause });
    }
  }

  /** A statement that went well, for `record`. */
  #remember(statement: Parsed, { source }: SourceText): void {
    if (this.#record === undefined || statement.kind === "record") return;
    appendFileSync(this.#record, `${source.slice(statement.start, statement.end)}\n`);
  }

  #changeDirectory(directory: string): void {
    const cwd = resolvePath(this.io.cwd, directory);
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
      throw new EngineError("invalid", `cannot change to "${directory}": no such directory`);
    this.io = { ...this.io, cwd };
  }

  /** Ends what was spawned. */
  async close(): Promise<void> {
    await this.terminals.closeAll();
  }
}

function requireSuccess(title: string, status: number): void {
  if (status !== 0)
    throw new EngineError("expectation", `"${title}" ended with status ${status}`, {
      exit: status,
      hint: `'expect status ${status} ${title} …' accepts it`,
    });
}

/** The text of a script. @throws EngineError `invalid` */
export function readScript(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new EngineError("invalid", `cannot read the script "${name}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

/** Gives an error the place of its statement, unless it brought a place in this very source. */
function at(error: EngineError, { start }: Parsed, { file, source }: SourceText): EngineError {
  if (error.location?.file === file || error.code === "cancelled") return error;
  const location = locate(source, file, start);
  const cause = error.location ? `${error.location.file}:${error.location.line}:${error.location.column}: ` : "";
  return new EngineError(error.code, `${cause}${error.message}`, {
    cause: error,
    hint: error.hint,
    exit: error.exit,
    suggestion: error.suggestion,
    details: error.details,
    location,
  });
}
