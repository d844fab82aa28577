/** The palette takes any line of a session; the log keeps what was run, and a script of it does the same. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scriptOf } from "../../views/command-log.ts";
import type { CommandEntry } from "../../views/state.ts";
import { absent, open, press, typeAhead } from "./tui-scene.ts";

test("a variable is kept, and used by later lines", async () => {
  await open();
  await press(":let state = inspect -f '{{.State.Status}}' web\r", "$ let state = inspect -f '{{.State.Status}}' web ✓");
  await press(":print $state of web\r", "✓ running of web");
  await press(":let a := 3; print $((a * 2))\r", "✓ 6");
});

test("a line of several statements, and one with a pipe, show what they print in a pager", async () => {
  await open();
  const text = await press(":for i in 1 2 3 4 5 { print line $i }\r", /line 5/);
  expect(text).toContain("for i in 1 2 3 4 5 {");
  await press("q", "Images 2");
  await press(":ps -a | where .State == exited | count\r", "✓ 1");
});

test("lines of the language are recorded with the others", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  await open(100, 24, {}, directory);
  await press(":record journey.berth\r", "is recorded");
  await press(":let n := 1\r", "$ let n := 1 ✓");
  await press(":record off\r", "no more is recorded");
  expect(readFileSync(join(directory, "journey.berth"), "utf8")).toContain("let n := 1\n");
});

test("what is no variable stays as it was typed in a plain line", async () => {
  await open();
  await press(":rename web $HOME\r", "$ berth rename web '$HOME' ");
  await press("\x1b", absent("nothing"));
});

test("an error is shown in its place, and the line is there again", async () => {
  await open();
  await press(":print $nothing\r", /nothing/);
  await press("", /^:print \$nothing$/m);
});

test("the language completes", async () => {
  await open();
  await press(":let x = sto", / stop /);
  await press("\x15ps | so", / sort /);
  await press("\x15repe", / repeat /);
});

test("the log of commands: again, copy, save as a script", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  await open(100, 24, {}, directory);
  await press("$", "nothing has been run yet");
  await press("s", "$ berth stop web ✓");
  await press(":inspect 'a b'\r", "$ berth inspect 'a b' ✗");
  await press(":let x := 1\r", "$ let x := 1 ✓");
  const log = await press("$", "What was run");
  expect(log).toMatch(/✓ .*let x := 1(.|\n)*✗ .*berth inspect 'a b'(.|\n)*✓ .*berth stop web/);
  await typeAhead("stop web");
  await press("\r", "to run it or to change it");
  await press("\r", /^:stop web$/m);
  await press("\x1b", absent("⏎ run"));
  await press("$", "What was run");
  await typeAhead("as a script");
  await press("\r", "save as a script: actions.berth");
  await press("\r", "3 lines saved to");
  const script = readFileSync(join(directory, "actions.berth"), "utf8");
  expect(script).toBe("#!/usr/bin/env -S berth repl\nstop web\n# failed: inspect 'a b'\nlet x := 1\n");
  await press("$", "What was run");
  await typeAhead("as a script");
  await press("\r", "save as a script");
  await press("\r", "the file exists");
});

test("secrets stay out of the script", async () => {
  const entry = (again: string): CommandEntry => ({ id: 1, at: 0, line: again, again, state: "done" });
  expect(await scriptOf([entry("login -u me -p hunter2 registry.example")])).not.toContain("hunter2");
});

test("several lines pasted into the palette are asked for, and run as one script", async () => {
  await open();
  await press(":", "⏎ run");
  await press("\x1b[200~let n := 4\nprint $((n + 1))\n\x1b[201~", "Run 2 pasted lines?");
  await press("\r", absent("Run 2 pasted"));
  await press(":", "⏎ run");
  await press("\x1b[200~let n := 4\nprint $((n + 1))\n\x1b[201~", "Run 2 pasted lines?");
  await press("y", "✓ 5");
});
