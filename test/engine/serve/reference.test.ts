import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { routes } from "../../../engine/serve/table.ts";
// @ts-expect-error: a plain script
import { page, withReference } from "../../../scripts/api.mjs";

test("the reference of the API is current, and tells of every route", async () => {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), "utf8");
  expect(await withReference(text), "run: node scripts/api.mjs").toBe(text);
  for (const { method, path } of routes) expect(text).toContain(`### ${method} ${path}\n`);
});
