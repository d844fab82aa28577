/**
 * Where the database's file cannot be opened, as its file system is full (SQLite needs room even to read: for its shared memory)
 * or read-only, a copy on another file system stands in for it: everything can be listed, and containers can be ended.
 * Changes go to the copy, and are repeated on the file itself once it can be written (db.ts).
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Paths } from "./paths.ts";
import { refusal } from "./room-left.ts";
import { guard, migrate } from "./sqlite.ts";

export interface StandIn {
  /** What was changed in the copy, in order. */
  changes: { sql: string; values: SQLInputValue[] }[];
  /** False once another process has written to the file since the copy was made. */
  isUntouched(): boolean;
}

/** @throws EngineError `no-space`, `state` when there is nothing to copy, or no place for the copy */
export function openStandIn(paths: Paths, cause: unknown): { sqlite: DatabaseSync; standIn: StandIn } {
  const hasRecords = (statSync(paths.db, { throwIfNoEntry: false })?.size ?? 0) > 0;
  for (const place of hasRecords ? ["/run", "/dev/shm", tmpdir()] : []) {
    const copied = copyInto(place, paths);
    if (copied) return copied;
  }
  throw refusal(paths, cause);
}

/** @returns undefined where there is no room either */
function copyInto(place: string, paths: Paths): { sqlite: DatabaseSync; standIn: StandIn } | undefined {
  let directory: string | undefined;
  try {
    directory = mkdtempSync(join(place, "berth-stand-in-")); // 0700
    const print = copyWhole(paths, directory);
    const sqlite = openCopy(join(directory, "berth.db"), paths);
    return { sqlite, standIn: { changes: [], isUntouched: () => fingerprint(paths) === print } };
  } catch (error) {
    if (["ENOSPC", "EROFS", "EACCES", "ENOENT", "no-space"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  } finally {
    // An open file needs no name: nothing of it outlives the process.
    if (directory) rmSync(directory, { recursive: true, force: true });
  }
}

function openCopy(file: string, paths: Paths): DatabaseSync {
  const sqlite = guard(() => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(file));
  // Recovers what the log holds, then needs no file but this one.
  guard(() => sqlite.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"));
  migrate(sqlite, paths);
  return sqlite;
}

/** Again when a process wrote meanwhile. */
function copyWhole(paths: Paths, directory: string): string {
  for (;;) {
    const before = fingerprint(paths);
    for (const suffix of ["", "-wal"]) {
      const copy = join(directory, `berth.db${suffix}`);
      rmSync(copy, { force: true });
      if (existsSync(paths.db + suffix)) copyFileSync(paths.db + suffix, copy);
    }
    if (fingerprint(paths) === before) return before;
  }
}

function fingerprint({ db }: Paths): string {
  return [db, `${db}-wal`]
    .map((file) => {
      const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stats && stats.size > 0n ? `${stats.ino} ${stats.size} ${stats.mtimeNs}` : "";
    })
    .join(" ");
}
