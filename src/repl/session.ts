/**
 * A session: one open engine, variables, functions, terminal sessions, and the statements that work on them. The prompt and
 * scripts feed it; it ends with a status when a statement says so. What each statement does is in runners.ts.
 */

import { dirname, resolve as resolvePath } from "node:path";
import { goDuration } from "../../engine/duration.ts";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Context, Io } from "../commands/command.ts";
import { neutralise } from "../format/neutral.ts";
import { hasColour, ReaderGone, write } from "../print.ts";
import { errorAsJson, reportError } from "../report.ts";
import { checkStatements, type Problem } from "./check/index.ts";
import {
  breathe,
  type Captured,
  capture,
  type Deferred,
  type Frame,
  isBreathDue,
  type Leap,
  type Output,
  type Place,
  passage,
  placeAsIs,
  placeAt,
  readScript,
  type ScriptFunction,
  type SourceText,
  scriptPath,
  statusOf,
  Variables,
} from "./frame/index.ts";
import { bare, hiddenWords, type Of, type Option, type Parsed, parse, type Word } from "./language/index.ts";
import { echoed, Hosts, programAt, run, runDefers } from "./run/index.ts";
import { TerminalSessions } from "./terminals/index.ts";

export type { Captured };

export interface SessionOptions {
  engine: Engine;
  io: Io;
  /** Bound to $1, $2, … and $args */
  args?: string[];
  file?: string;
}

/** Sees statements begin and end: what reports and recordings are made from. */
export interface Observer {
  /** A script, before any of it runs. */
  read?(statements: readonly Parsed[], text: SourceText): void;
  begin?(statement: Parsed, frame: Frame): unknown;
  end?(statement: Parsed, frame: Frame, outcome: { milliseconds: number; error: EngineError | undefined }): unknown;
}

/** What `record` is told of the outermost statements, and of what they print. */
export interface Recorder extends Output {
  begin(): void;
  /** It went well. */
  keep(statement: Parsed, frame: Frame): Promise<void>;
  /** It did not, but what a person did at a terminal is worth keeping. */
  keepDialogue(statement: Parsed, frame: Frame): Promise<void>;
}

/** Files that read files that read …: deeper is a circle. */
const deepest = 32;

export class Session {
  readonly variables: Variables;
  readonly terminals = new TerminalSessions();
  readonly functions = new Map<string, ScriptFunction>();
  readonly observers: Observer[] = [];
  /** What `set` switches. */
  readonly switches: Record<Option, boolean>;
  /** Where its statements run, unless they are in a branch of their own. */
  readonly place: Place;
  /** Engines that its statements have asked for besides. */
  readonly hosts: Hosts;
  /** Files that a screen is compared with are made anew. */
  updatesFiles = false;
  /** Set by `exit`. */
  exitStatus: number | undefined;
  /** Exit status of the first failure that `set stop off` let pass. */
  failed: number | undefined;
  /** What `defer` left at the prompt, for the session's end. */
  readonly #defers: Deferred[] = [];
  /** What `record` is told. */
  #recorder: Recorder | undefined;
  #depth = 0;
  #away = 0;
  /** What is done with a statement: it is run, or only told of. */
  #run: typeof run = run;

  constructor({ args = [], engine, file = "", io }: SessionOptions) {
    this.place = { engine, io };
    this.hosts = new Hosts(engine);
    this.switches = { echo: false, timing: false, stop: true, json: false, pager: false };
    this.variables = new Variables(io.env);
    this.variables.set("0", file);
    this.variables.set("args", args);
    this.variables.set("?", "0");
    this.variables.set("_", "");
    for (const [at, arg] of args.entries()) this.variables.set(String(at + 1), arg);
  }

  /** Milliseconds that go by while statements run. */
  clock(): number {
    return performance.now() - this.#away;
  }

