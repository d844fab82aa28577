import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script
import { begin, end, withKeys } from "../../scripts/keys.mjs";
import { keyTables } from "../../views/key-tables.ts";
import { keymap } from "../../views/keymap.ts";

const readme = new URL("../../README.md", import.meta.url).pathname;

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

test.runIf(existsSync(readme))("the README's key map is current", async () => {
  const text = readFileSync(readme, "utf8");
  expect(await withKeys(text), "run: node scripts/keys.mjs").toBe(text);
});

test.runIf(existsSync(readme))("every picture and file that the README links is there", () => {
  const links = [...readFileSync(readme, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(existsSync(new URL(`../../${link}`, import.meta.url)), link).toBe(true);
});
