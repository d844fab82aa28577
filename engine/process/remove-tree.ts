/** Removing a directory tree whatever its depth: what a container made by relative paths can be deeper than any path can say. */
import { rm } from "node:fs/promises";
import { EngineError } from "../errors.ts";
import { runProcess } from "./spawn.ts";

/**
 * Removes a file or a tree; one that does not exist is fine. Mounts below it are not entered.
 * @throws EngineError `system`
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // rm(1) walks by descriptors and has no limit on depth.
    const { status, stderr } =
      code === "ENAMETOOLONG" ? await runProcess("rm", ["-rf", "--one-file-system", "--", path]) : { status: 1, stderr: message };
    if (status !== 0) throw new EngineError("system", `cannot remove "${path}": ${stderr.trim()}`, { cause });
  }
}
