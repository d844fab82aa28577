/** The log of commands: every action as the line that would do it. Looked through, run again, saved as a script. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EngineError } from "../engine/errors.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { usersFileMode } from "../src/umask.ts";
import type { Notes } from "./notes.ts";
import type { AppState, CommandEntry } from "./state.ts";
import type { Store } from "./store.ts";

/** "✓ 120 ms", "✗ 1.5 s", "…" while it runs. */
export function outcomeOf({ state, took }: CommandEntry): string {
  if (state === "running") return "…";
  const time = took === undefined ? "" : took < 1000 ? `${Math.round(took)} ms` : `${(took / 1000).toFixed(1)} s`;
  return `${state === "done" ? "✓" : "✗"} ${time}`;
}

/**
 * A script of the session's language that does the same. What failed, and what had not ended, is there as a comment; what is
 * secret is not. Pure but for the language, which is loaded when it is wanted.
 */
export async function scriptOf(entries: readonly CommandEntry[]): Promise<string> {
  const { withoutSecrets } = await import("../src/repl/language/index.ts");
  const lines = entries.map(({ again, state }) => {
    const line = withoutSecrets(again);
    return state === "done" ? line : `# ${state === "failed" ? "failed" : "had not ended"}: ${line.replaceAll("\n", "\n# ")}`;
  });
  return `#!/usr/bin/env -S berth repl\n${lines.join("\n")}\n`;
}

export class CommandLog {
  #store: Store<AppState>;
  #notes: Notes;
  #cwd: string;

  constructor(store: Store<AppState>, notes: Notes, cwd: string) {
    this.#store = store;
    this.#notes = notes;
    this.#cwd = cwd;
  }

  /** Saves all of it; a file that is there stays as it is. */
  async save(path: string): Promise<void> {
    const file = resolve(this.#cwd, path);
    const { commands } = this.#store.get();
    try {
      await writeFile(file, await scriptOf(commands), { flag: "wx", mode: usersFileMode() });
      this.#notes.good(`${commands.length} lines saved to ${neutraliseLine(file)}`);
    } catch (cause) {
      const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
      const why = exists ? "the file exists" : (cause as Error).message;
      const hint = exists ? "choose another name" : "check the path";
      this.#notes.error(new EngineError("invalid", `cannot save to "${path}": ${why}`, { cause, hint }));
    }
  }
}
