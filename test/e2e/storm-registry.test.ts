/**
 * kill -9 of `push` and `pull` at random moments: the next command answers, nothing is left half, and what is sent or
 * fetched again in the end is the same to the byte.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { startOwnRegistry } from "../support/own-registry.ts";
import { chance, testSeed } from "../support/random.ts";
import type { TestRegistry } from "../support/registry.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 10);
const random = chance(testSeed);

let program: Program;
let registry: TestRegistry;
let work: string;
beforeAll(async () => {
  program = new Program();
  registry = await startOwnRegistry();
  work = mkdtempSync(join(tmpdir(), "berth-storm-registry-"));
  // What does not compress takes its time.
  for (const name of ["one", "two", "three"]) writeFileSync(join(work, name), randomBytes(4 << 20));
  writeFileSync(join(work, "Dockerfile"), "FROM busybox\nCOPY one /one\nCOPY two /two\nCOPY three /three\n");
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await registry[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

/** Kills a command somewhere in the middle, several times; after each, berth answers and owns all that is there. */
async function storm(args: string[], longest: number, between: () => Promise<unknown>): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(launcher, args, { env: { ...process.env, ...program.env }, cwd: "/", stdio: "ignore" });
    const ended = once(child, "exit");
    const after = Math.round(20 + random.next() * longest);
    // The moment of death is the test's input, not something it waits for.
    await Promise.race([delay(after), ended]);
    child.kill("SIGKILL");
    await ended;
    await program.ok(["ps"]);
    await eventually(() => expect(residue(program.root), `${args.join(" ")} killed after ${after} ms, seed ${testSeed}`).toEqual([]));
    await between();
  }
}

test("storm of pushes and pulls", { timeout: 60_000 + kills * 20_000 }, async () => {
  const name = `${registry.host}/wind:1`;
  await program.ok(["build", "-q", "-t", name, work]);
  const id = await program.ok(["image", "inspect", "-f", "{{.Id}}", name]);
  const sums = await program.ok(["run", "--rm", name, "sha256sum", "/one", "/two", "/three"]);
  await storm(["push", name], 900, async () => {});
  await program.ok(["push", name]);
  const forget = async () => {
    await program.run(["rmi", "-f", name]);
    await program.ok(["builder", "prune", "-af"]);
  };
  await forget();
  await storm(["pull", name], 900, forget);
  await program.ok(["pull", name]);
  expect(await program.ok(["image", "inspect", "-f", "{{.Id}}", name])).toBe(id);
  expect(await program.ok(["run", "--rm", name, "sha256sum", "/one", "/two", "/three"])).toBe(sums);
});
