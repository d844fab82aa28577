/** `record FILE` in the palette: what keys and command lines do becomes a script. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { absent, open, press } from "./tui-scene.ts";

test("lines and what is typed in a terminal are kept until it is off; what fails is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-lines-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "made.berth");
  await open(120, 30);
  await press(`:record ${file}\r`, "what goes well is recorded");
  await press("a", "hello from /web");
  await press("\x10\x11", "it keeps running");
  await press(":stop web\r", "$ berth stop web ✓");
  await press(":stop nosuch\r", "$ berth stop nosuch ✗");
  await press(":record off\r", "no more is recorded");
  await press(":start db\r", "$ berth start db ✓");
  const made = readFileSync(file, "utf8").split("\n");
  expect(made).toContain("spawn @web attach web");
  expect(made).toContain("send @web '^P^Q'");
  expect(made.slice(-4)).toEqual(["expect @web closed", "stop web", "#> web", ""]);
  expect(made.join("\n")).not.toMatch(/nosuch|start/);
});

test("what is no file to write to is told", async () => {
  await open();
  await press(":record /no/such/file\r", "cannot record to");
  await press(":record a b\r", "record takes no more words");
  await press("\x1b", absent("⏎ run"));
  await press(":record off\r", "nothing was recorded");
});
