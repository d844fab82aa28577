/**
 * Completion: candidates for the last word of a command line, from the table and from live state. The shells' scripts,
 * the REPL's prompt and the TUI's palette all ask here.
 */
import { readdir } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import type { Engine } from "../../engine/index.ts";
import { commonFlags, globalFlags } from "../args.ts";
import type { ArgSpec, Command, Context, FlagSpec, Input, Subject } from "./command.ts";
import { type CommandGroup, groupOf, readGroup } from "./groups.ts";
import { commandNames, findCommand } from "./table.ts";

/** @param words the words so far; the last is being typed, and may be "" */
export async function complete(context: Context, words: readonly string[]): Promise<string[]> {
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? "";
  const group = await groupOf(before[0]);
  const candidates = await (group ? ofGroup(context, group, before, word) : ofWords(context, before, word));
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(word)).sort();
}

async function ofWords(context: Context, before: readonly string[], word: string, group?: Input["group"]): Promise<string[]> {
  const found = findCommand(before);
  return found ? ofCommand(context, await found.entry.load(), before.slice(found.length), word, group) : ofProgram(context, before, word);
}

/** A group with flags of its own: those, until its verb is there. */
async function ofGroup(context: Context, group: CommandGroup, before: readonly string[], word: string): Promise<string[]> {
  const [first = "", ...after] = before;
  const { args, open } = walk({ ...group, stopsAtArgs: true }, after);
  if (args.length === 0) return (await ofFlags(context, group, open, word, nothing)) ?? nextWords([first]);
  const { flags } = await readGroup(before);
  return ofWords(context, [first, ...args], word, flags);
}

/** Where no command is yet: its next word, the program's own flags, or the value of one. */
async function ofProgram(context: Context, before: readonly string[], word: string): Promise<string[]> {
  const open = globalFlags.find((flag) => `--${flag.name}` === before.at(-1) && flag.type !== "boolean");
  if (open) return valuesOf(context, open, word);
  return word.startsWith("-") && before.length === 0 ? globalFlags.map((flag) => `--${flag.name}`) : nextWords(before);
}

/** The next word of every path that begins with these words. */
function nextWords(before: readonly string[]): string[] {
  const head = before.map((word) => `${word} `).join("");
  return commandNames()
    .filter((name) => name.startsWith(head))
    .map((name) => name.slice(head.length).split(" ")[0]!);
}

async function ofCommand(
  context: Context,
  spec: Command,
  before: readonly string[],
  word: string,
  group?: Input["group"],
): Promise<string[]> {
  const { args, inArgs, open } = walk(spec, before);
  const input: Input = { flags: {}, args, group };
  const ofFlag = inArgs ? undefined : await ofFlags(context, spec, open, word, input);
  if (ofFlag) return ofFlag;
  const arg: ArgSpec | undefined = spec.args[args.length] ?? (spec.args.at(-1)?.variadic ? spec.args.at(-1) : undefined);
  const own = (await spec.complete?.(context, word, input)) ?? [];
  return [...own, ...(await ofSubject(context, arg?.subject ?? "none", word, input)).filter((candidate) => !args.includes(candidate))];
}

/** Names or values of flags, where the word is one; undefined where it is something else. */
async function ofFlags(
  context: Context,
  spec: Flagged,
  open: FlagSpec | undefined,
  word: string,
  input: Input,
): Promise<string[] | undefined> {
  if (open) return valuesOf(context, open, word, input);
  const equals = /^--([^=]+)=(.*)$/s.exec(word);
  const flag = equals && spec.flags.find((each) => each.name === equals[1]);
  if (equals && flag) return (await valuesOf(context, flag, equals[2]!, input)).map((value) => `--${flag.name}=${value}`);
  return word.startsWith("-") ? flagNames(spec) : undefined;
}

/** What takes flags: a command, or a group before its verb. */
interface Flagged {
  flags: readonly FlagSpec[];
  stopsAtArgs?: boolean;
}

/** Which words are arguments, and whether the last one is a flag that waits for its value. */
function walk(spec: Flagged, before: readonly string[]): { args: string[]; open: FlagSpec | undefined; inArgs: boolean } {
  const args: string[] = [];
  let open: FlagSpec | undefined;
  let inArgs = false;
  for (const word of before) {
    if (open) open = undefined;
    else if (inArgs || word === "-" || !word.startsWith("-")) {
      args.push(word);
      inArgs ||= spec.stopsAtArgs ?? false;
    } else if (word === "--") inArgs = true;
    else open = waiting(spec, word);
  }
  return { args, open, inArgs };
}

/** The flag of `--name` or of the last letter of `-xyz`, when it takes a value that is not there yet. */
function waiting(spec: Flagged, word: string): FlagSpec | undefined {
  if (word.includes("=")) return undefined;
  const flag = word.startsWith("--")
    ? spec.flags.find((each) => each.name === word.slice(2))
    : spec.flags.find((each) => each.short === word.at(-1));
  return flag && flag.type !== "boolean" && flag.type !== "optional" ? flag : undefined;
}

function flagNames(spec: Flagged): string[] {
  const shown = [...spec.flags.filter((flag) => !flag.hidden), ...commonFlags];
  return shown.flatMap((flag) => [`--${flag.name}`, ...(flag.short ? [`-${flag.short}`] : [])]);
}

async function valuesOf(context: Context, flag: FlagSpec, word: string, input = nothing): Promise<string[]> {
  const known = flag.choices ?? flag.suggestions;
  return known ? [...known] : ofSubject(context, flag.subject ?? "none", word, input);
}

/** A line without words yet. */
const nothing: Input = { flags: {}, args: [] };

const signals = "HUP INT QUIT KILL USR1 USR2 TERM STOP CONT WINCH".split(" ");

async function ofSubject(context: Context, subject: Subject, word: string, input: Input): Promise<string[]> {
  const { engine } = context;
  switch (subject) {
    case "container":
      return containers(engine, () => true);
    case "running-container":
      return containers(engine, (state) => state === "running" || state === "paused");
    case "stopped-container":
      return containers(engine, (state) => state === "created" || state === "exited");
    case "image":
      return (await engine.images.list()).flatMap((image) => image.RepoTags.flatMap((tag) => [tag, tag.replace(/:latest$/, "")]));
    case "volume":
      return (await engine.volumes.list()).map((volume) => volume.Name);
    case "network":
      return (await engine.networks.list()).map((network) => network.Name);
    case "service":
      return (await import("./compose/loading.ts")).serviceNames(context, input);
    case "command":
      return nextWords([]);
    case "signal":
      return signals;
    case "file":
    case "directory":
      return paths(context.io.cwd, word, subject === "directory");
    case "none":
      return [];
  }
}

async function containers(engine: Engine, wanted: (state: string) => boolean): Promise<string[]> {
  const all = await engine.containers.list({ all: true });
  return all.filter((row) => wanted(row.State)).flatMap((row) => row.Names.map((name) => name.replace(/^\//, "")));
}

/** Entries of the directory that the word so far names; directories end with "/". */
async function paths(cwd: string, word: string, directoriesOnly: boolean): Promise<string[]> {
  const head = word.slice(0, word.lastIndexOf("/") + 1);
  const entries = await readdir(resolvePath(cwd, head), { withFileTypes: true }).catch(() => []);
  const hidden = word.slice(head.length).startsWith(".");
  return entries
    .filter((entry) => (!directoriesOnly || entry.isDirectory()) && (hidden || !entry.name.startsWith(".")))
    .map((entry) => `${head}${entry.name}${entry.isDirectory() ? "/" : ""}`);
}
