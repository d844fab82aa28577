/**
 * Removing a directory tree that a container may have made, or may even be changing. Node's and Bun's rmSync, and rm(1),
 * walk by descriptors and through no link; Node's asynchronous rm joins paths, and could be led elsewhere between two calls.
 */
import { rmSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { runProcess } from "./spawn.ts";

/**
 * Removes a file or a tree; one that does not exist is fine.
 * @throws EngineError `system`
 */
export async function removeTree(path: string): Promise<void> {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    // What a container made by relative paths can be deeper than any path can say, or than there are descriptors: rm(1) has no limit.
    const { status, stderr } = await runProcess("rm", ["-rf", "--one-file-system", "--", path]);
    if (status !== 0) throw new EngineError("system", `cannot remove "${path}": ${stderr.trim()}`, { cause });
  }
}
