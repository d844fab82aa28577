/** The parser's cases: a folder each, with a Dockerfile and what it parses to or how it fails. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { project } from "./projection.ts";

const folder = new URL("../../testdata/dockerfile/parse", import.meta.url).pathname;
const read = (name: string, file: string) => readFileSync(join(folder, name, file), "utf8");

it.each(readdirSync(folder))("%s", (name) => {
  expect(project(read(name, "Dockerfile"))).toEqual(JSON.parse(read(name, "expected.json")));
});

it("has cases for what is accepted and for what is rejected", () => {
  const errors = readdirSync(folder).filter((name) => "error" in JSON.parse(read(name, "expected.json")));
  expect(errors.length).toBeGreaterThanOrEqual(60);
  expect(readdirSync(folder).length - errors.length).toBeGreaterThanOrEqual(90);
});
