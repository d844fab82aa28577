/**
 * Removing a directory tree that a container may have made, or may even be changing. Node's rmSync and rm(1) walk by
 * descriptors and through no link. So does Bun's, but it comes to each directory from the top again: minutes of a core for
 * a thousand, each in the one before. Node's asynchronous rm joins paths, and could be led elsewhere between two calls.
 */
import { closeSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { FilePath } from "../sys/files.ts";
import { openDirectory } from "../sys/tree.ts";
import { runProcess } from "./spawn.ts";

/** Directories in each other that are held open at a time. */
const deepest = 100;

/**
 * Removes a file or a tree; one that does not exist is fine.
 * @throws EngineError `system`
 */
export async function removeTree(path: string): Promise<void> {
  try {
    if (process.versions.bun) removeDown(path);
    else rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    // What a container made by relative paths can be deeper than any path can say, or than there are descriptors: rm(1) has no limit.
    const { status, stderr } = await runProcess("rm", ["-rf", "--one-file-system", "--", path]);
    if (status !== 0) throw new EngineError("system", `cannot remove "${path}": ${stderr.trim()}`, { cause });
  }
}

/** @throws Error what the system says, or that it is too deep to be gone down */
function removeDown(path: FilePath, depth = 0): void {
  if (depth > deepest) throw new Error(`more than ${deepest} directories in each other`);
  if (isUnlinked(path)) return;
  const directory = openDirectory(path);
  if (directory === undefined) throw new Error("it was a directory, and is none any more");
  try {
    const inside = Buffer.from(`/proc/self/fd/${directory}/`);
    for (const name of readdirSync(inside, { encoding: "buffer" })) removeDown(Buffer.concat([inside, name]), depth + 1);
  } finally {
    closeSync(directory);
  }
  rmdirSync(path);
}

/** False for a directory. */
function isUnlinked(path: FilePath): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "EISDIR") return false;
    throw error;
  }
}
