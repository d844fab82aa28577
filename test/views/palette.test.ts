/** The palette beyond plain command lines: jumps, slips shown where they are, the history on disk. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ProgressEvent } from "../../engine/index.ts";
import { absent, fake, open, over, press, terminal } from "./tui-scene.ts";

test("jumps to lists by name, and leaves", async () => {
  await open();
  await press(":images\r", "python:3.9");
  await press(":vol\t", "volumes");
  await press("\x15volumes\r", "No volumes.");
  terminal.type(":q\r");
  expect(await over).toBe(0);
});

test("Tab completes the word before the cursor, and leaves what stands behind it", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "berth-complete-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, "configs"));
  writeFileSync(join(cwd, "configs", "first.conf"), "");
  await open(100, 24, {}, cwd);
  await press(":cp con web:/etc/", "web:/etc/");
  await press("\x1b[D".repeat(10), "configs/");
  await press("\t", /^:cp configs\/ web:\/etc\/$/m);
  await press("fi", "configs/first.conf");
  await press("\t", /^:cp configs\/first\.conf web:\/etc\/$/m);
  terminal.type("\x1b[F");
  await press("\x15", /^:$/m);
  await press("cp w", /^ +web:/m);
  await press("\t", /^:cp web:$/m);
  await press("/etc", /^:cp web:\/etc$/m); // no blank in between
});

test("shows where a line is wrong and opens it there again", async () => {
  await open();
  const text = await press(":run 'open\r", "unterminated single quote");
  expect(text).toMatch(/^ {5}run 'open\n {9}\^$/m);
  await press("\x1b[F'\r", /berth run open/);
});

test("searches its history with Ctrl-R, and keeps it for the next time", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-history-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  await open(100, 24, { XDG_STATE_HOME: state });
  await press(":stop web\r", "$ berth stop web ✓");
  await press(":start web\r", "$ berth start web ✓");
  await press(":stop db\r", "$ berth stop db ✓");
  await press(":web\x12", /^:start web$/m);
  await press("\x12", /^:stop web$/m);
  await press("\x12", 'no older command line holds "web"');
  await press("\r", "$ berth stop web ✓");
  expect(readFileSync(join(state, "berth/history"), "utf8")).toBe("stop web\nstart web\nstop db\nstop web\n");
  process.emit("SIGTERM");
  await over;
  await open(100, 24, { XDG_STATE_HOME: state });
  await press(":\x1b[A", /^:stop web$/m);
  await press("\x1b", absent("⏎ run"));
  expect(fake.calls).toHaveLength(4);
});

test("warnings and messages of what it runs are with its output, as a note and on a terminal", async () => {
  async function* told({ Tty }: { Tty?: boolean }): AsyncGenerator<ProgressEvent, { StatusCode: number }> {
    yield { type: "message", text: `said on a ${Tty ? "terminal" : "note"}` };
    yield { type: "warning", text: "said of ports" };
    return { StatusCode: 0 };
  }
  await open();
  Object.assign(fake.engine.containers, { run: told });
  const saidOn = (place: string) => (screen: string) => screen.includes(`said on a ${place}`) && screen.includes("WARNING: said of ports");
  await press(":run busybox true\r", saidOn("note"));
  await press(":run -it busybox sh\r", saidOn("terminal"));
});
