/** What a dead process started is found, however early it died. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { killLeftovers } from "../../../engine/runtime/leftovers.ts";
import { openTestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";

const id = "0123456789abcdef".repeat(4);

/** As /proc/locks shows it: somebody waits for the lock. */
function isAwaited(file: string): boolean {
  const { ino } = statSync(file);
  return readFileSync("/proc/locks", "latin1")
    .split("\n")
    .some((line) => line.includes("-> FLOCK") && line.includes(`:${ino} `));
}

test("a runtime between fork and exec is waited for", async () => {
  await using made = openTestEngine();
  void made.engine.db; // makes the directory of the locks
  const file = join(made.engine.paths.locks, "starting");
  // What a forked child is: without the runtime's arguments, and with the lock that it lets go of when it executes.
  const script = `exec 9>"$LOCK"; flock -s 9; echo locked; read -r line; exec sh -c 'echo runtime; read -r line' runtime "$RUNTIME" "$ID" 9>&-`;
  const child = spawn("sh", ["-c", script], {
    env: { PATH: process.env["PATH"]!, LOCK: file, RUNTIME: made.engine.paths.runtime, ID: id },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    await once(createInterface(child.stdout), "line");
    const killed = killLeftovers(made.engine, id);
    await eventually(() => expect(isAwaited(file)).toBe(true));
    child.stdin.write("go\n");
    await killed;
    expect(await ended).toEqual([null, "SIGKILL"]);
  } finally {
    child.stdin.destroy();
    child.kill("SIGKILL");
  }
});

test("neither another container's nor another house's is touched", async () => {
  await using made = openTestEngine();
  const others = [
    ["runtime", made.engine.paths.runtime, "f".repeat(64)],
    ["runtime", "/run/another/runtime", id],
  ].map((words) => spawn("sh", ["-c", "read -r line", ...words], { stdio: ["pipe", "ignore", "inherit"] }));
  await killLeftovers(made.engine, id);
  const ends = others.map((child) => once(child, "exit"));
  for (const child of others) child.stdin.end("\n");
  expect(await Promise.all(ends)).toEqual([
    [0, null],
    [0, null],
  ]);
});
