/** Whether the state directory can be written now, and how it is said when it cannot. */
import { accessSync, constants } from "node:fs";
import { EngineError } from "../errors.ts";
import type { Paths } from "./paths.ts";
import { isFull } from "./reserve.ts";

/** In a line for the user; undefined when nothing keeps the records from being written. */
export function troubleOf(paths: Paths): string | undefined {
  if (isFull(paths)) return `the disk of the state directory "${paths.root}" is full: no space or no inodes left on its file system`;
  return isReadOnly(paths) ? `the state directory "${paths.root}" lies on a read-only file system` : undefined;
}

/** Root can be kept from writing by the file system alone (full or read-only). */
function isReadOnly({ root }: Paths): boolean {
  try {
    accessSync(root, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS";
  }
}

/** True for errors that only a full or read-only state directory causes. */
export function isLackOfRoom(error: unknown, paths: Paths): boolean {
  return error instanceof EngineError && ["no-space", "state"].includes(error.code) && troubleOf(paths) !== undefined;
}

/** Why nothing can be recorded. */
export function refusal(paths: Paths, cause?: unknown): EngineError {
  if (isFull(paths)) {
    const text = `cannot use the state directory "${paths.root}": no space or no inodes left on its file system`;
    const hint = "free space on the state directory's file system, for instance by 'berth rm -f' of a container that fills it";
    return new EngineError("no-space", text, { cause, hint });
  }
  return new EngineError("state", `cannot use the state directory "${paths.root}": read-only file system`, { cause });
}
