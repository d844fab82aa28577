/**
 * Naming a layer that was made here: packs DIRECTORY/diff, hashes the tar without keeping it, and writes the record that
 * rebuilds it. Synchronous: in the layer worker, or at once where the layer is small and a thread would cost more.
 */
import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { fsPath, listNames } from "../tar/index.ts";
import { type Halt, throwIfHalted } from "./halt.ts";
import { Packer } from "./pack.ts";
import type { PackResult } from "./protocol.ts";
import { SplitWriter } from "./split.ts";

export interface PackLayerOptions {
  /** An entry for the root directory itself. */
  root: boolean;
  epoch?: number;
  /** Path of the layer's files where the thread is not confined to them. */
  base?: string;
  /** Where the thread may be asked to end early. */
  halt?: Halt;
}

/** @param splitFd the record, open for writing; the caller closes it */
export function packLayer(splitFd: number, { root, epoch, base, halt }: PackLayerOptions): PackResult {
  const split = new SplitWriter(splitFd);
  const packer = new Packer({ overlay: true, path: "", name: "", root, epoch, base });
  const hash = createHash("sha256");
  let tarSize = 0;
  for (const piece of packer.pack()) {
    if (halt) throwIfHalted(halt);
    if ("file" in piece) {
      split.file(piece.file, piece.size);
      continue;
    }
    const bytes = "raw" in piece ? piece.raw : piece.content;
    if ("raw" in piece) split.raw(bytes);
    hash.update(bytes);
    tarSize += bytes.length;
  }
  split.finish();
  return { diffId: `sha256:${hash.digest("hex")}`, tarSize, size: packer.size };
}

/** Packs in this thread. @param directory of the layer, with its files in diff/ */
export function packLayerHere(directory: string, options: Omit<PackLayerOptions, "base">): PackResult {
  const splitFd = openSync(join(directory, "split"), "wx", 0o600);
  try {
    return packLayer(splitFd, { ...options, base: join(directory, "diff") });
  } finally {
    closeSync(splitFd);
  }
}

/** What a thread's start costs (20 ms and more) is worth about this much packing. */
const few = { entries: 300, bytes: 8 << 20 };

/** True when a tree is so small that packing it here is faster than starting a thread. */
export function isSmall(tree: string): boolean {
  let entries = 0;
  let bytes = 0;
  const visit = (directory: string): boolean => {
    for (const name of listNames(directory)) {
      const path = `${directory}/${name}`;
      if (++entries > few.entries) return false;
      const stats = lstatSync(fsPath(path), { throwIfNoEntry: false });
      if (stats?.isFile() && (bytes += stats.size) > few.bytes) return false;
      if (stats?.isDirectory() && !visit(path)) return false;
    }
    return true;
  };
  return visit(tree);
}
