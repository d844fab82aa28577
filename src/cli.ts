/**
 * The shell face: one command line in, text out, an exit status back. Global flags come before the command. Loads the
 * command and the engine, and nothing else: no Ink, no readline, no templates unless asked for.
 */
import { EngineError, toEngineError } from "../engine/errors.ts";
import type { Engine, EngineOptions } from "../engine/index.ts";
import type { RemoteEngine } from "../engine/remote/index.ts";
import { globalFlags, parseFlags, splitGlobalFlags } from "./args.ts";
import { currentContext } from "./client-config.ts";
import type { Context, FlagValue, Input, Io, TuiFlags } from "./commands/command.ts";
import { type Resolved, resolve } from "./commands/execute.ts";
import { chooseHost, type HostChoice } from "./host-choice.ts";
import { abandonOutput, brokenOutput, flushed, hasColour, isTerminal, onBrokenOutput, put, ReaderGone, write } from "./print.ts";
import { progressMode, wantedColours } from "./progress/wanted.ts";
import { show } from "./show.ts";
import { Signals } from "./signals.ts";
import { dismissPrompt, resetTerminal, shellIo, startOnUsableTerminal } from "./tty.ts";
import { version } from "./version.ts";

/** What the composition root lends the face. */
export interface Shell<Opened extends Engine> {
  openEngine(options: EngineOptions): Promise<Opened>;
  /** Opens the engine of another host. */
  openRemote(choice: HostChoice, flags: Record<string, FlagValue>): Promise<RemoteEngine>;
  /** Opens the TUI; resolves with the exit status when the user leaves it. */
  openTui(engine: Opened | RemoteEngine, flags: TuiFlags): Promise<number>;
  /** Clears the terminal of what stands on it before the TUI is there. */
  dismiss?(): void;
  /** See Io. */
  settings?: Io["settings"];
  /** Called with the command before anything is done. */
  begin?(command: Resolved): Promise<void>;
  /** How to start this program again; default: as it was started. */
  self?: string[];
  /** See Context. */
  handOver?: () => never;
}

/** Runs one command line; resolves with the exit status, never rejects. */
export async function runCli<Opened extends Engine>(argv: readonly string[], shell: Shell<Opened>): Promise<number> {
  const flags: Record<string, FlagValue> = {};
  try {
    const words = parseFlags(globalFlags, argv, flags, { path: "", stopsAtArgs: true });
    const { config } = flags;
    if (typeof config === "string") process.env["DOCKER_CONFIG"] = absolute("config", config);
    if (flags["version"]) return await print(`berth version ${version}\n`);
    if (flags["help"]) words.unshift("help");
    if (words.length === 0) words.push(isTerminal(0) && isTerminal(1) ? "tui" : "help");
    return await runWords(words, flags, shell);
  } catch (error) {
    shell.dismiss?.();
    return fail(error, flags);
  }
}

async function runWords<Opened extends Engine>(words: string[], flags: Record<string, FlagValue>, shell: Shell<Opened>): Promise<number> {
  const resolved = await resolve(words);
  await shell.begin?.(resolved);
  if (resolved.input.flags["json"]) flags["json"] = true;
  if (resolved.spec.name === "complete") resolved.input.args = splitGlobalFlags(resolved.input.args, flags);
  if (resolved.spec.name === "tui") {
    if (resolved.input.flags["reset"]) return resetTerminal();
    startOnUsableTerminal([...(shell.self ?? ownCommand()), ...process.argv.slice(2)], shell.dismiss);
  }
  const choice = hostFor(resolved, flags);
  const engine = choice
    ? await shell.openRemote(choice, flags)
    : await shell.openEngine({ ...places(flags), self: shell.self ?? ownCommand(), version });
  try {
    if (resolved.spec.name === "tui") return await openTui(shell, engine, resolved);
    return await runOne(resolved, flags, engine, shell);
  } finally {
    await engine.close();
  }
}

