/** The database: opened by many at once, brought up to date from any older schema, its transactions, its reserve, its stand-in. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isConstraintError, openDatabase } from "../../../engine/state/db.ts";
import { pathsFor } from "../../../engine/state/paths.ts";
import { giveUpReserve, isFull, keepReserve } from "../../../engine/state/reserve.ts";
import { migrations } from "../../../engine/state/schema.ts";
import { migrate } from "../../../engine/state/sqlite.ts";
import { fill, smallDisk } from "../../support/small-disk.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "berth-state-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A row for each table of a schema, every column with a value of its type. */
function fillTables(sqlite: DatabaseSync): Record<string, unknown[]> {
  const references = (table: string) => sqlite.prepare(`PRAGMA foreign_key_list(${table})`).all() as { from: string; to: string }[];
  const tables = (
    sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as { name: string }[]
  )
    .map(({ name }) => name)
    .sort((a, b) => references(a).length - references(b).length); // what they refer to comes first
  for (const table of tables) {
    const columns = sqlite.prepare(`PRAGMA table_info(${table})`).all() as { name: string; type: string }[];
    const value = ({ name, type }: { name: string; type: string }) => {
      if (type !== "TEXT") return 7;
      return references(table).find(({ from }) => from === name)?.to ?? name;
    };
    sqlite
      .prepare(`INSERT INTO ${table} (${columns.map(({ name }) => name)}) VALUES (${columns.map(() => "?")})`)
      .run(...columns.map(value));
  }
  return Object.fromEntries(tables.map((table) => [table, sqlite.prepare(`SELECT * FROM ${table}`).all()]));
}

/** As a berth that knew `steps` left it. */
function leftBy(steps: readonly string[]): Record<string, unknown[]> {
  const sqlite = new DatabaseSync(join(root, "berth.db"));
  sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON");
  for (const step of steps) sqlite.exec(step);
  sqlite.exec(`PRAGMA user_version = ${steps.length}`);
  const rows = fillTables(sqlite);
  sqlite.close();
  return rows;
}

