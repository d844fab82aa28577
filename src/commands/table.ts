/**
 * The one command table. A line names a command's paths (the first is canonical) and loads its file on demand, so that
 * `ps` does not pay for `build`. test/src/commands/table.test.ts checks the names against the files and that each entry is complete.
 */
import type { CommandSpec } from "./command.ts";

export interface TableEntry {
  names: readonly [string, ...string[]];
  load(): Promise<CommandSpec<never>>;
}

const entry = (names: [string, ...string[]], load: () => Promise<{ default: unknown }>): TableEntry => ({
  names,
  load: async () => (await load()).default as CommandSpec<never>,
});

export const table: readonly TableEntry[] = [
  entry(["container ls", "ps", "container ps", "container list"], () => import("./container/ls.ts")),
];

const byName = new Map(table.flatMap((each) => each.names.map((name) => [name, each] as const)));

/** The entry for the longest command path at the start of the words, and how many words it took. */
export function findCommand(words: readonly string[]): { entry: TableEntry; length: number } | undefined {
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const found = byName.get(words.slice(0, length).join(" "));
    if (found) return { entry: found, length };
  }
  return undefined;
}

/** Every path of every command, for completion and "did you mean". */
export function commandNames(): string[] {
  return [...byName.keys()];
}
