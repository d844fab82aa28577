/** Tells when files that projects are made from change, as their editor saves them: also one that writes another file in the place of the old. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { type ProjectRow, sourcesOf } from "./project.ts";

/** Milliseconds until a change is told: editors write in several steps. */
const patience = 60;

export class FileWatch {
  readonly #onChange: () => void;
  /** By directory: what is watched, and the names in it that matter. */
  readonly #watched = new Map<string, { watcher: FSWatcher; names: ReadonlySet<string> }>();
  #followed: readonly object[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches the directories of these projects' files, and no others. */
  follow(rows: readonly Pick<ProjectRow, "files" | "directory" | "envFiles" | "reading">[]): void {
    if (rows === this.#followed) return;
    this.#followed = rows;
    const wanted = Map.groupBy(
      rows.flatMap((row) => sourcesOf(row, row.reading)),
      (path) => dirname(path),
    );
    for (const [directory, { watcher }] of this.#watched) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#watched.delete(directory);
    }
    for (const [directory, paths] of wanted) this.#watch(directory, new Set(paths.map((path) => basename(path))));
  }

  #watch(directory: string, names: ReadonlySet<string>): void {
    const known = this.#watched.get(directory);
    if (known) known.names = names;
    else {
      const watcher = watcherOf(directory, (name) => {
        if (this.#watched.get(directory)?.names.has(name)) this.#changed();
      });
      if (!watcher) return;
      this.#watched.set(directory, { watcher, names });
      this.#changed(); // between their reading and now they may have
    }
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#onChange();
    }, patience);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watched.values()) watcher.close();
  }
}

/** undefined where there is no such directory, or no more watches to be had: files are then read with the next event. */
function watcherOf(directory: string, onName: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => name && onName(name));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
