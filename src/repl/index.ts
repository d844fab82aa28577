/** The session face: chooses between a script (file, -c, standard input) and the prompt. */
import { readFileSync } from "node:fs";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Input, Io } from "../commands/command.ts";
import { isTerminal } from "../print.ts";
import type { Signals } from "../signals.ts";
import { Session } from "./session.ts";

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
  const session = new Session({ engine, io, json, file: name, args: isInline ? input.args : args });
  try {
    if (!isInline && file === undefined && isTerminal(0) && isTerminal(1)) {
      const { runPrompt } = await import("./prompt.ts");
      return await runPrompt(session, signals);
    }
    const source = isInline ? inline : await readSource(file, io);
    await session.run(source, file === "-" || (file === undefined && !isInline) ? "stdin" : name, () => signals.signal);
    return session.exitStatus ?? 0;
  } catch (error) {
    const known = toEngineError(error);
    if (known.code === "cancelled" && signals.status !== undefined) return signals.status;
    throw known;
  } finally {
    await session.close();
  }
}

async function readSource(file: string | undefined, io: Io): Promise<string> {
  if (file !== undefined && file !== "-") {
    try {
      return readFileSync(file, "utf8");
    } catch (cause) {
      throw new EngineError("invalid", `cannot read the script "${file}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
  }
  const { text } = await import("node:stream/consumers");
  return text(io.streams.stdin!);
}
