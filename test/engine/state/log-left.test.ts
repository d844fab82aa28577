/** The database's log: left behind by a process that ends at once, saved by one whose changes are to last. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../../engine/state/db.ts";
import { pathsFor } from "../../../engine/state/paths.ts";

let root = "";
let database: Database;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-log-left-"));
  openDatabase(pathsFor(root)).close(); // made: that is to last
  database = openDatabase(pathsFor(root));
});
afterEach(() => {
  database.close();
  rmSync(root, { recursive: true, force: true });
});

const log = () => join(root, "berth.db-wal");
const event = () => database.insert("events", { time: 1, type: "t", action: "a", actor: "x", attributes: "{}" });
const setting = (key: string) => database.insert("meta", { key, value: "" });

test("may be left after questions, events and leases, and no other change", () => {
  expect(database.mayBeLeft).toBe(true);
  event();
  database.run("DELETE FROM leases WHERE id = ?", 1);
  expect(database.mayBeLeft).toBe(true);
  database.run("DELETE FROM meta WHERE key = ?", "not there");
  expect(database.mayBeLeft).toBe(true);
  setting("key");
  expect(database.mayBeLeft).toBe(false);
});

test("may be left after changes that were said to pass, by each who said so", () => {
  const first = database.changesPass("meta");
  const second = database.changesPass("meta", "volumes");
  first[Symbol.dispose]();
  setting("passes");
  expect(database.mayBeLeft).toBe(true);
  second[Symbol.dispose]();
  event();
  expect(database.mayBeLeft).toBe(true);
  setting("lasts");
  expect(database.mayBeLeft).toBe(false);
});

test("is not left once it has grown", () => {
  for (let at = 0; at < 400 && database.mayBeLeft; at++) event();
  expect(database.mayBeLeft).toBe(false);
  expect(statSync(log()).size).toBeGreaterThan(1 << 20);
});

test("what is to last is in the file as soon as it is closed, though another process has it open", () => {
  const other = openDatabase(pathsFor(root));
  try {
    setting("a setting that lasts");
    database.close();
    expect(existsSync(log())).toBe(true);
    expect(readFileSync(join(root, "berth.db")).includes("a setting that lasts")).toBe(true);
  } finally {
    other.close();
  }
});
