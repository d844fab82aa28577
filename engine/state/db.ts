/**
 * The database: one SQLite file in WAL mode, shared by every process. Transactions are the mutual exclusion of short
 * changes; what takes longer holds a lock (locks.ts) or a lease (leases.ts).
 */
import { statSync } from "node:fs";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { EngineError } from "../errors.ts";
import type { Paths } from "./paths.ts";
import { giveUpReserve, keepReserve } from "./reserve.ts";
import { isLackOfRoom, refusal, troubleOf } from "./room-left.ts";
import { guard, openFile } from "./sqlite.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

export { isConstraintError } from "./sqlite.ts";

export type Row = Record<string, SQLInputValue>;

/** Tables whose latest changes may go with the power: what has happened, and what processes that are gone by then were about to do. */
const passing = ["events", "leases"];
/** Bytes of the log up to which it may be left as it is: the next process reads all of it (1 ms). */
const mostLog = 1 << 20;

export class Database {
  #sqlite: DatabaseSync;
  #statements = new Map<string, StatementSync>();
  #depth = 0;
  /** What is to be done when the transaction is complete. */
  #whenSeen: (() => void)[] = [];
  readonly #paths: Paths | undefined;
  /** The copy that is used while the file itself cannot be opened; see stand-in.ts. */
  #standIn: StandIn | undefined;
  /** How many `recordLater` are in force: what cannot be written now may then be written later, or be found out again by the next command. */
  #patient = 0;
  /** Tables whose changes need not last just now. */
  readonly #passing = [...passing];
  #changedToLast = false;
  /** Own changes so far, and files used so far: SQLite counts other connections' only. */
  #changes = 0;

  constructor(sqlite: DatabaseSync, paths?: Paths, standIn?: StandIn) {
    this.#sqlite = sqlite;
    this.#paths = paths;
    this.#standIn = standIn;
  }

  /** True while nothing can be written: what is read is true as of the opening, what is made would be forgotten. */
  get isStandIn(): boolean {
    this.#comeBack();
    return this.#standIn !== undefined;
  }

  /** What keeps the records from being written, in a line for the user; undefined when nothing does. */
  get trouble(): string | undefined {
    return this.#paths && troubleOf(this.#paths);
  }

  /** @throws EngineError `no-space`, `state` while nothing can be written: before what must not be forgotten is begun */
  requireRoom(): void {
    if (this.trouble !== undefined || this.isStandIn) throw this.#refusal();
  }

