/** A state directory whose database is missing or empty while there are still things that it recorded. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import { EngineError } from "../errors.ts";
import type { Paths } from "./paths.ts";

/** The empty layer (of images without layers) is made without a record. */
const unrecorded = ["empty"];

/** What lies in the directories though no database says so: names of directories, with how many things. */
export function unclaimed(paths: Paths): string[] {
  return [paths.containers, paths.layers, paths.volumes].flatMap((directory) => {
    const count = entries(directory).filter((name) => !unrecorded.includes(name)).length;
    return count > 0 ? [`${basename(directory)}/ (${count})`] : [];
  });
}

/**
 * Before the database is made. As a new one it would hide what runs, and let others take its place.
 * @throws EngineError `corrupt`
 */
export function refuseLostRecords(paths: Paths): void {
  const isEmpty = () => (statSync(paths.db, { throwIfNoEntry: false })?.size ?? 0) === 0;
  if (!isEmpty()) return;
  const found = unclaimed(paths);
  // Another process may have made the database, and what is recorded there, between the two looks.
  if (found.length === 0 || !isEmpty()) return;
  throw lostRecords(paths, found);
}

/** @throws EngineError `corrupt` when a database without tables stands beside things */
export function refuseUnclaimed(paths: Paths): void {
  const found = unclaimed(paths);
  if (found.length > 0) throw lostRecords(paths, found);
}

function lostRecords(paths: Paths, found: readonly string[]): EngineError {
  const state = existsSync(paths.db) ? "is empty" : "is missing";
  return new EngineError("corrupt", `cannot use the state database "${paths.db}": it ${state} beside ${found.join(", ")}`, {
    hint: "put the file back from a copy, without a berth.db-wal of another, or rebuild what can be known with 'berth doctor --repair'",
    exit: 125,
  });
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
