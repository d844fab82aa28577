/** The parser's cases: a folder each, with a Dockerfile and what it parses to or how it fails. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseTolerantly } from "../../../engine/dockerfile/index.ts";
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

it.each([
  ["FROM scratch\nCOPY a\n", "write COPY [OPTIONS] SOURCE… DESTINATION"],
  ["FROM scratch\nCOPY --form=x a b\n", "COPY knows --from, --chown, --chmod, --link, --exclude, --parents"],
  ["FROM scratch\nWORKDIR --x /a\n", "WORKDIR takes no flags"],
  ["FROM scratch\nRUN a &&\n    b\n", "if this line goes on with the one before it, end that one with the escape character"],
  ["RUN a\n", "begin with FROM; only ARG may stand before it"],
  ["FROM scratch\nRUN <<EOF\na\n", 'end it with a line that is exactly "EOF"'],
])("hints at the way out of %j", (source, hint) => {
  const error = parseTolerantly(source, { file: "Dockerfile" }).error;
  expect(error).toMatchObject({ code: "dockerfile", exit: 1, hint });
});

it("keeps what came before the first error", () => {
  const { dockerfile, error } = parseTolerantly("FROM scratch AS a\nCOPY a /\nNOPE\nCOPY b /\n", { file: "Dockerfile" });
  expect(error?.message).toBe('unknown instruction "NOPE"');
  expect(dockerfile.stages.map((stage) => [stage.name, stage.instructions.length])).toEqual([["a", 1]]);
});
