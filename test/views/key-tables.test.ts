import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script
import { begin, end, withKeys } from "../../scripts/keys.mjs";
import { keyTables } from "../../views/key-tables.ts";
import { keymap } from "../../views/keymap.ts";

const page = new URL("../../docs/keys.md", import.meta.url).pathname;

test("every action of the table is in the key map", () => {
  const text = keyTables();
  const numbered = /^terminal \d$/;
  for (const action of keymap.filter(({ help }) => !numbered.test(help))) expect(text, action.id).toContain(` ${action.help} |`);
  expect(text).toContain("| `1` … `9` | terminal of that number |");
});

test("the key map goes between the markers, and nowhere else", async () => {
  const text = await withKeys(`# head\n${begin}\nstale words\n${end}\ntail\n`);
  expect(text).toMatch(/^# head\n/);
  expect(text).toMatch(/\ntail\n$/);
  expect(text).not.toContain("stale words");
  expect(await withKeys(text)).toBe(text);
  expect(await withKeys("no markers")).toBeUndefined();
});

test("the page's key map is current", async () => {
  const text = readFileSync(page, "utf8");
  expect(await withKeys(text), "run: node scripts/keys.mjs").toBe(text);
});
