/** A tree of names that unfold, as rows for a screen. Parts of a large directory may be missing until they are looked at. */
import type { FileEntry } from "../../engine/index.ts";

export interface TreeNode {
  /** From the root; the root's is empty. */
  readonly path: readonly string[];
  /** What stands in its row. */
  label: string;
  isBranch: boolean;
  isOpen: boolean;
  /** Of files. */
  entry?: FileEntry;
  /** Of JSON. */
  value?: unknown;
  /** By place; what has not been read is missing. */
  children: (TreeNode | undefined)[];
  /** It has been read. */
  isRead: boolean;
  /** Why it cannot be read. */
  error?: string;
  /** There are more in it than can be counted. */
  isCut?: boolean;
}

/** What stands in a row: a node, or the place of one in its parent. */
export interface TreeRow {
  node: TreeNode | undefined;
  parent: TreeNode;
  /** Of a missing one, and of a note (below 0). */
  place: number;
  depth: number;
}

export function newNode(path: readonly string[], of: Partial<TreeNode> & Pick<TreeNode, "label" | "isBranch">): TreeNode {
  return { isOpen: false, children: [], isRead: false, ...of, path };
}

export const keyOf = (path: readonly string[]): string => path.join("\0");

/** Rows of a note below a node: why it has none. */
export const note = -1;

/** All rows of what is unfolded. */
export function rowsOf(root: TreeNode): TreeRow[] {
  const rows: TreeRow[] = [];
  addRows(root, 0, rows);
  return rows;
}

function addRows(parent: TreeNode, depth: number, rows: TreeRow[]): void {
  if (parent.error !== undefined || (parent.isRead && parent.children.length === 0) || !parent.isRead)
    rows.push({ node: undefined, parent, place: note, depth });
  for (let place = 0; place < parent.children.length; place++) {
    const node = parent.children[place];
    rows.push({ node, parent, place, depth });
    if (node?.isOpen) addRows(node, depth + 1, rows);
  }
}

/** The place of a node's row; -1 when it is folded away. */
export function rowOf(rows: readonly TreeRow[], node: TreeNode): number {
  return rows.findIndex((row) => row.node === node);
}

/** The rows that stand for the same as others did: a node by its path, a missing one by its place. */
export function sameRow(rows: readonly TreeRow[], was: TreeRow | undefined): number {
  if (!was) return -1;
  const key = keyOf(was.node?.path ?? was.parent.path);
  return rows.findIndex(({ node, parent, place }) =>
    was.node ? node !== undefined && keyOf(node.path) === key : node === undefined && place === was.place && keyOf(parent.path) === key,
  );
}
