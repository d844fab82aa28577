/** What a tree on the screen is read from. */
import type { TreeNode } from "./node.ts";

/** Part of what is in a node. */
export interface Part {
  from: number;
  nodes: TreeNode[];
  total: number;
  isCut: boolean;
}

export interface TreeSource {
  /** A part of what is in a node: from a place on, or the one that has a name. @throws EngineError */
  read(node: TreeNode, at: { from?: number; having?: string }): Promise<Part>;
  /** Where a text is. */
  find(text: string, signal: AbortSignal): Promise<{ paths: readonly (readonly string[])[]; isCut: boolean }>;
}

/** Nodes of a part. */
export const partSize = 500;
