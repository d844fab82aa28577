/** What the files of stacked layers weigh, and which of them a later layer replaces or removes. */
import { lstatSync, type Stats } from "node:fs";
import { getXattr } from "../../sys/libc.ts";
import { isWhiteout, opaqueAttribute } from "../layer/index.ts";
import { fsPath, listNames } from "../tar/index.ts";

export interface FileUse {
  /** Without a leading slash. */
  path: string;
  /** Bytes; of several names of one inode only one that is visible has them, or the last that was. */
  size: number;
  /** Which layer holds it, from 0, the lowest. */
  layer: number;
  /** The layer that hides it. */
  by?: number;
}

/** A path that several layers have, counted as dive does. */
export interface Repeated {
  /** Without a leading slash. */
  path: string;
  /** Layers that write or remove it. */
  count: number;
  /** Bytes of all of them: what removes a directory weighs what it removes, what removes a file nothing. */
  size: number;
}

export interface LayerUse {
  /** Bytes of all files of all layers. */
  total: number;
  /** Regular files that are visible at the end. */
  files: FileUse[];
  /** Regular files that later layers hide: every name of them. */
  wasted: FileUse[];
  /** Largest first. */
  repeated: Repeated[];
  /** dive's score: the least that each path weighs in any layer, against what all layers have of it; 0 to 1. */
  score: number;
}

/** A file and the names under which its layer has it. */
interface Inode {
  size: number;
  /** Names that no later layer hides. */
  visible: number;
}

type Node = { kind: "file"; path: string; layer: number; inode: Inode } | Directory;

interface Directory {
  kind: "directory";
  children: Map<string, Node>;
}

/** Reads the layers. @param directories in overlay form, lowest first */
export function weighLayers(directories: readonly string[]): LayerUse {
  const stack = new Stack();
  for (const [layer, directory] of directories.entries()) for (const _ of stack.add(directory, layer));
  return stack.result();
}

/** Directories that are read between two breaths. */
const breath = 20;

/** The same, while other work goes on. */
export async function weighLayersInTurns(directories: readonly string[]): Promise<LayerUse> {
  const stack = new Stack();
  let count = 0;
  for (const [layer, directory] of directories.entries())
    for (const _ of stack.add(directory, layer)) if (++count % breath === 0) await new Promise((resolve) => setImmediate(resolve));
  return stack.result();
}

class Stack {
  readonly #root: Directory = { kind: "directory", children: new Map() };
  readonly #wasted: FileUse[] = [];
  readonly #paths = new Map<string, Repeated & { least: number }>();
  #total = 0;
  #layer = 0;
  /** Of the layer at hand, by number. */
  #inodes = new Map<number, Inode>();

  /** Yields at each directory. */
  *add(directory: string, layer: number): Generator<void> {
    this.#layer = layer;
    this.#inodes = new Map();
    yield* this.#merge(this.#root, directory, "");
  }

  result(): LayerUse {
    const files: FileUse[] = [];
    const weighed = new Set<Inode>();
    visit(this.#root, ({ path, layer, inode }) => {
      files.push({ path, layer, size: weighed.has(inode) ? 0 : inode.size });
      weighed.add(inode);
    });
    return { total: this.#total, files, wasted: this.#wasted, ...this.#counted() };
  }

  #counted(): Pick<LayerUse, "repeated" | "score"> {
    const all = [...this.#paths.values()];
    const sum = (of: "size" | "least") => all.reduce((total, each) => total + each[of], 0);
    const repeated = all.filter(({ count }) => count > 1).sort((a, b) => b.size - a.size);
    return {
      repeated: repeated.map(({ path, count, size }) => ({ path, count, size })),
      score: sum("size") > 0 ? sum("least") / sum("size") : 1,
    };
  }

  #count(path: string, size: number): void {
    const known = this.#paths.get(path);
    if (!known) this.#paths.set(path, { path, count: 1, size, least: size });
    else Object.assign(known, { count: known.count + 1, size: known.size + size, least: Math.min(known.least, size) });
  }

  *#merge({ children }: Directory, directory: string, prefix: string): Generator<void> {
    yield;
    for (const name of listNames(directory)) {
      const full = `${directory}/${name}`;
      const path = `${prefix}${name}`;
      const stats = lstatSync(fsPath(full));
      const below = children.get(name);
      if (stats.isDirectory()) yield* this.#merge(this.#directory(children, name, below, full), full, `${path}/`);
      else {
        this.#count(path, isWhiteout(stats) ? weightOf(below) : stats.isFile() ? stats.size : 0);
        this.#hide(below);
        if (isWhiteout(stats)) children.delete(name);
        else children.set(name, { kind: "file", path, layer: this.#layer, inode: this.#inodeOf(stats) });
      }
    }
  }

  /** The directory of the layers below goes on, unless something else was there or it is opaque. */
  #directory(children: Map<string, Node>, name: string, below: Node | undefined, full: string): Directory {
    if (below?.kind === "directory" && !getXattr(fsPath(full), opaqueAttribute)) return below;
    this.#hide(below);
    const made: Directory = { kind: "directory", children: new Map() };
    children.set(name, made);
    return made;
  }

  #hide(node: Node | undefined): void {
    if (!node) return;
    visit(node, ({ path, layer, inode }) => {
      if (--inode.visible > 0 || inode.size === 0) return;
      this.#wasted.push({ path, layer, size: inode.size, by: this.#layer });
    });
  }

  #inodeOf(stats: Stats): Inode {
    const known = stats.nlink > 1 ? this.#inodes.get(stats.ino) : undefined;
    const inode = known ?? { size: stats.isFile() ? stats.size : 0, visible: 0 };
    if (!known) this.#total += inode.size;
    this.#inodes.set(stats.ino, inode);
    inode.visible++;
    return inode;
  }
}

/** Of a directory that goes, as dive has it: the files in it. */
function weightOf(node: Node | undefined): number {
  let size = 0;
  if (node?.kind === "directory") visit(node, ({ inode }) => (size += inode.size));
  return size;
}

function visit(node: Node, seen: (file: Extract<Node, { kind: "file" }>) => void): void {
  if (node.kind === "file") seen(node);
  else for (const child of node.children.values()) visit(child, seen);
}
