/**
 * A session: one open engine, variables, terminal sessions, and the statements that work on them. The prompt and scripts
 * feed it; it ends with a status when a statement says so.
 */

import { statSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Context, Io } from "../commands/command.ts";
import { type Executed, executeResolved, resolve } from "../commands/execute.ts";
import { neutralise } from "../format/neutral.ts";
import { presentResult } from "../present.ts";
import { write } from "../print.ts";
import { show } from "../show.ts";
import { captureIo } from "./capture.ts";
import { checkStatement } from "./expectation.ts";
import { type Parsed, parse } from "./parse.ts";
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
export interface Captured extends Executed {
  text: string;
}

export class Session {
  readonly engine: Engine;
  readonly variables: Variables;
  readonly terminals: TerminalSessions;
  readonly json: boolean;
  io: Io;
  /** Set by `exit`. */
  exitStatus: number | undefined;

  constructor({ args = [], engine, file = "", io, json = false }: SessionOptions) {
    this.engine = engine;
    this.io = io;
    this.json = json;
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
      try {
        await this.#statement(statement, text, signal());
      } catch (error) {
        throw at(toEngineError(error), statement, text);
      }
      if (this.exitStatus !== undefined) return;
    }
  }

  async #statement(statement: Parsed, text: SourceText, signal: AbortSignal): Promise<void> {
    const expand = (words: readonly Word[]) => this.variables.expand(words, text, this.engine);
    const expandOne = (word: Word) => this.variables.expandWord(word, text, this.engine);
    switch (statement.kind) {
      case "command":
        return this.#command(await expand(statement.words), signal);
      case "let":
        return this.variables.set(statement.name, await this.#bound(await expand(statement.command), signal));
      case "assign":
        return this.variables.set(statement.name, (await expand(statement.words)).join(" "));
      case "expect":
      case "expect-session":
        return checkStatement(this, statement, text, signal);
      case "spawn":
        return this.terminals.spawn(statement.session, await resolve(await expand(statement.command)), this.context(signal));
      case "send":
        return this.terminals.send(statement.session, (await expand(statement.words)).join(" "), statement.enter);
      case "resize":
        return this.terminals.resize(statement.session, await expandOne(statement.size));
      case "close":
        return this.terminals.close(statement.session);
      case "print":
        return write("stdout", `${(await expand(statement.words)).map(neutralise).join(" ")}\n`);
      case "repeat":
        return this.#repeat(statement, await expandOne(statement.count), text, signal);
      case "cd":
        return this.#changeDirectory(await expandOne(statement.directory));
      case "vars":
        return write(
          "stdout",
          this.variables
            .entries()
            .map(([name, value]) => `${name} = ${neutralise(textOf(value))}\n`)
            .join(""),
        );
      case "exit":
        this.exitStatus = statement.status ? Number(await expandOne(statement.status)) & 255 : 0;
    }
  }

  context(signal: AbortSignal, io = this.io): Context {
    return { engine: this.engine, io, signal };
  }

  /** Runs a command line for all to see; a status other than 0 is a failure of the script. */
  async #command(words: string[], signal: AbortSignal): Promise<void> {
    const executed = await show(this.context(signal), await resolve(words), { json: this.json });
    requireSuccess(executed);
  }

  async #bound(words: string[], signal: AbortSignal): Promise<unknown> {
    const captured = await this.capture(words, signal);
    requireSuccess(captured);
    const { result, text } = captured;
    if (typeof result !== "object" || result === null || Array.isArray(result)) return result ?? text;
    return { ...result, Output: captured.printed };
  }

  /** Runs a command line keeping what it prints; its status is data. */
  async capture(words: string[], signal: AbortSignal): Promise<Captured & { printed: string }> {
    const capture = captureIo(this.io);
    const resolved = await resolve(words);
    const events = executeResolved(this.context(signal, capture.io), resolved);
    for (;;) {
      const { done, value } = await events.next();
      if (done) {
        const shown = await presentResult(value.spec, value.input, value.result);
        const printed = capture.text();
        return { ...value, printed, text: [printed, shown.replace(/\n$/, "")].filter(Boolean).join("\n") };
      }
      if (value.type === "output") capture.write(value.stream, value.data);
      if (value.type === "row") {
        const { presentRow } = await import("../present.ts");
        capture.write("stdout", Buffer.from(await presentRow(resolved.spec, resolved.input, value.value)));
      }
    }
  }

  async #repeat(statement: Extract<Parsed, { kind: "repeat" }>, count: string, text: SourceText, signal: AbortSignal): Promise<void> {
    if (!/^\d+$/.test(count)) throw new EngineError("syntax", `repeat needs a number of times, not "${count}"`);
    for (let left = Number(count); left > 0 && this.exitStatus === undefined; left--) await this.#statement(statement.body, text, signal);
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

function requireSuccess({ path, status }: Executed): void {
  if (status !== 0)
    throw new EngineError("expectation", `"${path}" ended with status ${status}`, {
      exit: status,
      hint: `'expect status ${status} ${path} …' accepts it`,
    });
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