describe("older schemas", () => {
  test.each(migrations.map((_, at) => at + 1))("of %i steps: opened, and no row is lost", (count) => {
    const before = leftBy(migrations.slice(0, count));
    expect(Object.keys(before).length).toBeGreaterThan(10);
    const database = openDatabase(pathsFor(root));
    for (const [table, rows] of Object.entries(before)) expect(database.all(`SELECT * FROM ${table}`)).toMatchObject(rows as object[]);
    expect(database.get("PRAGMA user_version")).toEqual({ user_version: migrations.length });
    database.close();
  });

  test("a step to come is taken once, by whoever comes first, and all or nothing", () => {
    const before = leftBy(migrations);
    const paths = pathsFor(root);
    const sqlite = new DatabaseSync(paths.db);
    const steps = [...migrations, "ALTER TABLE containers ADD COLUMN later TEXT NOT NULL DEFAULT 'new'"];
    expect(() => migrate(sqlite, paths, { steps: [...steps, "ALTER TABLE missing ADD COLUMN x TEXT"] })).toThrow("no such table");
    expect(sqlite.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
    expect(migrate(sqlite, paths, { steps })).toBe(migrations.length);
    expect(migrate(sqlite, paths, { steps })).toBe(steps.length);
    expect(sqlite.prepare("SELECT * FROM containers").all()).toEqual([{ ...(before["containers"]![0] as object), later: "new" }]);
    expect(() => migrate(sqlite, paths)).toThrow(`written by a newer berth (schema ${steps.length}, this one knows ${migrations.length})`);
    sqlite.close();
  });

  test("many processes open a new directory at once, time and again", async () => {
    const sources = ["db.ts", "paths.ts"].map((file) => JSON.stringify(new URL(`../../../engine/state/${file}`, import.meta.url).href));
    const script = `import { openDatabase } from ${sources[0]}; import { pathsFor } from ${sources[1]};
      console.log("ready");
      for await (const line of process.getBuiltinModule("node:readline").createInterface({ input: process.stdin })) {
        const [root, time] = JSON.parse(line);
        while (Date.now() < time);
        const database = openDatabase(pathsFor(root));
        database.insert("meta", { key: String(process.pid), value: "" });
        database.close();
        console.log("opened");
      }`;
    const start = () => spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    const openers = [start(), start(), start(), start()];
    const said = openers.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
    const all = () => Promise.all(said.map(async (lines) => (await lines.next()).value as string | undefined));
    expect(await all()).toEqual(Array(4).fill("ready"));
    for (let round = 0; round < 30; round++) {
      const directory = join(root, String(round));
      for (const { stdin } of openers) stdin.write(`${JSON.stringify([directory, Date.now() + 5])}\n`);
      expect(await all(), `round ${round}`).toEqual(Array(4).fill("opened"));
      const database = openDatabase(pathsFor(directory));
      expect(database.all("SELECT * FROM meta")).toHaveLength(4);
      database.close();
    }
    for (const { stdin } of openers) stdin.end();
    await Promise.all(openers.map((opener) => once(opener, "exit")));
  });
});

describe("transactions", () => {
  test("what others are told comes when they can see the change, and not at all when there is none", () => {
    const database = openDatabase(pathsFor(root));
    const other = openDatabase(pathsFor(root));
    const seen: unknown[] = [];
    const tell = () => void seen.push(other.get("SELECT count(*) AS rows FROM meta")?.["rows"]);
    database.whenSeen(tell);
    database.transaction(() => {
      database.insert("meta", { key: "one", value: "" });
      database.transaction(() => database.whenSeen(tell));
      expect(seen).toEqual([0]);
    });
    expect(seen).toEqual([0, 1]);
    const fail = () => {
      database.whenSeen(tell);
      throw new Error("undone");
    };
    expect(() => database.transaction(fail)).toThrow("undone");
    database.transaction(() => {});
    expect(seen).toEqual([0, 1]);
    other.close();
    database.close();
  });

  test("nested ones are one, and what fails leaves nothing", () => {
    const database = openDatabase(pathsFor(root));
    const add = (key: string) => database.insert("meta", { key, value: "" });
    database.transaction(() => {
      add("a");
      database.transaction(() => add("b"));
    });
    expect(() =>
      database.transaction(() => {
        add("c");
        database.transaction(() => add("a"));
      }),
    ).toThrow(expect.toSatisfy(isConstraintError));
    add("d");
    expect(database.all<{ key: string }>("SELECT key FROM meta").map(({ key }) => key)).toEqual(["a", "b", "d"]);
    expect(database.update("meta", "key", "d", { value: "x" })).toBe(1);
    expect(database.insert("meta", { key: "d", value: "y" }, "OR IGNORE")).toBe(0);
    database.close();
  });
});

describe("the reserve", () => {
  test("real bytes, given up once and only on a full disk, made again when there is plenty", () => {
    using disk = smallDisk("size=8M");
    const paths = pathsFor(join(disk.path, "state"));
    openDatabase(paths).close();
    expect(statSync(paths.reserve)).toMatchObject({ size: 512 * 1024 });
    expect(statSync(paths.reserve).blocks * 512).toBeGreaterThanOrEqual(512 * 1024);
    expect(statSync(paths.reserve).mode & 0o777).toBe(0o600);
    expect([isFull(paths), giveUpReserve(paths), existsSync(paths.reserve)]).toEqual([false, false, true]);
    fill(disk.path);
    expect([isFull(paths), giveUpReserve(paths), giveUpReserve(paths)]).toEqual([true, true, false]);
    keepReserve(paths);
    expect(existsSync(paths.reserve)).toBe(false);
    rmSync(join(disk.path, "filler"));
    keepReserve(paths);
    expect(statSync(paths.reserve).size).toBe(512 * 1024);
  });

  test("a disk without inodes is full, one without a number of them is not", () => {
    using few = smallDisk("size=8M,nr_inodes=4");
    const paths = pathsFor(few.path);
    for (const name of ["a", "b", "c"]) writeFileSync(join(few.path, name), "");
    expect(isFull(paths)).toBe(true);
    rmSync(join(few.path, "c"));
    expect(isFull(paths)).toBe(false);
    using endless = smallDisk("size=8M,nr_inodes=0");
    expect(isFull(pathsFor(endless.path))).toBe(false);
    expect(isFull(pathsFor("/nowhere/at/all"))).toBe(false);
  });
});

describe("the stand-in of a database that has no room", () => {
  /** A database with three rows, on a disk that is full and whose reserve is eaten. */
  function fullDisk() {
    const disk = smallDisk("size=4M");
    const paths = pathsFor(join(disk.path, "state"));
    const first = openDatabase(paths);
    for (const key of ["a", "b", "c"]) first.insert("meta", { key, value: "old" });
    first.close();
    giveUpReserve(paths);
    rmSync(paths.reserve, { force: true });
    fill(disk.path);
    return { paths, free: () => rmSync(join(disk.path, "filler")), [Symbol.dispose]: () => disk[Symbol.dispose]() };
  }

  test("is read, refuses what must not be forgotten, and gives the rest back when there is room", () => {
    using full = fullDisk();
    const database = openDatabase(full.paths);
    const keys = () => database.all<{ key: string }>("SELECT key FROM meta").map(({ key }) => key);
    expect([database.isStandIn, keys()]).toEqual([true, ["a", "b", "c"]]);
    expect(database.trouble).toMatch(/is full/);
    expect(() => database.requireRoom()).toThrow("no space");
    expect(() => database.insert("meta", { key: "d", value: "" })).toThrow(expect.objectContaining({ code: "no-space" }));
    {
      using _ = database.recordLater();
      database.run("DELETE FROM meta WHERE key = 'a'");
      expect(() =>
        database.transaction(() => {
          database.run("DELETE FROM meta WHERE key = 'b'");
          throw new Error("no");
        }),
      ).toThrow("no");
      database.update("meta", "key", "c", { value: "new" });
    }
    expect(keys()).toEqual(["b", "c"]);
    full.free();
    expect([database.isStandIn, keys()]).toEqual([false, ["b", "c"]]);
    database.close();
    const later = openDatabase(full.paths);
    expect(later.all("SELECT key, value FROM meta")).toEqual([
      { key: "b", value: "old" },
      { key: "c", value: "new" },
    ]);
    later.close();
  });

  test("what another process has written meanwhile is not undone", () => {
    using full = fullDisk();
    const database = openDatabase(full.paths);
    using _ = database.recordLater();
    database.update("meta", "key", "a", { value: "mine" });
    full.free();
    const other = openDatabase(full.paths);
    other.update("meta", "key", "a", { value: "theirs" });
    other.close();
    expect(database.get("SELECT value FROM meta WHERE key = 'a'")).toEqual({ value: "theirs" });
    database.close();
  });

  test("one that runs out of room in the middle goes on with a stand-in", () => {
    using disk = smallDisk("size=4M");
    const paths = pathsFor(join(disk.path, "state"));
    const database = openDatabase(paths);
    database.insert("meta", { key: "a", value: "old" });
    rmSync(paths.reserve, { force: true });
    fill(disk.path);
    const large = "x".repeat(1 << 20);
    expect(() => database.update("meta", "key", "a", { value: large })).toThrow(expect.objectContaining({ code: "no-space" }));
    using _ = database.recordLater();
    database.update("meta", "key", "a", { value: large });
    expect(database.isStandIn).toBe(true);
    expect(database.get<{ value: string }>("SELECT value FROM meta")!.value).toHaveLength(1 << 20);
    rmSync(join(disk.path, "filler"));
    database.close();
    const later = openDatabase(paths);
    expect(later.get<{ value: string }>("SELECT value FROM meta")!.value).toHaveLength(1 << 20);
    later.close();
  });

  test("leaves no copy behind", () => {
    using full = fullDisk();
    const copies = () =>
      execFileSync("sh", [
        "-c",
        "ls -d /run/berth-stand-in-* /dev/shm/berth-stand-in-* /tmp/berth-stand-in-* 2>/dev/null || true",
      ]).toString();
    const database = openDatabase(full.paths);
    expect(database.isStandIn).toBe(true);
    expect(copies()).toBe("");
    database.close();
  });
});

describe("version", () => {
  test("is another after each change, whoever made it, and the same until then", () => {
    const [mine, theirs] = [openDatabase(pathsFor(root)), openDatabase(pathsFor(root))];
    const seen = [mine.version];
    const changed = (change: () => void) => {
      change();
      seen.push(mine.version);
      mine.all("SELECT * FROM meta");
      expect(mine.version).toBe(seen.at(-1));
    };
    const given = (key: string) => ({ key, value: "" });
    changed(() => mine.insert("meta", given("mine")));
    changed(() => theirs.insert("meta", given("theirs")));
    changed(() => mine.transaction(() => mine.run("DELETE FROM meta WHERE key = 'theirs'")));
    const undone = () =>
      mine.transaction(() => {
        mine.insert("meta", given("undone"));
        seen.push(mine.version);
        throw new Error("no");
      });
    changed(() => expect(undone).toThrow("no"));
    mine.close();
    theirs.close();
    expect(new Set(seen).size).toBe(seen.length);
  });
});
