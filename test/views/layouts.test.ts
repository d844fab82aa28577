/** Several terminals: typing into all of them, keeping and opening layouts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { absent, cursorOn, open, over, press, terminal, typeAhead } from "./tui-scene.ts";

async function openTwo(env: Record<string, string> = {}): Promise<void> {
  await open(100, 40, env);
  await press("a", "hello from /web");
  await press("\x02d", "w: 1 terminal");
  await press("j", cursorOn("db"));
  await press("a", (text) => text.includes("hello from /web") && text.includes("hello from /db"));
}

const count = (text: string, word: string) => text.split(word).length - 1;

test("typing goes into all only while that is loudly said, and ends with leaving", async () => {
  await openTwo();
  await press("one", /^one/m);
  const all = await press("\x02b", "TYPING INTO ALL 2");
  expect(count(all, "TYPING INTO ALL 2")).toBe(2);
  await press("many", (text) => count(text, "many") === 2);
  await press("\x02b", absent("TYPING INTO ALL"));
  await press("alone", (text) => count(text, "alone") === 1);
  await press("\x02b", "TYPING INTO ALL 2");
  await press("\x02d", "w: 2 terminals");
  await press("w", "hello from /db");
  expect(terminal.screen.text()).not.toContain("TYPING INTO ALL");
});

test("who zooms, opens another or closes one does not type into what does not show", async () => {
  await openTwo();
  await press("\x02z", absent("hello from /web"));
  await press("\x02b", "zoom out first");
  await press("\x02z", "hello from /web");
  await press("\x02b", "TYPING INTO ALL 2");
  await press("\x02x", absent("TYPING INTO ALL"));
  await press("\x02b", "there is only one terminal");
});

test("a layout is kept under its name, opened in its order, and forgotten", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-layouts-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  await openTwo({ XDG_STATE_HOME: state });
  await press("\x02s", "save the terminals as:");
  await press("both\r", 'kept as "both": 2 terminals');
  expect(JSON.parse(readFileSync(join(state, "berth/layouts.json"), "utf8"))).toEqual({
    both: {
      lines: [
        ["attach", "web"],
        ["attach", "db"],
      ],
      titles: ["attach web", "attach db"],
      focused: 1,
      zoomed: false,
    },
  });
  process.emit("SIGTERM");
  await over;
  await open(100, 40, { XDG_STATE_HOME: state });
  await press("W", /both +attach web · attach db/);
  await press("\r", (text) => text.includes("1 attach web") && text.includes("2 attach db") && text.includes("hello from /db"));
  await press("typed", /^typed/m);
  await press("\x02d", "w: 2 terminals");
  await press("W", "Layouts of terminals");
  await typeAhead("forget");
  await press("\r", absent("Layouts of terminals"));
  await press("W", "no layout is kept");
});

test("the menu calls terminals what their titles do; a file of people's own may be without", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-layouts-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  mkdirSync(join(state, "berth"));
  const lines = [["exec", "-it", "web", "sh", "-c", "if test -x /bin/bash; then exec bash; else exec sh; fi"]];
  const all = { kept: { lines, titles: ["exec web sh"] }, own: { lines: [["attach", "db"]] }, odd: { lines, titles: [1] } };
  writeFileSync(join(state, "berth/layouts.json"), JSON.stringify(all));
  await open(100, 24, { XDG_STATE_HOME: state });
  const menu = await press("W", "Layouts of terminals");
  expect(menu).toMatch(/kept +exec web sh +│/);
  expect(menu).toMatch(/own +attach db +│/);
  expect(menu).toMatch(/odd +exec -it web sh -c/);
});

test("a file of layouts that is wrong is said to be, and stays as it is", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-layouts-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  mkdirSync(join(state, "berth"));
  const file = join(state, "berth/layouts.json");
  writeFileSync(file, '{"mine": {"lines": ["sh"]}}');
  await open(100, 24, { XDG_STATE_HOME: state });
  await press("W", '"mine" has no lines');
  await press("a", "hello from /web");
  await press("\x02s", "save the terminals as:");
  await press("x\r", '"mine" has no lines');
  expect(readFileSync(file, "utf8")).toBe('{"mine": {"lines": ["sh"]}}');
});
