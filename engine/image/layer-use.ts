/** What the files of stacked layers weigh, and which of them a later layer replaces or removes. */
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { getXattr } from "../sys/libc.ts";
import { isWhiteout, opaqueAttribute } from "./layer/whiteout.ts";

export interface FileUse {
  /** Without a leading slash. */
  path: string;
  /** Bytes; further names of one inode weigh nothing. */
  size: number;
  /** Which layer holds it, from 0, the lowest. */
  layer: number;
  /** The layer that hides it. */
  by?: number;
}

export interface LayerUse {
  /** Bytes of all files of all layers. */
  total: number;
  /** Regular files that are visible at the end. */
  files: FileUse[];
  /** Regular files that a later layer hides. */
  wasted: FileUse[];
}

type Node = { kind: "file"; use: FileUse } | Directory;

interface Directory {
  kind: "directory";
  children: Map<string, Node>;
}

/** Reads the layers. @param directories in overlay form, lowest first */
export function weighLayers(directories: readonly string[]): LayerUse {
  const stack = new Stack();
  for (const [layer, directory] of directories.entries()) stack.add(directory, layer);
  return stack.result();
}

class Stack {
  readonly #root: Directory = { kind: "directory", children: new Map() };
  readonly #wasted: FileUse[] = [];
  #total = 0;
  #layer = 0;
  #inodes = new Set<number>();

  add(directory: string, layer: number): void {
    this.#layer = layer;
    this.#inodes = new Set();
    this.#merge(this.#root, directory, "");
  }

  result(): LayerUse {
    const files: FileUse[] = [];
    visit(this.#root, (use) => files.push(use));
    return { total: this.#total, files, wasted: this.#wasted };
  }

  #merge({ children }: Directory, directory: string, prefix: string): void {
    for (const name of readdirSync(directory)) {
      const full = `${directory}/${name}`;
      const path = `${prefix}${name}`;
      const stats = lstatSync(full);
      const below = children.get(name);
      if (stats.isDirectory()) this.#merge(this.#directory(children, name, below, full), full, `${path}/`);
      else {
        this.#hide(below);
        if (isWhiteout(stats)) children.delete(name);
        else children.set(name, { kind: "file", use: { path, size: this.#weigh(stats), layer: this.#layer } });
      }
    }
  }

  /** The directory of the layers below goes on, unless something else was there or it is opaque. */
  #directory(children: Map<string, Node>, name: string, below: Node | undefined, full: string): Directory {
    if (below?.kind === "directory" && !getXattr(full, opaqueAttribute)) return below;
    this.#hide(below);
    const made: Directory = { kind: "directory", children: new Map() };
    children.set(name, made);
    return made;
  }

  #hide(node: Node | undefined): void {
    if (!node) return;
    visit(node, (use) => {
      if (use.size > 0) this.#wasted.push({ ...use, by: this.#layer });
    });
  }

  #weigh(stats: Stats): number {
    if (!stats.isFile() || (stats.nlink > 1 && this.#inodes.has(stats.ino))) return 0;
    this.#inodes.add(stats.ino);
    this.#total += stats.size;
    return stats.size;
  }
}

function visit(node: Node, seen: (use: FileUse) => void): void {
  if (node.kind === "file") seen(node.use);
  else for (const child of node.children.values()) visit(child, seen);
}
