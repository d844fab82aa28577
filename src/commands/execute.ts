/**
 * The one dispatcher: words in, events and a result out. The shell, the REPL and the TUI all run commands
 * through it, so that parsing, help, unknown commands and exit statuses are the same everywhere.
 */
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { ProgressEvent } from "../../engine/index.ts";
import { nearest } from "../../engine/suggest.ts";
import { parseInput, unknownText } from "../args.ts";
import { applyClientConfig } from "../client-config.ts";
import type { Command, Context, Input } from "./command.ts";
import { flagsAnywhere, groupOf, type Led, readGroup, withGroup } from "./groups.ts";
import { commandNames, findCommand } from "./table.ts";

/** A command line that ran to its end. */
export interface Executed {
  spec: Command;
  /** The path as typed ("ps"). */
  path: string;
  input: Input;
  /** Plain data with stable field names. */
  result: unknown;
  /** Exit status for the shell. */
  status: number;
}

/** A command line whose command is known and whose flags are read, before it runs. */
export interface Resolved {
  spec: Command;
  path: string;
  input: Input;
}

/**
 * Finds the command of some words and parses the rest. `--help` becomes the help command; so does a bare group
 * ("berth container").
 * @throws EngineError `usage`
 */
export async function resolve(words: readonly string[]): Promise<Resolved> {
  if (!(await groupOf(words[0]))) return resolveLed({ words, flags: {} });
  let taken = 1;
  try {
    const led = await readGroup(words);
    taken = words.length - led.words.length;
    return await resolveLed(led);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "usage") throw error;
    return Promise.reject(further(error, taken).withExit(1)); // docker compose's status
  }
}

/** The error of a word that has others in front of it. */
function further(error: EngineError, by: number): EngineError {
  const { details } = error;
  if (typeof details?.["word"] === "number") details["word"] += by;
  return error;
}

async function resolveLed(led: Led): Promise<Resolved> {
  const { words } = led;
  const found = findCommand(words);
  if (!found)
    return isGroup(words) ? resolve(["help", ...words.filter((word) => word !== "--help")]) : Promise.reject(unknownCommand(words));
  const spec = await found.entry.load();
  const path = words.slice(0, found.length).join(" ");
  const input = withGroup(parsed(spec, words, found.length, path, led), led);
  if (input.flags["help"] === true) return resolve(["help", ...path.split(" ")]);
  applyClientConfig(spec, input);
  await checkTemplate(spec, input);
  return { spec, path, input };
}

function parsed(spec: Command, words: readonly string[], from: number, path: string, { group }: Led): Input {
  try {
    return parseInput(spec, words.slice(from), path, flagsAnywhere(group));
  } catch (error) {
    throw error instanceof EngineError ? further(error, from) : error;
  }
}

/** Where docker ends with 64 for a template that it cannot parse; lists end with 1. */
const formatsValues = /inspect$|^system (info|events)$|^version$/;

/** A template that cannot be read, or names a field that there is not, fails before anything is done. */
async function checkTemplate(spec: Command, input: Input): Promise<void> {
  const { format } = input.flags;
  if (typeof format !== "string" || !format.includes("{{") || format.includes(unknownText)) return;
  const { checkFormat } = await import("../format/check.ts");
  try {
    const blank = spec.blank === undefined ? undefined : (spec.presentRow ?? spec.present)?.(spec.blank as never, input);
    checkFormat(format, blank);
  } catch (error) {
    throw error instanceof EngineError ? inDockersWords(spec.name, error) : error;
  }
}

function inDockersWords(name: string, error: EngineError): EngineError {
  const instead = (words: string) => error.message.replace(/^template parsing error/, () => words);
  if (name === "system events") return error.withExit(64, instead("Error parsing format"));
  if (formatsValues.test(name)) return error;
  const isField = name === "container ls" && error.details !== undefined;
  return error.withExit(1, isField ? instead("failed to execute template") : undefined);
}

/** "container", "image": a first word of longer paths, alone or before --help. */
function isGroup(words: readonly string[]): boolean {
  const [first, second] = words;
  return (second === undefined || second === "--help") && commandNames().some((name) => name.startsWith(`${first} `));
}

/** Of a group, before its command. */
function unknownFlag(word: string): string {
  return word.startsWith("--") ? `unknown flag: ${word.replace(/=.*/s, "")}` : `unknown shorthand flag: '${word[1] ?? ""}' in ${word}`;
}

function unknownCommand(words: readonly string[]): EngineError {
  const [first = "", second] = words;
  const inGroup = commandNames().some((name) => name.startsWith(`${first} `));
  const wrong = inGroup && second !== undefined ? `${first} ${second}` : first;
  const listed = commandNames();
  const candidates = inGroup ? listed.filter((name) => name.startsWith(`${first} `)) : listed.filter((name) => !name.includes(" "));
  const hint = inGroup ? `see 'berth ${first} --help'` : "see 'berth help'";
  const details = { word: wrong === first ? 0 : 1 };
  if (inGroup && second?.startsWith("-")) return new EngineError("usage", unknownFlag(second), { hint, exit: 125, details });
  return new EngineError("usage", `unknown command: berth ${wrong}`, { hint, suggestion: nearest(wrong, candidates), exit: 1, details });
}

/** Parses and runs one command line given as words. Throws EngineError only. */
export async function* execute(context: Context, words: readonly string[]): AsyncGenerator<ProgressEvent, Executed> {
  return yield* executeResolved(context, await resolve(words));
}

/** Runs a resolved command line. */
export async function* executeResolved(context: Context, resolved: Resolved): AsyncGenerator<ProgressEvent, Executed> {
  const { spec, path, input } = resolved;
  try {
    context.signal.throwIfAborted();
    if (mayBeStray(input)) yield* (await import("./stray-bytes.ts")).checkStrayBytes(spec, input);
    const result: unknown = yield* spec.run(context, input);
    const status = spec.exitStatus?.(result as never) ?? 0;
    return { spec, path, input, result, status };
  } catch (error) {
    throw inComposesStatus(spec, toEngineError(error));
  }
}

/**
 * 125 says of `docker run` that the engine failed, 126 and 127 that its command cannot run; docker compose ends with 1 then, whichever
 * its verb: but for `exec`, whose command's status these are.
 */
function inComposesStatus({ group, name }: Command, error: EngineError): EngineError {
  const isCommands = name === "compose exec" && error.exit !== 125;
  return group === "compose" && error.exit >= 125 && error.exit <= 127 && !isCommands ? error.withExit(1) : error;
}

/** True when a value, or a variable that `-e NAME` names, has what stands for bytes that are not UTF-8: hardly ever. */
function mayBeStray({ flags, args }: Input): boolean {
  const named = Array.isArray(flags["env"]) ? flags["env"].map((name) => process.env[name]) : [];
  return [...args, ...Object.values(flags).flat(), ...named].some((value) => typeof value === "string" && value.includes("\ufffd"));
}
