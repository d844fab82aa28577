/** The session face: chooses between a script (file, -c, standard input) and the prompt. */
import { resolve as resolvePath } from "node:path";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { Input, Io } from "../commands/command.ts";
import { isTerminal, put, ReaderGone } from "../print.ts";
import type { Signals } from "../signals.ts";
import { readScript, ScriptBytes, scriptText, statusOf } from "./frame/index.ts";
import { Session } from "./session.ts";

/** Milliseconds that a container has to heed the signal that ends a script. */
const grace = 2000;

export interface ReplOptions {
  engine: Engine;
  input: Input;
  io: Io;
  json: boolean;
  signals: Signals;
}

/** `berth repl`: runs a session to its end. @throws EngineError located at the first failure of a script */
export async function repl(options: ReplOptions): Promise<number> {
  const { engine, input, io, json, signals } = options;
  const [file, ...args] = input.args;
  const inline = input.flags["command"];
  const isInline = typeof inline === "string";
  const name = isInline ? "-c" : (file ?? "-");
  const session = new Session({ engine, io, file: name, args: isInline ? input.args : args });
  const { echo, timing } = input.flags;
  Object.assign(session.switches, { echo: echo === true, timing: timing === true, stop: input.flags["keep-going"] !== true });
  setVariables(session, input.flags["var"]);
  if (!isInline && file === undefined && !input.flags["check"] && isTerminal(0) && isTerminal(1)) {
    const { runPrompt } = await import("./prompt/prompt.ts");
    return ending(session, signals, () => runPrompt(session, signals));
  }
  signals.endAfter(grace);
  const shownAs = file === "-" || (file === undefined && !isInline) ? "stdin" : name;
  const read = async () => (isInline ? inline : readSource(file, io));
  if (input.flags["check"]) {
    const { reportCheck } = await import("./report/check-report.ts");
    return ending(session, signals, () => reportCheck(session, read, shownAs, json));
  }
  session.updatesFiles = input.flags["update"] === true;
  if (input.flags["fmt"]) {
    const { formatScript } = await import("./language/format-script.ts");
    return ending(session, signals, async () => {
      await put("stdout", formatScript(await read(), shownAs));
      return 0;
    });
  }
  const junit = await openReports(session, input, json);
  return ending(
    session,
    signals,
    async () => runScript(session, await read(), shownAs, signals),
    (error) => junit?.(error, shownAs),
  );
}

/** `berth record FILE [COMMAND…]`. @throws as `repl` */
export async function record({ engine, input, io, signals }: ReplOptions): Promise<number> {
  const [file = "", ...words] = input.args;
  const session = new Session({ engine, io });
  return ending(session, signals, async () => {
    await session.startRecord(file);
    if (words.length > 0) {
      const { joinWords } = await import("./language/command-line.ts");
      return runScript(session, joinWords(words), "line", signals);
    }
    if (isTerminal(0) && isTerminal(1)) return (await import("./prompt/prompt.ts")).runPrompt(session, signals);
    signals.endAfter(grace);
    return runScript(session, await readSource("-", io), "stdin", signals);
  });
}

/** `berth replay FILE`: the status is 3 when a line prints something else than it did. @throws as `repl` */
export async function replay({ engine, input, io, json, signals }: ReplOptions): Promise<number> {
  const [file = "", ...args] = input.args;
  const session = new Session({ engine, io, file, args });
  setVariables(session, input.flags["var"]);
  signals.endAfter(grace);
  const { Comparison } = await import("./record/comparison.ts");
  return ending(session, signals, async () => {
    const source = await readSource(file, io);
    const comparison = new Comparison(session, source, file, json);
    const status = await runScript(session, source, file, signals).catch((error) => {
      comparison.close(true);
      throw error;
    });
    comparison.close();
    if (!input.flags["update"]) return comparison.status || status;
    if (file === "-") throw new EngineError("usage", "--update needs a file to write to");
    comparison.update(resolvePath(io.cwd, file));
    return status;
  });
}

async function runScript(session: Session, source: string, file: string, signals: Signals): Promise<number> {
  await session.run(source, file, () => signals.signal);
  const status = session.exitStatus ?? session.failed ?? 0;
  return status || (signals.status ?? 0); // a signal that came while all else was done, and it cleaned up
}

/** What the flags ask to be told of a script. @returns writes the JUnit report, if there is to be one */
async function openReports(session: Session, { flags }: Input, json: boolean) {
  if (flags["trace"]) {
    session.switches.echo = true; // each line as it is with its values
    session.observers.push(new (await import("./report/trace.ts")).Trace());
  }
  if (json) session.reportJson(true, new (await import("./report/json-report.ts")).JsonReport());
  if (flags["dry-run"]) session.rehearse((await import("./report/dry-run.ts")).rehearse);
  const cast = typeof flags["cast"] === "string" ? await openCast(session, flags["cast"], json) : undefined;
  const path = flags["junit"];
  if (typeof path !== "string") return cast && (() => cast.close());
  const report = new (await import("./report/junit.ts")).JunitReport();
  session.observers.push(report);
  return (error: EngineError | undefined, file: string) => {
    cast?.close();
    if (error) report.failed(error, file);
    report.write(resolvePath(session.io.cwd, path));
  };
}

async function openCast(session: Session, path: string, json: boolean) {
  if (json) throw new EngineError("usage", "--cast records what a person sees: it does not go with --json");
  const cast = new (await import("./report/cast.ts")).Cast(resolvePath(session.io.cwd, path), String(session.variables.get("0")));
  session.place.output = cast;
  session.observers.push(cast);
  return cast;
}

/** Runs a session, closes it, and gives its status. @param closed is called with its failure, however it ends */
async function ending(
  session: Session,
  signals: Signals,
  running: () => Promise<number>,
  closed: (error: EngineError | undefined) => void = () => {},
): Promise<number> {
  let failure: EngineError | undefined;
  try {
    return await running();
  } catch (error) {
    if (error instanceof ReaderGone) throw error;
    failure = toEngineError(error);
    if (failure.code === "cancelled" && signals.status !== undefined) return signals.status;
    throw failure.withExit(statusOf(failure));
  } finally {
    await session.close();
    closed(failure);
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
  const bytes = new ScriptBytes("stdin");
  for await (const piece of io.streams.stdin!) bytes.add(Buffer.from(piece));
  return scriptText(bytes.whole(), "stdin");
}
