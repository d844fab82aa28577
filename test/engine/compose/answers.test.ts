/**
 * Small files at the edges of the language — nothing where something is wanted, one type in place of another, what YAML 1.1 and 1.2 read
 * differently — and what docker compose 2.40 made of each (`config --format json`); those without an answer it refused, and so must we.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { printProject } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import { load } from "../../support/compose-files.ts";

const answers: Record<string, { file: string; answer?: unknown }> = JSON.parse(
  readFileSync(new URL("../../testdata/compose-answers.json", import.meta.url), "utf8"),
);

test.each(Object.entries(answers))("%s", async (_, { file, answer }) => {
  const outcome = await load({ "compose.yaml": file }, { env: { HOME: "/root", PATH: "/usr/bin" } }).catch((error: unknown) => error);
  if (answer === undefined) expect(outcome).toBeInstanceOf(EngineError);
  else if (outcome instanceof Error) throw outcome;
  else
    expect(JSON.parse(printProject((outcome as Awaited<ReturnType<typeof load>>).model, "json").replaceAll("$", "$$$$"))).toEqual(answer);
});
