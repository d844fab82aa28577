/**
 * What stacked layers have at a path, without mounting them: overlayfs's rules, followed from the top. Everything is resolved below the
 * layers' own directories and through no link; links of the image are followed as a container of it would.
 */
import { closeSync, constants, openSync, type Stats } from "node:fs";
import { EngineError } from "../../errors.ts";
import { readUpTo, smallFile } from "../../sys/bounded.ts";
import { closeDescriptor, hasXattr, O_PATH, openBeneath, readLinkOf } from "../../sys/files.ts";
import { statBeneath } from "../../sys/tree.ts";
import { isWhiteout, opaqueAttribute } from "../layer/index.ts";
import { decodeName, fsPath } from "../tar/index.ts";

/** As many as the kernel follows. */
const mostLinks = 40;

interface Found {
  /** From 0, the lowest. */
  layer: number;
  stats: Stats;
}

/** A name in a directory that several layers have parts of: the topmost, and the layers that go on below it, topmost first. */
interface Place {
  top?: Found;
  merged: number[];
}

export class LayerUnion implements Disposable {
  readonly #roots: number[];
  /** By path: hundreds of files are asked for in one directory. */
  readonly #places = new Map<string, Place>();

  /** @param directories in overlay form, lowest first */
  constructor(directories: readonly string[]) {
    this.#roots = directories.map((directory) => openSync(directory, constants.O_DIRECTORY | O_PATH));
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots) closeSync(root);
  }

  /** What is at an absolute path, no link being followed. */
  find(path: string): Found | undefined {
    const names = path.split("/").filter(Boolean);
    let layers = this.#roots.map((_, layer) => layer).reverse();
    let found: Found | undefined;
    for (let depth = 1; depth <= names.length; depth++) {
      const { merged, top } = this.#look(layers, names.slice(0, depth).join("/"));
      if (!top || (depth < names.length && !top.stats.isDirectory())) return undefined;
      [found, layers] = [top, merged];
    }
    return found;
  }

  #look(layers: readonly number[], path: string): Place {
    let place = this.#places.get(path);
    if (!place) this.#places.set(path, (place = this.#see(layers, path)));
    return place;
  }

  #see(layers: readonly number[], path: string): Place {
    const merged: number[] = [];
    let top: Found | undefined;
    for (const layer of layers) {
      const stats = statBeneath(this.#roots[layer]!, fsPath(path));
      if (!stats) continue;
      if (isWhiteout(stats) || (top && !stats.isDirectory())) break;
      top ??= { layer, stats };
      merged.push(layer);
      if (!stats.isDirectory() || this.#isOpaque(layer, path)) break;
    }
    return { ...(top && { top }), merged };
  }

  #isOpaque(layer: number, path: string): boolean {
    return this.#opened(layer, path, constants.O_RDONLY | constants.O_DIRECTORY, (fd) => hasXattr(fd, opaqueAttribute)) ?? false;
  }

  #opened<T>(layer: number, path: string, flags: number, use: (fd: number) => T): T | undefined {
    const fd = openBeneath(this.#roots[layer]!, fsPath(path), flags);
    if (fd === undefined) return undefined;
    try {
      return use(fd);
    } finally {
      closeDescriptor(fd);
    }
  }

  /**
   * The text of a small file, links followed; undefined when there is none.
   * @throws EngineError `invalid` for what is no regular file, or too large
   */
  read(path: string): string | undefined {
    const real = this.follow(path);
    if (!real) return undefined;
    const refused = (why: string) => new EngineError("invalid", `cannot read "${path}" of the image: ${why}`);
    if (!real.stats.isFile()) throw refused("it is no regular file");
    const tooLarge = () => refused(`it is larger than ${smallFile / 1024} KiB`);
    return this.#opened(real.layer, real.path, constants.O_RDONLY, (fd) => readUpTo(fd, smallFile, tooLarge).toString("utf8"));
  }

  /** Where a path leads, links followed; undefined where it leads nowhere. */
  follow(path: string): (Found & { path: string }) | undefined {
    let done: string[] = [];
    const ahead = path.split("/").filter(Boolean);
    for (let links = 0; links <= mostLinks; ) {
      const name = ahead.shift();
      if (name === undefined) break;
      if (name === "." || name === "..") {
        if (name === "..") done.pop();
        continue;
      }
      const here = [...done, name].join("/");
      const found = this.find(here);
      if (!found) return undefined;
      if (!found.stats.isSymbolicLink()) {
        if (ahead.length === 0) return { ...found, path: here };
        done.push(name);
        continue;
      }
      links++;
      const target = this.#opened(found.layer, here, O_PATH | constants.O_NOFOLLOW, (fd) => decodeName(Buffer.from(readLinkOf(fd)))) ?? "";
      if (target.startsWith("/")) done = [];
      ahead.unshift(...target.split("/").filter(Boolean));
    }
    return undefined;
  }
}
