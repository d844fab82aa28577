/**
 * Unpacks a container's tar stream onto the host for `cp`. The archive is the container's and not trusted: nothing is
 * written outside the target, and no entry is followed through a symbolic link that stands below it.
 */
import { link, lstat, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { restoreAttributes, restoreContent } from "../../../engine/image/layer/restore.ts";
import { fsPath } from "../../../engine/image/tar/names.ts";
import { readTar, type TarEntry, type TarHeader } from "../../../engine/image/tar/reader.ts";

export interface UnpackOptions {
  /** Set owners as in the archive. */
  archive: boolean;
  signal: AbortSignal;
}

/** @param place called with the archive's root entry; says where it goes */
export async function unpackInto(tar: Readable, place: (root: TarHeader) => Promise<string>, options: UnpackOptions): Promise<void> {
  let unpacking: Unpacking | undefined;
  for await (const entry of readTar(tar)) {
    options.signal.throwIfAborted();
    unpacking ??= new Unpacking(await place(entry.header), trimmed(entry.header.name), options);
    await unpacking.entry(entry);
  }
  unpacking?.finish();
}

function trimmed(name: string): string {
  return name.replace(/^(\.?\/)+/, "").replace(/\/+$/, "") || ".";
}

class Unpacking {
  readonly #target: string;
  /** Name of the root entry, which the target replaces. */
  readonly #root: string;
  readonly #options: UnpackOptions;
  /** Directories found to be real ones. */
  readonly #checked = new Set<string>();
  readonly #directories: { path: string; header: TarHeader }[] = [];

  constructor(target: string, root: string, options: UnpackOptions) {
    this.#target = target;
    this.#root = root;
    this.#options = options;
  }

  /** Host path of an entry. @throws EngineError `archive` for a name that leads outside */
  #path(name: string): string {
    const clean = trimmed(name);
    const parts = clean.split("/");
    if (parts.includes("..")) throw new EngineError("archive", `refusing the entry "${name}": it leads outside the destination`);
    if (this.#root === ".") return clean === "." ? this.#target : join(this.#target, clean);
    if (clean === this.#root) return this.#target;
    if (clean.startsWith(`${this.#root}/`)) return join(this.#target, clean.slice(this.#root.length + 1));
    throw new EngineError("archive", `refusing the entry "${name}": it is not below "${this.#root}"`);
  }

  /** Every directory between the target and the path must be one, not a link to somewhere else. */
  async #checkParents(path: string): Promise<void> {
    if (path === this.#target) return;
    const parent = dirname(path);
    if (this.#checked.has(parent)) return;
    await this.#checkParents(parent);
    const stats = await lstat(fsPath(parent)).catch(() => undefined);
    if (stats === undefined) await mkdir(fsPath(parent));
    else if (!stats.isDirectory() && !(parent === this.#target && !stats.isSymbolicLink())) {
      if (parent !== this.#target) throw new EngineError("archive", `refusing to write through "${parent}": it is not a directory`);
    }
    this.#checked.add(parent);
  }

  async entry({ content, header }: TarEntry): Promise<void> {
    const path = this.#path(header.name);
    await this.#checkParents(path);
    switch (header.type) {
      case "directory":
        return this.#directory(path, header);
      case "file": {
        await this.#clear(path);
        await restoreContent(path, content());
        return this.#finishEntry(path, header);
      }
      case "symlink":
        await this.#clear(path);
        await symlink(fsPath(header.linkName), fsPath(path));
        return this.#finishEntry(path, header);
      case "hardlink":
        await this.#clear(path);
        return this.#hardlink(this.#path(header.linkName), path);
      default:
        return; // devices and pipes stay in the container
    }
  }

  /** Its other name must lie below the target as well, and not behind a link. */
  async #hardlink(existing: string, path: string): Promise<void> {
    await this.#checkParents(existing);
    await link(fsPath(existing), fsPath(path));
  }

  /** A file or link that is in the way is replaced; a directory is not. */
  async #clear(path: string): Promise<void> {
    const stats = await lstat(fsPath(path)).catch(() => undefined);
    if (stats?.isDirectory()) throw new EngineError("invalid", `cannot overwrite directory "${path}" with a file`);
    if (stats) await rm(fsPath(path));
  }

  async #directory(path: string, header: TarHeader): Promise<void> {
    const stats = await lstat(fsPath(path)).catch(() => undefined);
    if (stats === undefined) await mkdir(fsPath(path), { mode: 0o700 });
    else if (!stats.isDirectory() && path !== this.#target) throw new EngineError("invalid", `cannot overwrite "${path}" with a directory`);
    this.#checked.add(path);
    if (stats === undefined || path !== this.#target) this.#directories.push({ path, header });
  }

  #finishEntry(path: string, header: TarHeader): void {
    restoreAttributes(path, header, this.#options.archive);
  }

  /** Modes and times of directories come last: a read-only one must take its files first. */
  finish(): void {
    for (const { header, path } of this.#directories.reverse()) this.#finishEntry(path, header);
  }
}
