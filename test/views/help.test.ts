/** The help: all keys, those of where one is first, to their ends. */
import { expect, test } from "vitest";
import { open, press } from "./tui-scene.ts";

test("lists every key of the table and closes", async () => {
  await open(100, 60);
  const text = await press("?", "stop what runs, start what does not");
  expect(text).toContain("open a shell in the container");
  await press("G", "help");
  await press("q", "Images 2");
});

test("begins with the keys of where one is", async () => {
  await open(100, 30);
  await press("2", "python:3.9");
  await press("?", /help *\n Images\n/);
  await press("q", "python:3.9");
  await press("1", /● +web/);
  await press("F", "container web: Files");
  await press("?", /help *\n In a tree: files, JSON\n/);
});

test("what a key does is there to its end, however narrow the screen", async () => {
  await open(60, 20);
  const text = await press("?", /one, else sh/);
  expect(text).toMatch(/open a shell in the container \(bash\n +where there is one, else sh\)/);
  expect(text.slice(text.indexOf("help"))).not.toContain("…");
});
