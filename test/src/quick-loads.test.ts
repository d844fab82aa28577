/**
 * What short commands do without on Bun, where each of these modules takes 3 to 5 ms to load, as long as a quarter of `ps`. Whoever
 * needs one more has a reason to say here.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
// @ts-expect-error: a plain script
import { asBun, bun } from "../../scripts/quick.mjs";
import { Program } from "../e2e/program.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { type Import, sourceFiles } from "../support/source-tree.ts";

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
  [["compose", "-p", "none", "down"], ["calls.node"]],
  [["exec", "stays", "echo", "words"], ["calls.node"]],
  [["run", "--rm", "busybox", "echo", "words"], ["calls.node"]],
])("%j loads %j", { timeout: 60_000 }, (words, loaded) => {
  const script = new URL("./quick-loads.ts", import.meta.url).pathname;
  const { stderr } = spawnSync(bun, [script, program.root, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...program.env, ...asBun },
  });
  expect(JSON.parse(stderr.split("\n").at(-1)!)).toEqual({ status: 0, loaded }); // after what the command says there
});

const files = new Map(sourceFiles("engine", "src").map((file) => [file.path, file]));

/** All that is loaded with some files: what they import at their tops, of a door only what is taken by its name, as bundled. */
function loadedWith(...roots: string[]): Set<string> {
  const loaded = new Set(roots); // grows while it is walked
  for (const path of loaded) for (const each of files.get(path)?.imports ?? []) for (const file of targetsOf(each)) loaded.add(file);
  return loaded;
}

function targetsOf({ target, isStatic, typeOnly, names }: Import): string[] {
  if (!isStatic || typeOnly) return [];
  if (!target.endsWith("/index.ts")) return [target];
  const taken = names.map((name) => name.split(" as ")[0]!);
  return files
    .get(target)!
    .imports.filter((offer) => offer.names.some((name) => taken.includes(name)))
    .flatMap(targetsOf);
}

test.each([
  ["exec", ["engine/container/session/exec.ts"]],
  ["inspect", ["engine/container/view/inspect.ts"]],
  ["ps", ["engine/container/view/list.ts"]],
])("%s loads nothing of what starts and ends containers, where all is in order", (_, verb) => {
  const loaded = [...loadedWith("engine/house.ts", "engine/reconcile.ts", "engine/container/life/reconcile.ts", ...verb)];
  expect(loaded).toContain("engine/state/db.ts");
  expect(loaded.filter((path) => /container\/(life\/(bundle|clean|create|settle)|mounts)/.test(path))).toEqual([]);
});

test("run loads what connects and ends a container while the runtime makes it, and nothing of ports for one without", () => {
  const loaded = [
    ...loadedWith("engine/container/session/run.ts", "engine/container/session/run-direct.ts", "engine/network/attach/begin.ts"),
  ];
  expect(loaded).toContain("engine/container/life/bundle.ts");
  const late = /network\/(attach\/(bridge|connect|detach)|forward|ports)|container\/(life\/(destroy|settle)|logs\/log-(rotation|writer))/;
  expect(loaded.filter((path) => late.test(path))).toEqual([]);
});

// In the executable a file's imports are loaded with all that shares its chunk, whoever called for it: `up` loaded sockets for one rule's sake.
test("node:net is imported at the top of servers' files alone", () => {
  const files = ["engine", "src"].flatMap((room) =>
    globSync(`${room}/**/*.ts`).filter((file) => /^import \{.*from "node:net"/m.test(readFileSync(file, "utf8"))),
  );
  expect(files).toEqual(["engine/registry/server/web/site.ts"]);
});
