/** The session face: chooses between a script (file, -c, standard input) and the prompt. */
import { resolve as resolvePath } from "node:path";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Input, Io } from "../commands/command.ts";
import { isTerminal, ReaderGone } from "../print.ts";
import type { Signals } from "../signals.ts";
import { readScript, Session } from "./session.ts";
import { statusOf } from "./status.ts";

/** Milliseconds that a container has to heed the signal that ends a script. */
const grace = 2000;

export interface ReplOptions {
  engine: Engine;
  input: Input;
  io: Io;
  json: boolean;
  signals: Signals;
}

/** Runs a session to its end. @throws EngineError located at the first failure of a script */
export async function runRepl(options: ReplOptions): Promise<number> {
  const { engine, input, io, json, signals } = options;
  const [file, ...args] = input.args;
  const inline = input.flags["command"];
  const isInline = typeof inline === "string";
  const name = isInline ? "-c" : (file ?? "-");
  const session = new Session({
    engine,
    io,
    json,
    file: name,
    args: isInline ? input.args : args,
  });
  const { echo, timing } = input.flags;
  Object.assign(session.switches, {
    echo: echo === true,
    timing: timing === true,
    stop: input.flags["keep-going"] !== true,
  });
  setVariables(session, input.flags["var"]);
  try {
    if (!isInline && file === undefined && !input.flags["check"] && isTerminal(0) && isTerminal(1)) {
      const { runPrompt } = await import("./prompt.ts");
      return await runPrompt(session, signals);
    }
    signals.endAfter(grace);
    const source = isInline ? inline : await readSource(file, io);
    const shownAs = file === "-" || (file === undefined && !isInline) ? "stdin" : name;
    if (input.flags["check"]) return await (await import("./check-report.ts")).reportCheck(session, source, shownAs, json);
    await session.run(source, shownAs, () => signals.signal);
    return session.exitStatus ?? session.failed ?? 0;
  } catch (error) {
    if (error instanceof ReaderGone) throw error;
    const known = toEngineError(error);
    if (known.code === "cancelled" && signals.status !== undefined) return signals.status;
    throw known.withExit(statusOf(known));
  } finally {
    await session.close();
  }
}

/** `-v NAME=VALUE`. @throws EngineError `usage` */
function setVariables(session: Session, pairs: Input["flags"][string]): void {
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined)
      throw new EngineError("usage", `"${pair}" is not NAME=VALUE`, {
        hint: "see 'berth repl --help'",
      });
    session.variables.set(name, value);
  }
}

async function readSource(file: string | undefined, io: Io): Promise<string> {
  if (file !== undefined && file !== "-") return readScript(resolvePath(io.cwd, file), file);
  const { text } = await import("node:stream/consumers");
  return text(io.streams.stdin!);
}