  /** A person reads in a pager meanwhile: that is no statement's time. */
  async away<Result>(reading: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await reading();
    } finally {
      this.#away += performance.now() - started;
    }
  }

  /** From now on statements are told of, and nothing is done. */
  rehearse(rehearsal: typeof run): void {
    this.#run = rehearsal;
    this.variables.foresee();
  }

  /** JSON for programs, or text for people. */
  reportJson(isOn: boolean, report: Observer & Output): void {
    this.switches.json = isOn;
    this.place.output = isOn ? report : undefined;
    const at = this.observers.findIndex((each) => each.constructor === report.constructor);
    if (at >= 0) this.observers.splice(at, 1);
    if (isOn) this.observers.push(report);
  }

  get engine(): Engine {
    return this.place.engine;
  }
  get io(): Io {
    return this.place.io;
  }
  set io(io: Io) {
    this.place.io = io;
  }

  /**
   * Runs a source: finds what is wrong with any of it first, then runs it statement by statement, until one fails or `exit`.
   * @param isPart what it defers is left to the end of the session: a line of the prompt
   * @throws EngineError located at the failing word
   */
  async run(source: string, file: string, signal: () => AbortSignal, { isPart = false } = {}): Promise<void> {
    const text = this.textOf(source, file);
    const statements = parse(source, file);
    const [problem, ...others] = await this.check(statements, text);
    if (problem) throw placeAsIs(withOthers(problem.error, others.length), []);
    this.define(statements, text);
    for (const each of this.observers) each.read?.(statements, text);
    const frame = (): Frame => ({
      text,
      signal: signal(),
      variables: this.variables,
      place: this.place,
      defers: isPart ? this.#defers : defers,
      passages: [],
    });
    const defers: Deferred[] = [];
    await runDefers(this, defers, async () => void (await this.#outermost(statements, frame)));
  }

  textOf(source: string, file: string): SourceText {
    return { source, file, directory: dirname(resolvePath(this.io.cwd, file)) };
  }

  /**
   * What is wrong with statements, without running any.
   * @param isStrict a file is checked, and not run: with warnings, and whatever its arguments will be
   */
  check(statements: readonly Parsed[], text: SourceText, { isStrict = false } = {}): Promise<Problem[]> {
    const { functions, io, terminals, variables } = this;
    const hasProgram = (name: string) => programAt(name) !== undefined;
    return checkStatements(statements, text, { io, variables, functions, terminals: terminals.names(), hasProgram, isStrict });
  }

  /** Functions are known in all of their source. */
  define(statements: readonly Parsed[], text: SourceText): void {
    for (const statement of statements) if (statement.kind === "func") this.functions.set(statement.name, { ...statement, text });
  }

  functionOf(word: Word | undefined): ScriptFunction | undefined {
    return this.functions.get(bare(word));
  }

  /** Statements that a failure need not end. */
  async #outermost(statements: readonly Parsed[], frame: () => Frame): Promise<Leap | undefined> {
    for (const statement of statements) {
      const started = this.clock();
      let leap: Leap | undefined;
      const at = frame();
      try {
        if (isBreathDue()) await breathe(at);
        this.#recorder?.begin();
        leap = (await this.statement(statement, at)) ?? this.left(at);
        if (this.#recorder) await this.#recorder.keep(statement, at);
      } catch (error) {
        if (error instanceof ReaderGone) throw error; // nobody reads on: no error worth a word
        await this.#recorder?.keepDialogue(statement, at);
        this.#failure(toEngineError(error));
      }
      if (this.switches.timing) write("stderr", `time: ${goDuration(Math.round((this.clock() - started) * 1000) * 1000)}\n`);
      if (leap) return leap;
    }
    return undefined;
  }

  /** Runs the statements of a block, until one leaves it; then what they deferred. */
  block(statements: readonly Parsed[], frame: Frame): Promise<Leap | undefined> {
    const defers: Deferred[] = [];
    return runDefers(this, defers, () => this.sequence(statements, { ...frame, defers }));
  }

  /** The same, without being a block. */
  async sequence(statements: readonly Parsed[], frame: Frame): Promise<Leap | undefined> {
    for (const statement of statements) {
      if (isBreathDue()) await breathe(frame);
      const leap = this.left(frame) ?? (await this.statement(statement, frame));
      if (leap) return leap;
    }
    return this.left(frame);
  }

  /** `exit` ends the function that says it, and all that called it, whatever they wanted its value for. */
  left({ isCleaning }: Frame): Leap | undefined {
    return this.exitStatus === undefined || isCleaning ? undefined : { kind: "exit" };
  }

  async statement(statement: Parsed, frame: Frame): Promise<Leap | undefined> {
    const started = this.observers.length > 0 ? this.clock() : undefined;
    for (const each of this.observers) await each.begin?.(statement, frame);
    let error: EngineError | undefined;
    try {
      return await this.#run(this, statement, frame);
    } catch (thrown) {
      if (thrown instanceof ReaderGone) throw thrown;
      error = placeAt(toEngineError(thrown), statement, frame);
      frame.variables.set("?", String(statusOf(error)));
      throw error;
    } finally {
      for (const each of this.observers) {
        const milliseconds = started === undefined ? 0 : this.clock() - started; // that which brought the observer
        await each.end?.(statement, frame, { milliseconds, error });
      }
    }
  }

  /** Ends the script, unless it shall go on; being cancelled always ends it. */
  #failure(error: EngineError): void {
    if (this.switches.stop || error.code === "cancelled") throw error;
    this.failed ??= statusOf(error);
    this.report(error);
  }

  /** Tells of a failure that ends nothing. */
  report(error: EngineError): void {
    write("stderr", this.switches.json ? errorAsJson(error) : reportError(error, { colour: hasColour("stderr") }));
  }

  echo(words: readonly string[], programs: readonly string[][] = [], toFile = false): void {
    if (this.switches.echo) this.echoText(echoed(hiddenWords(words), programs, toFile));
  }

  echoText(line: string): void {
    if (this.switches.echo) write("stderr", `+ ${neutralise(line)}\n`);
  }

  context(signal: AbortSignal, io = this.io): Context {
    return { engine: this.engine, io, signal };
  }

  /** A command's messages and warnings, and its progress, while what it prints is kept. */
  readonly notice = (text: string): void => void this.io.streams.stderr.write(text);

  /** For a line that is tried again and again: what was said before is not repeated. */
  noticeOnce(): (text: string) => void {
    const said = new Set<string>();
    return (text) => {
      if (!said.has(text)) this.notice(text);
      said.add(text);
    };
  }

  /** Runs a command line given as words, keeping what it prints; its status is data. */
  capture(words: string[], signal: AbortSignal, notice = this.notice): Promise<Captured> {
    return capture(this.context(signal), words, notice);
  }

  /** `source FILE`: its statements here. */
  async source(path: string, statement: Of<"source">, frame: Frame): Promise<Leap | undefined> {
    if (this.#depth >= deepest) throw new EngineError("invalid", `cannot read "${path}": ${deepest} files read each other already`);
    const passages = [passage(frame.text, statement, `source ${path}`), ...frame.passages];
    const from = scriptPath(path, frame.text, frame.place.io.cwd);
    const text = { source: readScript(from, path), file: path, directory: dirname(from) };
    const recorder = this.#recorder;
    this.#depth++;
    try {
      this.#recorder = undefined; // the line itself is recorded, not what it stands for
      const statements = this.#sourced(text, passages);
      const [problem, ...others] = await this.check(statements, text);
      if (problem) throw placeAsIs(withOthers(problem.error, others.length), passages);
      this.define(statements, text);
      return await this.#outermost(statements, () => ({ ...frame, text, passages }));
    } finally {
      this.#depth--;
      this.#recorder = recorder;
    }
  }

  #sourced(text: SourceText, passages: Frame["passages"]): Parsed[] {
    try {
      return parse(text.source, text.file);
    } catch (error) {
      throw placeAsIs(toEngineError(error), passages);
    }
  }

  /** @param path undefined: no more is recorded @throws EngineError `invalid` when the file cannot be written */
  async startRecord(path: string | undefined): Promise<void> {
    if (this.place.output === this.#recorder) this.place.output = undefined;
    this.#recorder = undefined;
    if (path === undefined) return;
    const { FileRecorder } = await import("./record/recorder.ts");
    this.#recorder = new FileRecorder(resolvePath(this.io.cwd, path), this.io.env);
    this.place.output ??= this.#recorder;
  }

  /** Does what is left to do, and ends what was spawned. */
  async close(): Promise<void> {
    await this.startRecord(undefined);
    try {
      await runDefers(this, this.#defers.splice(0), async () => {});
    } finally {
      await this.terminals.closeAll();
      await this.hosts.close();
    }
  }
}

function withOthers(error: EngineError, others: number): EngineError {
  if (others === 0) return error;
  const { code, message, exit, location, suggestion, details } = error;
  const hint = `${others} more ${others === 1 ? "line is" : "places are"} wrong: 'berth repl --check FILE' lists all`;
  return new EngineError(code, message, { hint, exit, location, suggestion, details });
}
