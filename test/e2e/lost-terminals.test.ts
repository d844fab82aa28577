/** A terminal that goes away ends what ran in it, without a word; one that a kill -9 left is made usable again. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "./program.ts";

let program: Program;
let work: string;

beforeAll(() => {
  program = new Program();
  work = mkdtempSync(join(tmpdir(), "berth-lost-"));
});
afterAll(async () => {
  rmSync(work, { recursive: true });
  await program[Symbol.asyncDispose]();
});

/** In a terminal by way of a shell, which is told where the program is. */
const shell = (script: string) => new Driver(["-c", script], { program: "/bin/sh", env: { ...program.env, BERTH: launcher, WORK: work } });

const ways: [string, (driver: Driver) => void][] = [
  ["SIGHUP", (driver) => driver.kill("SIGHUP")],
  ["its window is closed", (driver) => driver.hangUp()],
  ["its window is closed, and SIGHUP is ignored", (driver) => driver.hangUp()],
];

test.each(ways)("the TUI ends quietly: %s", async (way, lose) => {
  const trap = way.includes("ignored") ? "trap '' HUP; " : "";
  await using driver = shell(`${trap}exec "$BERTH" tui 2>"$WORK/errors"`);
  await driver.screen.waitFor("No containers yet.");
  lose(driver);
  expect([129, 1]).toContain(await driver.exited); // node-pty says 1 of a SIGHUP
  expect(readFileSync(join(work, "errors"), "utf8")).toBe("");
});

test.each(ways)("so does a session at its prompt: %s", async (way, lose) => {
  const trap = way.includes("ignored") ? "trap '' HUP; " : "";
  await using driver = shell(`${trap}exec "$BERTH" repl 2>"$WORK/errors"`);
  await driver.screen.waitFor(/^berth>/m);
  lose(driver);
  expect([129, 1]).toContain(await driver.exited);
  expect(readFileSync(join(work, "errors"), "utf8")).toBe("");
});

/** The Node that a shell's child has become. */
const nodeBelow = (pid: number) =>
  eventually(() => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    const found = children.find((child) => child > 0 && basename(readlinkSync(`/proc/${child}/exe`)) === "node");
    expect(found).toBeDefined();
    return found!;
  });

test("after a kill -9 the terminal is repaired: by --reset, and by the next start", async () => {
  const state = "stty -a | tr ' ' '\\n' | grep -xE -- '-?(icanon|echo|isig|opost|icrnl)' | tr '\\n' ' '";
  await using driver = shell(
    `"$BERTH" tui; ${state} >"$WORK/left"; "$BERTH" tui --reset; ${state} >"$WORK/reset"; echo reset; read wait
     stty raw -echo; "$BERTH" tui; ${state} >"$WORK/next"; echo over`,
  );
  await driver.screen.waitFor("No containers yet.");
  process.kill(await nodeBelow(driver.pid), "SIGKILL");
  await driver.screen.waitFor(/^reset/m);
  expect([driver.screen.alternate, driver.screen.terminal.modes.wraparoundMode]).toEqual([false, true]);
  expect(readFileSync(join(work, "left"), "utf8")).toContain("-icanon");
  expect(readFileSync(join(work, "reset"), "utf8").trim().split(" ").sort()).toEqual(["echo", "icanon", "icrnl", "isig", "opost"]);
  await driver.press("\r", "No containers yet.");
  await driver.press("q", /^over/m);
  expect(readFileSync(join(work, "next"), "utf8").trim().split(" ").sort()).toEqual(["echo", "icanon", "icrnl", "isig", "opost"]);
  expect(readdirSync(work).sort()).toEqual(["errors", "left", "next", "reset"]);
});
