/**
 * Writes expected.json of the cases in test/testdata/dockerfile/parse and lint: of those that have none, or with --all of
 * every one. What it writes is what the parser does, not what it should do: read the difference before committing it.
 *
 *   node test/engine/dockerfile/regenerate.ts [--all]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lintCase } from "./lint-case.ts";
import { project } from "./projection.ts";

const folder = new URL("../../testdata/dockerfile/parse", import.meta.url).pathname;

for (const name of readdirSync(folder)) {
  const expected = join(folder, name, "expected.json");
  if (existsSync(expected) && !process.argv.includes("--all")) continue;
  writeFileSync(expected, `${JSON.stringify(project(readFileSync(join(folder, name, "Dockerfile"), "utf8")), null, 2)}\n`);
}

const lintFolder = new URL("../../testdata/dockerfile/lint", import.meta.url).pathname;

for (const name of readdirSync(lintFolder)) {
  const expected = join(lintFolder, name, "expected.json");
  if (existsSync(expected) && !process.argv.includes("--all")) continue;
  writeFileSync(expected, `${JSON.stringify(lintCase(join(lintFolder, name)), null, 2)}\n`);
}
