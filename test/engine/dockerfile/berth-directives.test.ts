import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { directiveSpecs } from "../../../engine/dockerfile/berth-directives.ts";
import { isExcepted } from "../../../engine/dockerfile/directive-values.ts";
// @ts-expect-error: a plain script
import { page, withDirectives } from "../../../scripts/directives.mjs";
import { home } from "../../support/source-tree.ts";

test("docs/security-directives.md has the table of directives", async () => {
  const text = readFileSync(join(home, page), "utf8");
  expect(await withDirectives(text), "run: node scripts/directives.mjs").toBe(text);
});

test.each(directiveSpecs)("$name is complete", ({ name, summary, hint }) => {
  expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(summary).toMatch(/^[a-z].*[^.]$/);
  expect(hint).toMatch(/^write .*[^.]$/);
});

test.each([
  ["/usr/bin/ping", "/usr/bin/ping", true],
  ["/usr/bin/ping", "/usr/bin/ping6", false],
  ["/usr/bin/*", "/usr/bin/ping", true],
  ["/usr/*", "/usr/bin/ping", false],
  ["/usr/**", "/usr/bin/ping", true],
])("except=%s leaves %s out: %s", (pattern, path, expected) => {
  expect(isExcepted({ except: [pattern] }, path)).toBe(expected);
});
