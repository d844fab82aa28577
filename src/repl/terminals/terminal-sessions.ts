/** The interactive commands that a script runs beside itself: each on an ExpectTerminal of its own. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import type { Context } from "../../commands/command.ts";
import type { Executed, Resolved } from "../../commands/execute.ts";
import { plainScreen, renderEvents } from "../../render-events.ts";
import { ExpectTerminal } from "./expect-terminal.ts";

type Outcome = Executed | { error: EngineError };

export interface TerminalSession {
  terminal: ExpectTerminal;
  /** Status of the command, or its error, once it ended. */
  end: Promise<Outcome>;
  outcome: Outcome | undefined;
  controller: AbortController;
  /** Ends the container that a command was cut off from, if it is of no other use. */
  endLeft(executed: Executed): Promise<void>;
}

export class TerminalSessions {
  readonly #sessions = new Map<string, TerminalSession>();

  /** Starts a command on a terminal. @throws EngineError `conflict` when the name is taken by one that runs */
  spawn(name: string, resolved: Resolved, context: Context): void {
    if (this.#sessions.get(name)?.outcome === undefined && this.#sessions.has(name)) {
      throw new EngineError("conflict", `the session @${name} is still open`, {
        hint: `end it with 'close @${name}', or choose another name`,
      });
    }
    const terminal = new ExpectTerminal();
    const controller = new AbortController();
    const streams = {
      terminal,
      stdin: terminal.input,
      stdout: terminal.output,
      stderr: terminal.output,
    };
    // No face behind it: signals are the shell's own.
    const io = { ...context.io, streams, onSignal: undefined };
    const end = drain({ ...context, io, signal: controller.signal }, resolved, terminal);
    const session: TerminalSession = {
      terminal,
      end,
      outcome: undefined,
      controller,
      endLeft: async ({ input, result }) => {
        const { Id, detached } = (result ?? {}) as { Id?: string; detached?: boolean };
        if (input.flags["rm"] && detached && Id) await stopIfThere(context.engine, Id);
      },
    };
    this.#sessions.set(name, session);
    void end.then((outcome) => {
      session.outcome = outcome;
      terminal.end();
    });
  }

  names(): string[] {
    return [...this.#sessions.keys()].sort();
  }

  get(name: string): TerminalSession {
    const session = this.#sessions.get(name);
    if (session) return session;
    throw new EngineError("not-found", `there is no session @${name}`, {
      hint: `open it with 'spawn @${name} COMMAND'`,
      suggestion: nearest(name, this.#sessions.keys()),
    });
  }

  /** Types keys. */
  send(name: string, text: string, enter: boolean): void {
    const { outcome, terminal } = this.get(name);
    if (outcome)
      throw new EngineError("not-running", `the session @${name} has ended`, {
        hint: "spawn it again",
      });
    terminal.type(text + (enter ? "\r" : ""));
  }

  resize(name: string, size: string): void {
    const [, columns, rows] = /^(\d+)x(\d+)$/.exec(size) ?? [];
    if (!columns) throw new EngineError("syntax", `"${size}" is not a size such as 120x40`);
    this.get(name).terminal.resize(Number(columns), Number(rows));
  }

  /** Hangs up and waits for the end. A container that is there for its terminal alone (run --rm) ends with it. */
  async close(name: string): Promise<void> {
    const session = this.get(name);
    const wasOpen = session.outcome === undefined;
    session.controller.abort();
    session.terminal.input.end();
    const outcome = await session.end;
    this.#sessions.delete(name);
    if (wasOpen && "input" in outcome) await session.endLeft(outcome);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((name) => this.close(name)));
  }
}

/** Ends a container that may end, or be removed, by itself meanwhile. */
export async function stopIfThere({ containers }: Context["engine"], id: string): Promise<void> {
  try {
    await containers.stop(id, { timeout: 1 });
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
  }
}

/** What the command prints besides its terminal appears on the terminal, as in a shell. */
async function drain(context: Context, resolved: Resolved, { output }: ExpectTerminal): Promise<Outcome> {
  const write = (data: string | Uint8Array) => void output.write(typeof data === "string" ? data : Buffer.from(data));
  try {
    return await renderEvents(context, resolved, { notices: plainScreen(write), output: write, row: write, result: write });
  } catch (error) {
    return { error: toEngineError(error) };
  }
}
