/**
 * Groups whose first word takes flags of its own before the verb (`compose -f a.yaml up`): what they are, and how a command line is
 * taken apart. What was given there reaches the verb as `Input.group`.
 */
import { parseFlags, startFlags } from "../args.ts";
import type { FlagSpec, FlagValue, Input } from "./command.ts";

export interface CommandGroup {
  /** One line, imperative, no full stop. */
  summary: string;
  flags: readonly GroupFlag[];
}

interface GroupFlag extends FlagSpec {
  /** Taken among the verb's own flags, too. */
  anywhere?: boolean;
  /** Given, it stands for this verb: `compose --version`. */
  verb?: string;
}

/** By first word. */
export const groups: Readonly<Record<string, () => Promise<CommandGroup>>> = {
  compose: async () => (await import("./compose/group.ts")).group,
};

/** A command line whose group's flags are read. */
export interface Led {
  /** The line without those flags: the path, then the rest. */
  words: readonly string[];
  group?: CommandGroup;
  flags: Record<string, FlagValue>;
}

/** The group that a word begins, if it is one with flags. */
export async function groupOf(word: string | undefined): Promise<CommandGroup | undefined> {
  return word !== undefined && Object.hasOwn(groups, word) ? groups[word]!() : undefined;
}

/** `-h` before the verb; `--help` is everybody's. */
const help: FlagSpec = { name: "help", short: "h", type: "boolean", help: "Print the group's help", hidden: true };

/** Takes the flags between a group's word and its verb out of a line. @throws EngineError `usage` */
export async function readGroup(words: readonly string[]): Promise<Led> {
  const [first = "", ...after] = words;
  const group = await groupOf(first);
  if (!group) return { words, flags: {} };
  const flags = startFlags(group.flags);
  const rest = parseFlags([...group.flags, help], after, flags, { path: first, stopsAtArgs: true });
  const verb = group.flags.find((flag) => flag.verb && flags[flag.name])?.verb;
  if (flags["help"]) return { words: [first], group, flags };
  return { words: [first, ...(verb ? [verb] : rest)], group, flags };
}

/** Those of a group's flags that a verb takes, too. */
export function flagsAnywhere(group: CommandGroup | undefined): readonly FlagSpec[] {
  return group?.flags.filter((flag) => flag.anywhere) ?? [];
}

/** Puts what the group was given beside what the verb was given, where flags that both take are the group's. */
export function withGroup(input: Input, { flags, group }: Led): Input {
  if (!group) return input;
  const own = { ...input.flags };
  const lent = { ...flags };
  for (const { name } of flagsAnywhere(group)) {
    if (own[name] !== undefined) lent[name] = own[name];
    delete own[name];
  }
  return { ...input, flags: own, group: lent };
}
