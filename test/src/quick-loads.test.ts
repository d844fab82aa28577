/**
 * What short commands do without on Bun, where each of these modules takes 3 to 5 ms to load, as long as a quarter of `ps`. Whoever
 * needs one more has a reason to say here.
 */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
// @ts-expect-error: a plain script
import { asBun, bun } from "../../scripts/quick.mjs";
import { Program } from "../e2e/program.ts";
import { busyboxTar } from "../support/rootfs.ts";

let program: Program;
beforeAll(async () => {
  program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["run", "-d", "--name", "stays", "busybox", "sleep", "1000"]);
});
afterAll(() => program[Symbol.asyncDispose]());

test.each([
  [["ps"], []],
  [["images"], []],
  [["inspect", "stays"], []],
  [["logs", "stays"], []],
  [["compose", "-p", "none", "ps"], []],
  [["compose", "-p", "none", "down"], ["koffi"]],
  [["exec", "stays", "echo", "words"], ["koffi"]],
  [["run", "--rm", "busybox", "echo", "words"], ["koffi"]],
])("%j loads %j", { timeout: 60_000 }, (words, loaded) => {
  const script = new URL("./quick-loads.ts", import.meta.url).pathname;
  const { stderr } = spawnSync(bun, [script, program.root, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...program.env, ...asBun },
  });
  expect(JSON.parse(stderr)).toEqual({ status: 0, loaded });
});
