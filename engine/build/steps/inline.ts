/** COPY and ADD of here-documents: files whose content is in the Dockerfile. */
import { chmodSync, chownSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { applyFileMode } from "../../dockerfile/mode.ts";
import type { InlineFile } from "../../dockerfile/types.ts";
import { encodeName, fsPath } from "../../image/tar/index.ts";
import { ensureDirectory, resolveInRoot } from "../workspace/index.ts";
import type { CopyOptions } from "./copy-files.ts";

/** @param root the step's file system */
export function writeInline(root: string, files: readonly InlineFile[], { destination, owner, mode }: CopyOptions): void {
  for (const { name, data } of files) {
    const target = resolveInRoot(root, destination);
    const inside = lstatSync(fsPath(target), { throwIfNoEntry: false })?.isDirectory() || destination.endsWith("/");
    const file = fsPath(inside ? `${ensureDirectory(root, destination, owner)}/${name}` : target);
    rmSync(file, { force: true });
    writeFileSync(file, encodeName(data), { flag: "wx", mode: 0o644 });
    if (owner) chownSync(file, owner.uid, owner.gid);
    chmodSync(file, mode === undefined ? 0o644 : applyFileMode(mode, 0o644, false));
  }
}
