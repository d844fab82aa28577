/** Notes from one command to the next: private, whole, few, and never missed. */
import { chmodSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readNote, writeNote } from "../../../engine/state/notes.ts";
import { openTestEngine } from "../../support/engine.ts";

test("what is kept is read by its name, and only by who owns the state", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  void house.db;
  expect(readNote(house, "one")).toBeUndefined();
  writeNote(house, "one", "first");
  writeNote(house, "one", "second");
  writeNote(house, "../../other", "third");
  expect([readNote(house, "one"), readNote(house, "../../other")]).toEqual(["second", "third"]);
  const { notes } = house.paths;
  const modes = [notes, ...readdirSync(notes).map((name) => join(notes, name))].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["700", "600", "600"]);
});

test("the oldest go, what is long is not kept, and where nothing can be written nothing is", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  void house.db;
  const { notes } = house.paths;
  writeNote(house, "long", "x".repeat(2 << 20));
  expect(readNote(house, "long")).toBeUndefined();
  writeNote(house, "old", "text");
  for (const name of readdirSync(notes)) utimesSync(join(notes, name), 1, 1);
  for (let index = 0; index < 40; index++) writeNote(house, `note ${index}`, "text");
  expect(readdirSync(notes)).toHaveLength(32);
  expect([readNote(house, "old"), readNote(house, "note 39")]).toEqual([undefined, "text"]);
  rmSync(notes, { recursive: true });
  writeFileSync(notes, "");
  chmodSync(notes, 0o400);
  writeNote(house, "one", "text");
  expect(readNote(house, "one")).toBeUndefined();
});