async function openTui<Opened extends Engine>(shell: Shell<Opened>, engine: Opened | RemoteEngine, { input }: Resolved): Promise<number> {
  const { tuiFlagsOf } = await import("./commands/session/tui-flags.ts");
  return shell.openTui(engine, tuiFlagsOf(input));
}

/** What is about this machine passes over what the environment names, and refuses what the command line does. */
function hostFor({ spec, path }: Resolved, flags: Record<string, FlagValue>): HostChoice | undefined {
  if (!spec.place) return chooseHost(flags, process.env, currentContext);
  const isNamed = flags["host"] !== undefined || flags["context"] !== undefined;
  if (spec.place === "here" && isNamed && chooseHost(flags, {}, () => "default"))
    throw new EngineError("usage", `'berth ${path}' is about this machine: it has no --host and no --context`);
  return undefined;
}

async function runOne(
  resolved: Resolved,
  flags: Record<string, FlagValue>,
  engine: Engine,
  { handOver, settings }: Pick<Shell<Engine>, "handOver" | "settings">,
): Promise<number> {
  const { name } = resolved.spec;
  const isSession = name === "repl" || name === "record" || name === "replay";
  const signals = new Signals(abandonOutput, isSession ? 2 : 3);
  onBrokenOutput(() => signals.cancel());
  const io: Io = { ...shellIo(signals.onSignal), ...(settings && { settings }) };
  const json = flags["json"] === true;
  try {
    if (isSession) {
      const sessions = await import("./repl/index.ts");
      const status = await sessions[name]({ engine, input: resolved.input, io, json, signals });
      await flushed();
      return status;
    }
    const context: Context = { engine, io, signal: signals.signal, ...(handOver && { handOver }) };
    const { status } = await show(context, resolved, { json });
    await flushed();
    return status || (signals.status ?? 0); // left early, as asked
  } catch (error) {
    // Cancelled by us: the shell's convention says which signal did it.
    return signals.status !== undefined && toEngineError(error).code === "cancelled" ? signals.status : fail(error, flags, resolved.input);
  } finally {
    signals.dispose();
  }
}

function places(flags: Record<string, FlagValue>): EngineOptions {
  const options: EngineOptions = {};
  if (typeof flags["root"] === "string") options.root = absolute("root", flags["root"]);
  if (typeof flags["runtime"] === "string") options.runtime = given("runtime", flags["runtime"]);
  return options;
}

function absolute(name: string, directory: string): string {
  return process.getBuiltinModule("node:path").resolve(given(name, directory));
}

/** An empty word is a variable without a value, and would mean the working directory. */
function given(name: string, value: string): string {
  if (value) return value;
  throw new EngineError("usage", `invalid argument "" for "--${name}" flag: it is empty`, { hint: "see 'berth --help'" });
}

/** How to start this very program again, from the bundle or from source. */
function ownCommand(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
}

async function print(text: string): Promise<number> {
  await put("stdout", text);
  return 0;
}

/** Prints an error to stderr; its exit status. A reader that went away (`| head`) is not reported: it only causes other errors. */
async function fail(thrown: unknown, flags: Record<string, FlagValue>, input?: Input): Promise<number> {
  const error = brokenOutput() ?? thrown;
  if (error instanceof ReaderGone) return error.status;
  dismissPrompt();
  const known: EngineError = toEngineError(error);
  write("stderr", await errorText(known, flags, input));
  await flushed().catch(() => {}); // the reader is gone: an error could not be shown
  return known.exit;
}

async function errorText(error: EngineError, flags: Record<string, FlagValue>, input?: Input): Promise<string> {
  const { errorAsJson, errorAsProgress, reportError } = await import("./report.ts");
  if (flags["json"]) return errorAsJson(error);
  if (input?.group && progressMode(input, process.env) === "json") return errorAsProgress(error);
  return reportError(error, {
    colour: wantedColours(input, process.env) ?? hasColour("stderr"),
    debug: flags["debug"] === true || error.code === "internal",
  });
}
