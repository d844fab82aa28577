/** crun, started from a read-only mount, makes no copy of itself that a kill could leave. */
import { mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandFor, runRuntime } from "../../../engine/runtime/launch.ts";
import { runtimeFor } from "../../../engine/runtime/select.ts";
import { openTestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";

test("it makes none", async () => {
  await using made = openTestEngine();
  const directory = join(made.root, "copies");
  mkdirSync(directory, { recursive: true });
  const runtime = runtimeFor(made.engine, "crun");
  const seen: (string | null)[] = [];
  const watcher = watch(directory, (_, name) => seen.push(name));
  try {
    const { status, stdout } = await runRuntime(runtime, ["--version"], { env: { _LIBCONTAINER_STATEDIR: directory } });
    expect([status, stdout]).toEqual([0, expect.stringContaining("crun version")]);
    writeFileSync(join(directory, "end"), "");
    await eventually(() => expect(seen).toContain("end"));
    expect([...new Set(seen)]).toEqual(["end"]);
  } finally {
    watcher.close();
  }
});

test("its program cannot be written to", async () => {
  await using made = openTestEngine();
  const runtime = runtimeFor(made.engine, "crun");
  using command = commandFor(runtime);
  const program = command.args.at(-1) ?? command.path;
  expect(program).not.toBe(runtime.path);
  expect(readFileSync(program).equals(readFileSync(runtime.path))).toBe(true);
  expect(() => writeFileSync(program, "")).toThrow("EROFS");
});
