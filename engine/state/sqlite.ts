/** The database's file: opened, brought up to this program's schema, and its errors in berth's words. */
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { EngineError } from "../errors.ts";
import { prepareDirectories } from "./directories.ts";
import { refuseUnclaimed } from "./lost-records.ts";
import type { Paths } from "./paths.ts";
import { migrations } from "./schema.ts";

const damaged =
  "restore the file berth.db of the state directory, without the berth.db-wal beside it, or use another --root; nothing was written to it";

/** Milliseconds for which a process waits for another's change. */
const timeout = 10_000;
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;

/** SQLITE_FULL 13, SQLITE_CORRUPT 11, SQLITE_NOTADB 26, SQLITE_READONLY 8, SQLITE_IOERR 10: see sqlite.org/rescode.html. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const primary = primaryCode(error);
    if (primary === undefined || primary === SQLITE_CONSTRAINT) throw error; // a constraint: the caller turns it into "name in use" and the like
    const kind = primary === 13 ? "no-space" : primary === 11 || primary === 26 ? "corrupt" : "state";
    const hint = kind === "corrupt" ? { hint: damaged, exit: 125 } : {};
    throw new EngineError(kind, `cannot use the state database: ${(error as Error).message}`, { cause: error, ...hint });
  }
}

/** True for SQLITE_CONSTRAINT: a UNIQUE or PRIMARY KEY was violated. */
export function isConstraintError(error: unknown): boolean {
  return primaryCode(error) === SQLITE_CONSTRAINT;
}

/** See sqlite.org/rescode.html; undefined of an error that is not SQLite's. */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? undefined : code & 0xff;
}

/**
 * A new database where the old one is missing or empty, whatever lies beside it: the caller fills it (`doctor --repair`).
 * @returns false when there is one
 */
export function makeAnew(paths: Paths): boolean {
  if (statSync(paths.db, { throwIfNoEntry: false })?.size === 0) {
    // A process that had it open when it was emptied holds its locks still: the new one is another file.
    rmSync(paths.db);
    rmSync(`${paths.db}-shm`, { force: true });
    if (existsSync(`${paths.db}-wal`)) renameSync(`${paths.db}-wal`, `${paths.db}-wal.lost`);
  }
  prepareDirectories(paths, { whateverLiesThere: true });
  const sqlite = connect(paths);
  try {
    return migrate(sqlite, paths, { whateverLiesThere: true }) === 0;
  } finally {
    sqlite.close();
  }
}

/** With its directories. @throws EngineError `state`, `no-space`, `permission`, `corrupt` */
export function openFile(paths: Paths): DatabaseSync {
  prepareDirectories(paths);
  const sqlite = connect(paths);
  try {
    migrate(sqlite, paths);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function connect(paths: Paths): DatabaseSync {
  const sqlite = guard(() => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(paths.db, { timeout }));
  try {
    guard(() => {
      useLog(sqlite);
      sqlite.exec("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
    });
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * A new file is given its log by the first of several processes. SQLite answers the others at once that it is locked, whatever the
 * timeout: two that hold it for reading would wait for each other (sqlite3_busy_handler, SQLITE_BUSY).
 */
function useLog(sqlite: DatabaseSync): void {
  for (const end = Date.now() + timeout; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)) {
    try {
      sqlite.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY || Date.now() > end) throw error;
    }
  }
}

/** Brings the schema up to date: the first of several processes does it. @param steps those of schema.ts @returns the schema it had */
export function migrate(sqlite: DatabaseSync, paths: Paths, { whateverLiesThere = false, steps = migrations } = {}): number {
  const version = () => guard(() => Number(sqlite.prepare("PRAGMA user_version").get()?.["user_version"]));
  if (version() === steps.length) return steps.length;
  guard(() => sqlite.exec("BEGIN IMMEDIATE"));
  try {
    const from = version(); // again, now that no other process can be migrating
    if (from > steps.length) throw tooNew(paths, from, steps.length);
    if (from === 0 && !whateverLiesThere) refuseUnclaimed(paths);
    for (const sql of steps.slice(from)) guard(() => sqlite.exec(sql));
    guard(() => sqlite.exec(`PRAGMA user_version = ${steps.length}; COMMIT`));
    return from;
  } catch (error) {
    if (sqlite.isTransaction) sqlite.exec("ROLLBACK");
    throw error;
  }
}

function tooNew({ root }: Paths, version: number, known: number): EngineError {
  const text = `the state directory "${root}" was written by a newer berth (schema ${version}, this one knows ${known})`;
  return new EngineError("state", text, { hint: "use the newer berth, or another --root" });
}
