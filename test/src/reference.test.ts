import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, used by npm too
import { begin, end, withReference } from "../../scripts/reference.mjs";
import { commandNames } from "../../src/commands/table.ts";

const page = new URL("../../docs/commands.md", import.meta.url).pathname;

test("the reference goes between the markers, and nowhere else", async () => {
  const text = await withReference(`# head\n${begin}\nstale words\n${end}\ntail\n`);
  expect(text).toMatch(/^# head\n/);
  expect(text).toMatch(/\ntail\n$/);
  expect(text).not.toContain("stale words");
  for (const name of commandNames()) expect(text).toContain(name);
  expect(await withReference(text)).toBe(text);
  expect(await withReference("no markers")).toBeUndefined();
});

test("the page's reference is current", async () => {
  const text = readFileSync(page, "utf8");
  expect(await withReference(text), "run: node scripts/reference.mjs").toBe(text);
});
