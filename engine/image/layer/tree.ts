/**
 * The directories of a tree that is being unpacked, seen from inside its confinement ("/" is the tree's root): which are
 * known to be real, which were only implied by a path, and what must happen to them at the end.
 */
import { lstatSync, mkdirSync, realpathSync, unlinkSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { setTimes, writeXattr } from "../../sys/files.ts";
import { fsPath } from "../tar/index.ts";
import { isWhiteout, opaqueAttribute, opaqueValue } from "./whiteout.ts";

/**
 * A name inside an archive as a path relative to its root: "" is the root itself. Components "." vanish, ".." goes up
 * as far as the root.
 * @throws EngineError `archive` when the name leads outside, or no file can have it
 */
export function cleanName(name: string, what = "entry"): string {
  if (name.includes("\0")) throw new EngineError("archive", `refused tar ${what} ${JSON.stringify(name)}: a name cannot hold a NUL byte`);
  if (!/(^|\/)\.{0,2}(\/|$)/.test(name)) return name; // nothing to clean
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined)
      throw new EngineError("archive", `refused tar ${what} "${name}": it leads outside the archive's root`);
  }
  return parts.join("/");
}

/** Splits a clean path into directory ("" at the top) and base name. */
export function splitPath(path: string): { directory: string; base: string } {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? { directory: "", base: path } : { directory: path.slice(0, slash), base: path.slice(slash + 1) };
}

export function joinPath(directory: string, base: string): string {
  return directory === "" ? base : `${directory}/${base}`;
}

export class Directories {
  /** Directory as named → where it really is; only real directories. */
  #known = new Map<string, string>([["", ""]]);
  #times = new Map<string, { seconds: number; nanoseconds: number }>();
  /** In overlay form a directory that replaces a whiteout hides what is below it. */
  #overlay: boolean;
  /** Directories that no entry described. */
  readonly implicit = new Set<string>();

  constructor(options: { overlay: boolean }) {
    this.#overlay = options.overlay;
    if (options.overlay) this.implicit.add("");
  }

  /**
   * Where a directory really is, making what is missing of it. Symlinks on the way are followed, inside the tree.
   * @throws EngineError `archive` when something on the way is not a directory
   */
  resolve(directory: string): string {
    const known = this.#known.get(directory);
    if (known !== undefined) return known;
    const { directory: above, base } = splitPath(directory);
    const path = joinPath(this.resolve(above), base);
    const real = this.#enter(path, directory);
    this.#known.set(directory, real);
    return real;
  }

  #enter(path: string, directory: string): string {
    const full = fsPath(`/${path}`);
    const stats = lstatSync(full, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return path;
    if (stats?.isSymbolicLink()) return this.#follow(path, directory);
    if (stats && !(this.#overlay && isWhiteout(stats)))
      throw new EngineError("archive", `invalid tar: "${directory}" holds entries but is not a directory`);
    if (stats) unlinkSync(full);
    mkdirSync(full, 0o755);
    if (stats) writeXattr(full, opaqueAttribute, opaqueValue);
    this.implicit.add(path);
    return path;
  }

  #follow(path: string, directory: string): string {
    let real: string;
    try {
      real = realpathSync(`/${path}`).slice(1);
    } catch (cause) {
      throw new EngineError("archive", `invalid tar: "${directory}" is a symbolic link that leads nowhere in the archive`, { cause });
    }
    if (!lstatSync(`/${real}`).isDirectory())
      throw new EngineError("archive", `invalid tar: "${directory}" holds entries but leads to a file`);
    return real;
  }

  /** An entry describes the directory: its attributes are no longer implied. */
  described(path: string, seconds: number, nanoseconds: number): void {
    this.implicit.delete(path);
    this.#known.set(path, path);
    // Set at the end: every entry made inside changes the time again.
    this.#times.set(path, { seconds, nanoseconds });
  }

  /** A directory or symlink is about to vanish: what is known about paths no longer holds. */
  forget(path: string): void {
    this.#known = new Map([["", ""]]);
    const below = `${path}/`;
    for (const each of this.#times.keys()) if (each === path || each.startsWith(below)) this.#times.delete(each);
    for (const each of this.implicit) if (each === path || each.startsWith(below)) this.implicit.delete(each);
  }

  /** Sets the directories' times. */
  finish(): void {
    for (const [path, { seconds, nanoseconds }] of this.#times) setTimes(fsPath(`/${path}`), seconds, nanoseconds);
  }
}
