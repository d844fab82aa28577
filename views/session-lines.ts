/**
 * The session behind the palette: what is no plain command line (`let`, `for`, pipes, variables) runs in it, and its variables
 * stay. It is made when the first such line comes, as the language is no part of a screen that starts fast.
 */
import { Writable } from "node:stream";
import type { Engine } from "../engine/index.ts";
import type { Io } from "../src/commands/command.ts";
import type { Session } from "../src/repl/session.ts";
import { streamsInto } from "./streams-into.ts";

export interface SessionParts {
  /** Of the host in use. */
  engine(): Engine;
  io: Omit<Io, "streams">;
}

export class SessionLines {
  #parts: SessionParts;
  #session: Session | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /**
   * Is it more than one command line as it stands? A `$` that names no variable of the session is an ordinary character, as it
   * is in a plain line.
   */
  async has(line: string): Promise<boolean> {
    const { isLiteral, keywords, parse, plumbed } = await import("../src/repl/language/index.ts");
    const names = this.#session?.variables.names() ?? [];
    try {
      const [statement, ...more] = parse(line, "line");
      if (!statement) return false;
      if (statement.kind === "record") return false; // the runner's own: it records keys, too
      if (statement.kind !== "command" || more.length > 0) return true;
      const { stages, input, output } = plumbed(statement.words);
      const names$ = names.some((name) => line.includes(`$${name}`) || line.includes(`\${${name}`));
      return stages.length > 0 || input !== undefined || output !== undefined || (names$ && !statement.words.every(isLiteral));
    } catch {
      // Its own error says what is wrong.
      return line.includes("|") || keywords.some((keyword) => keyword === /^\s*(\S*)/.exec(line)?.[1]);
    }
  }

  /** Runs a source. @param write takes what it prints @throws EngineError located in it */
  async run(source: string, write: (data: string | Uint8Array) => void, signal: AbortSignal): Promise<void> {
    const session = await this.#open();
    session.place.engine = this.#parts.engine();
    session.place.output = { put: write };
    session.io = { ...session.io, streams: streamsInto(write) };
    await session.run(source, "line", () => signal, { isPart: true });
  }

  /** Candidates for the last word of a line of the language; undefined where that is a plain command line. */
  async complete(line: string): Promise<string[] | undefined> {
    if (!(await this.has(line))) return undefined;
    const { completeLine } = await import("../src/repl/prompt/complete-line.ts");
    const session = await this.#open();
    session.place.engine = this.#parts.engine();
    const [candidates] = await completeLine(session, line, AbortSignal.timeout(2000));
    return candidates;
  }

  async #open(): Promise<Session> {
    if (this.#session) return this.#session;
    const { Session } = await import("../src/repl/session.ts");
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    const io: Io = { ...this.#parts.io, streams: { stdout: nowhere(), stderr: nowhere() } };
    this.#session ??= new Session({ engine: this.#parts.engine(), io });
    return this.#session;
  }

  /** Does what `defer` left, and ends what was spawned. */
  async close(): Promise<void> {
    await this.#session?.close();
  }
}
