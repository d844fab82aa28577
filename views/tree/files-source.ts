/** Files of a container, a volume or an image as a tree. */
import type { Engine, FileEntry, TreeName } from "../../engine/index.ts";
import { newNode, type TreeNode } from "./node.ts";
import { type Part, partSize, type TreeSource } from "./source.ts";

/** "/etc/passwd" of its parts. */
export const pathText = (path: readonly string[]): string => `/${path.join("/")}`;

export class FilesSource implements TreeSource {
  readonly tree: TreeName;
  #engine: Engine;

  constructor(engine: Engine, tree: TreeName) {
    this.#engine = engine;
    this.tree = tree;
  }

  async read(node: TreeNode, at: { from?: number; having?: string }): Promise<Part> {
    const { Entries, From, IsCut, Total } = await this.#engine.files.list(this.tree, pathText(node.path), { ...at, limit: partSize });
    return { from: From, nodes: Entries.map((entry) => nodeOf(node, entry)), total: Total, isCut: IsCut };
  }

  async find(text: string, signal: AbortSignal) {
    const { IsCut, Paths } = await this.#engine.files.find(this.tree, "/", text, { signal });
    return { paths: Paths.map((path) => path.split("/").slice(1)), isCut: IsCut };
  }
}

function nodeOf(parent: TreeNode, entry: FileEntry): TreeNode {
  // A directory that is gone cannot be looked into.
  const isBranch = entry.Type === "directory" && entry.Change !== "removed";
  return newNode([...parent.path, entry.Name], { label: entry.Name, isBranch, entry });
}
