/** The package as another one has it: packed, unpacked into its node_modules, its types checked, its example run. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";

const home = new URL("../..", import.meta.url).pathname;
const modules = join(home, "node_modules");
let consumer: string;
let made: TestEngine;

beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  consumer = mkdtempSync(join(tmpdir(), "berth-consumer-"));
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", consumer], { cwd: home });
  const berth = join(consumer, "node_modules/berth");
  for (const directory of [berth, join(consumer, "node_modules/.bin")]) mkdirSync(directory, { recursive: true });
  execFileSync("sh", ["-c", `tar -xzf berth-*.tgz --strip-components=1 -C ${berth}`], { cwd: consumer });
  // What npm would fetch for it: its dependencies, and the types of Node that a program in TypeScript has anyway.
  for (const name of ["koffi", "@koromix", "@types", "undici-types", ".bin/node"])
    symlinkSync(join(modules, name), join(consumer, "node_modules", name));
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "type": "module" }');
  copyFileSync(join(home, "examples/library/web.ts"), join(consumer, "web.ts"));
});

afterAll(async () => {
  rmSync(consumer, { recursive: true, force: true });
  await made[Symbol.asyncDispose]();
});

/** What the compiler says of the consumer's files: nothing, when all is well. The package's own types are checked, too. */
function compile(options: Record<string, unknown> = {}): string {
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    lib: ["esnext"],
    types: ["node"],
    strict: true,
    noEmit: true,
    ...options,
  };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts", "*.cts"] }));
  return spawnSync(join(modules, ".bin/tsc"), ["-p", consumer], { encoding: "utf8" }).stdout;
}

test("its types are all there, in an ES module and in a CommonJS one, without any option of the compiler's", () => {
  writeFileSync(
    join(consumer, "old.cts"),
    'import berth = require("berth");\nexport const open: Promise<berth.Engine> = berth.openEngine({ root: "/nowhere" });\n',
  );
  writeFileSync(
    join(consumer, "wrong.ts"),
    `import { openEngine } from "berth";
const engine = await openEngine();
const { State } = await engine.containers.inspect("x");
export const health: "none" | "starting" | "healthy" | "unhealthy" | undefined = State.Health?.Status;
// @ts-expect-error: there is no such state
export const wrong = State.Status === "asleep";
// @ts-expect-error: lower directories are the local engine's own business
await engine.images.lowerdirs("x");
// @ts-expect-error: and so is what a program of the package agrees on with it
await openEngine({ handOver: () => process.exit() });
`,
  );
  expect(compile()).toBe("");
});

test("its example starts a container, waits for its health, runs a command in it, follows its log and removes it", async () => {
  const env = { ...process.env, BERTH_ROOT: made.root };
  const node = join(consumer, "node_modules/.bin/node");
  const { status, stdout, stderr } = spawnSync(node, ["--disable-warning=ExperimentalWarning", "web.ts"], {
    cwd: consumer,
    env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^healthy\nhello\nstatus 0\nstderr: .*response:200/);
  expect(await made.engine.containers.list({ all: true })).toEqual([]);
});