  /**
   * Until this is disposed of, changes that find no room are kept in this process and written as soon as there is room; if that does
   * not come in its life, they are lost. For what the next command would find out anyway: that a process has ended.
   */
  recordLater(): Disposable {
    this.#patient++;
    return { [Symbol.dispose]: () => void this.#patient-- };
  }

  /** Until this is disposed of, changes of these tables need not survive a power cut: for what is over when this process ends. */
  changesPass(...tables: string[]): Disposable {
    this.#passing.push(...tables);
    return { [Symbol.dispose]: () => tables.forEach((table) => void this.#passing.splice(this.#passing.lastIndexOf(table), 1)) };
  }

  /** Another after each change of the records, whoever made it. */
  get version(): string {
    return `${this.get<{ data_version: number }>("PRAGMA data_version")!.data_version}/${this.#changes}`;
  }

  /**
   * True when it need not be closed by a process that ends: as after kill -9, the next one finds in the log what is not in the file. Only
   * the disk may not have it yet. Closing takes as long as all of `ps`, by four fsyncs.
   */
  get mayBeLeft(): boolean {
    if (this.#standIn || this.#changedToLast || !this.#paths) return false;
    return (statSync(`${this.#paths.db}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= mostLog;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
    return statement;
  }

  /** Runs one statement; returns the number of rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt(true, () => {
      if (this.#standIn && this.#patient === 0) throw this.#refusal();
      this.#changes++;
      const { changes } = guard(() => this.#prepare(sql).run(...values));
      this.#standIn?.changes.push({ sql, values });
      this.#changedToLast ||= changes > 0 && !this.#passing.includes(tableOf(sql));
      return Number(changes);
    });
  }

  get<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#attempt(false, () => guard(() => this.#prepare(sql).get(...values))) as T | undefined;
  }

  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#attempt(false, () => guard(() => this.#prepare(sql).all(...values))) as T[];
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
   * nested call joins the outer one. `body` must not await, and begins again when there was no room for it.
   */
  transaction<T>(body: () => T): T {
    if (this.#depth > 0) return body();
    return this.#attempt(true, () => this.#inTransaction(body));
  }

  /** Does something once others can see what was changed: now, or when the transaction is complete. */
  whenSeen(step: () => void): void {
    if (this.#depth > 0) this.#whenSeen.push(step);
    else step();
  }

  #inTransaction<T>(body: () => T): T {
    const sqlite = this.#sqlite;
    const changes = this.#standIn?.changes;
    const before = changes?.length ?? 0;
    guard(() => sqlite.exec("BEGIN IMMEDIATE"));
    this.#depth++;
    try {
      const result = body();
      guard(() => sqlite.exec("COMMIT"));
      return result;
    } catch (error) {
      this.#whenSeen = [];
      if (sqlite.isTransaction) sqlite.exec("ROLLBACK");
      this.#changes++;
      changes?.splice(before);
      throw error;
    } finally {
      this.#depth--;
      for (const step of this.#whenSeen.splice(0)) step();
    }
  }

  /** Where there is no room: gives up the reserve; then, for readers and for `recordLater`, goes on with a stand-in. */
  #attempt<T>(writes: boolean, body: () => T): T {
    this.#comeBack();
    for (;;) {
      try {
        return body();
      } catch (error) {
        if (!this.#paths || this.#standIn || this.#depth > 0 || !isLackOfRoom(error, this.#paths)) throw error;
        if (giveUpReserve(this.#paths)) continue;
        if (writes && this.#patient === 0) throw error;
        this.close();
        this.#changes++;
        ({ sqlite: this.#sqlite, standIn: this.#standIn } = openStandIn(this.#paths, error));
      }
    }
  }

  /** From the stand-in to the file itself, once that can be written: with what was to be recorded, unless others have written to it. */
  #comeBack(): void {
    if (!this.#standIn || !this.#paths || this.#depth > 0 || troubleOf(this.#paths) !== undefined) return;
    const { changes, isUntouched } = this.#standIn;
    const [standIn, copy, statements, replay] = [this.#standIn, this.#sqlite, this.#statements, isUntouched() ? changes : []];
    let file: DatabaseSync;
    try {
      file = openFile(this.#paths);
    } catch {
      return; // not yet
    }
    [this.#sqlite, this.#statements, this.#standIn] = [file, new Map(), undefined];
    this.#changes++;
    try {
      this.#inTransaction(() => {
        for (const { sql, values } of replay) this.run(sql, ...values);
      });
      copy.close();
    } catch {
      file.close();
      [this.#sqlite, this.#statements, this.#standIn] = [copy, statements, standIn];
      this.#changes++;
    }
  }

  #refusal(): EngineError {
    return refusal(this.#paths!);
  }

  /** Closing does that only if no other process has the file open. */
  #saveLog(): void {
    try {
      this.#sqlite.exec("PRAGMA wal_checkpoint");
    } catch {
      // The disk is full: the log has what was changed.
    }
  }

  close(): void {
    this.#comeBack();
    this.#statements.clear();
    if (!this.#sqlite.isOpen) return;
    if (this.#changedToLast && !this.#standIn) this.#saveLog();
    this.#sqlite.close();
  }
}

/** The table that a statement changes, as berth writes them. */
function tableOf(sql: string): string {
  return /^(?:INSERT.*? INTO|UPDATE|DELETE FROM) (\w+)/.exec(sql)?.[1] ?? "";
}

/**
 * Makes the directories and opens the database, migrating it when it is older than this program. Where it cannot be written, a
 * stand-in lets everything be read, and containers be ended.
 */
export function openDatabase(paths: Paths): Database {
  try {
    return openOrMakeRoom(paths);
  } catch (error) {
    if (!isLackOfRoom(error, paths)) throw error;
    const { sqlite, standIn } = openStandIn(paths, error);
    return new Database(sqlite, paths, standIn);
  }
}

function openOrMakeRoom(paths: Paths): Database {
  try {
    const database = new Database(openFile(paths), paths);
    keepReserve(paths);
    return database;
  } catch (error) {
    if (!isLackOfRoom(error, paths) || !giveUpReserve(paths)) throw error;
    return new Database(openFile(paths), paths);
  }
}
