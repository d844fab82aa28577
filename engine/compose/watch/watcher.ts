/**
 * Changes of files as batches: what changes within a moment is one, so that a checkout or "save all" is handled once. Watched with
 * chokidar, which is loaded here and nowhere else.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { EngineError } from "../../errors.ts";
import { isIn, type WatchRule } from "./rules.ts";

/** Milliseconds without a change that end a batch, and the longest that one may wait for that. */
const quiet = 150;
const longest = 2000;

export class Watcher implements AsyncDisposable {
  readonly #close: () => Promise<void>;
  readonly #ready: Promise<void>;
  #paths = new Set<string>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #failure: unknown;

  /** @param rules whose paths are watched: files, directories, or what is not there yet */
  static async open(rules: readonly WatchRule[]): Promise<Watcher> {
    const { watch } = await import("chokidar");
    const roots = [...new Set(rules.map(({ path }) => rootOf(path)))];
    return new Watcher(
      watch(roots, { ignored: (path) => !isWatched(rules, path), ignoreInitial: true, followSymlinks: false, atomic: false }),
    );
  }

  private constructor(watcher: import("chokidar").FSWatcher) {
    this.#close = () => watcher.close();
    this.#ready = new Promise((resolve) => watcher.once("ready", resolve));
    // What a path is now is looked at when its batch is handled: a file that was replaced has changed, whichever events tell it.
    watcher.on("all", (_event, path) => this.#changed(path));
    watcher.on("error", (error) => this.#failed(error));
  }

  /** Resolves when every change from now on is heard. */
  async ready(): Promise<void> {
    await Promise.race([this.#ready, this.#ended()]);
  }

  /** The next batch of changed paths; undefined when the signal comes first. */
  async next(signal: AbortSignal): Promise<Set<string> | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (signal.aborted) return undefined;
      if (this.#paths.size > 0 && !this.#timer) return this.#take();
      await this.#woken(signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#close();
  }

  #changed(path: string): void {
    if (this.#paths.size === 0) this.#since = Date.now();
    this.#paths.add(path);
    clearTimeout(this.#timer);
    const left = Math.max(0, Math.min(quiet, this.#since + longest - Date.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake?.();
    }, left);
  }

  #failed(error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = code === "ENOSPC" ? "allow more watches: sysctl fs.inotify.max_user_watches" : "ignore what need not be watched";
    this.#failure = new EngineError("system", `cannot watch files: ${message}`, { cause: error, hint });
    this.#wake?.();
  }

  #take(): Set<string> {
    const taken = this.#paths;
    this.#paths = new Set();
    return taken;
  }

  async #ended(): Promise<void> {
    while (this.#failure === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    throw this.#failure;
  }

  async #woken(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }
}

/** The directory that is watched for a path: a file's own, as editors put a new file in its place; for what is not there, the nearest. */
function rootOf(path: string): string {
  let root = path;
  while (dirname(root) !== root && !isDirectory(root)) root = dirname(root);
  return root;
}

function isDirectory(path: string): boolean {
  return existsSync(`${path}/.`);
}

/** The way to a rule's path, and what is below it and not ignored. */
function isWatched(rules: readonly WatchRule[], path: string): boolean {
  return rules.some((rule) => isIn(path, rule.path) || (isIn(rule.path, path) && !rule.isClosed(path)));
}
