/**
 * What compose files become: each folder of testdata/compose/ has some, and what docker compose 2.40 prints for them (`config`), but for the
 * directory, which is "/project" there. `how.json` says with which flags and variables.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type LoadOptions, loadProject, printProject } from "../../../engine/compose/index.ts";

const cases = new URL("../../testdata/compose/", import.meta.url).pathname;

interface How {
  before?: string[];
  after?: string[];
  environment?: Record<string, string>;
}

/** The flags that cases use. */
function optionsOf({ after = [], before = [], environment = {} }: How, cwd: string): LoadOptions {
  const of = (flag: string) => before.flatMap((word, at) => (before[at - 1] === flag ? [word] : []));
  return {
    files: of("-f"),
    profiles: of("--profile"),
    name: of("-p")[0],
    withoutConsistency: after.includes("--no-consistency"),
    cwd,
    env: { PATH: "/usr/bin", HOME: "/home/user", ...environment, PWD: cwd },
  };
}

test.each(readdirSync(cases))("%s", async (name) => {
  const directory = join(cases, name);
  const howFile = join(directory, "how.json");
  const how: How = existsSync(howFile) ? JSON.parse(readFileSync(howFile, "utf8")) : {};
  const { model } = await loadProject(optionsOf(how, directory));
  const printed = printProject(model, "yaml").replaceAll("$", "$$$$");
  const text = printed.replaceAll(directory, "/project").replaceAll(dirname(directory), "/above");
  expect(text).toBe(readFileSync(join(directory, "expected.yaml"), "utf8"));
});
