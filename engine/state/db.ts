/**
 * The database: one SQLite file in WAL mode, shared by every process. Transactions are the mutual exclusion of short
 * changes; what takes longer holds a lock (locks.ts) or a lease (leases.ts).
 */
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { EngineError } from "../errors.ts";
import { directoriesOf, type Paths } from "./paths.ts";
import { giveUpReserve, isFull, keepReserve } from "./reserve.ts";
import { migrations } from "./schema.ts";

export type Row = Record<string, SQLInputValue>;

export class Database {
  readonly sqlite: DatabaseSync;
  #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(sqlite: DatabaseSync) {
    this.sqlite = sqlite;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.sqlite.prepare(sql)));
    return statement;
  }

  /** Runs one statement; returns the number of rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(guard(() => this.#prepare(sql).run(...values)).changes);
  }

  get<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return guard(() => this.#prepare(sql).get(...values)) as T | undefined;
  }

  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return guard(() => this.#prepare(sql).all(...values)) as T[];
  }

  /** Inserts a row given as an object. */
  insert(table: string, row: Row, or: "" | "OR IGNORE" | "OR REPLACE" = ""): number {
    const names = Object.keys(row);
    return this.run(`INSERT ${or} INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`, ...Object.values(row));
  }

  /** Updates the rows where `column = value`; returns how many. */
  update(table: string, column: string, value: SQLInputValue, changes: Row): number {
    const sets = Object.keys(changes).map((name) => `${name} = ?`);
    return this.run(`UPDATE ${table} SET ${sets.join(", ")} WHERE ${column} = ?`, ...Object.values(changes), value);
  }

  /**
   * Runs `body` in one write transaction (BEGIN IMMEDIATE, so that two processes cannot deadlock by upgrading); a
   * nested call joins the outer one. `body` must not await.
   */
  transaction<T>(body: () => T): T {
    if (this.#depth > 0) return body();
    guard(() => this.sqlite.exec("BEGIN IMMEDIATE"));
    this.#depth++;
    try {
      const result = body();
      guard(() => this.sqlite.exec("COMMIT"));
      return result;
    } catch (error) {
      if (this.sqlite.isTransaction) this.sqlite.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.sqlite.isOpen) this.sqlite.close();
  }
}

const damaged = "restore the file berth.db of the state directory, or use another --root; nothing was written to it";

/** SQLITE_FULL 13, SQLITE_CORRUPT 11, SQLITE_NOTADB 26, SQLITE_READONLY 8, SQLITE_IOERR 10: see sqlite.org/rescode.html. */
function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const code = (error as { errcode?: number }).errcode;
    if (code === undefined) throw error;
    const primary = code & 0xff;
    if (primary === 19) throw error; // a constraint: the caller turns it into "name in use" and the like
    const kind = primary === 13 ? "no-space" : primary === 11 || primary === 26 ? "corrupt" : "state";
    const hint = kind === "corrupt" ? { hint: damaged, exit: 125 } : {};
    throw new EngineError(kind, `cannot use the state database: ${(error as Error).message}`, { cause: error, ...hint });
  }
}

/** True for SQLITE_CONSTRAINT: a UNIQUE or PRIMARY KEY was violated. */
export function isConstraintError(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 19;
}

/** Makes the directories and opens the database, migrating it when it is older than this program. */
export function openDatabase(paths: Paths): Database {
  try {
    const database = open(paths);
    keepReserve(paths);
    return database;
  } catch (error) {
    if (!(error instanceof EngineError) || !isFull(paths)) throw error;
    if (giveUpReserve(paths)) return open(paths);
    const text = `cannot use the state directory "${paths.root}": no space or no inodes left on its file system`;
    throw new EngineError("no-space", text, { cause: error, hint: "free space on the state directory's file system" });
  }
}

function open(paths: Paths): Database {
  makeDirectories(paths);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = guard(() => new DatabaseSync(paths.db, { timeout: 10_000 }));
  guard(() => sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"));
  const database = new Database(sqlite);
  migrate(database, paths);
  return database;
}

function makeDirectories(paths: Paths): void {
  try {
    for (const directory of directoriesOf(paths)) makeDirectory(directory);
    // Containers of other users reach their root file system through these two; listing them stays forbidden.
    for (const directory of [paths.root, paths.containers, paths.volumes]) chmodSync(directory, 0o711);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const kind = code === "EACCES" || code === "EPERM" ? "permission" : code === "ENOSPC" ? "no-space" : "state";
    throw new EngineError(kind, `cannot prepare the state directory "${paths.root}": ${message}`, { cause: error });
  }
}

/** With its parents. Node's own recursion never ends where mkdir(2) says ENOENT below a directory that exists, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(`${path}/.`)) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was faster
  }
}

function migrate(database: Database, paths: Paths): void {
  const version = () => Number(database.get<{ user_version: number }>("PRAGMA user_version")?.user_version);
  if (version() === migrations.length) return;
  database.transaction(() => {
    const from = version(); // again, now that no other process can be migrating
    if (from > migrations.length) {
      throw new EngineError(
        "state",
        `the state directory "${paths.root}" was written by a newer berth (schema ${from}, this one knows ${migrations.length})`,
        {
          hint: "use the newer berth, or another --root",
        },
      );
    }
    for (const sql of migrations.slice(from)) database.sqlite.exec(sql);
    database.sqlite.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
