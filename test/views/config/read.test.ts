import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseSettings, readSettings } from "../../../views/config/read.ts";
import { defaults } from "../../../views/config/settings.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "berth-config-"));
});
afterAll(() => rmSync(home, { recursive: true }));

test("without a file, or with an empty one, all is as it comes", async () => {
  expect(await readSettings({})).toBe(defaults);
  expect(await readSettings({ HOME: home })).toBe(defaults);
  expect(await parseSettings("# nothing\n", "c.yaml")).toEqual(defaults);
});

test("what the file says stands beside the defaults; XDG_CONFIG_HOME goes before HOME", async () => {
  mkdirSync(join(home, ".config", "berth"), { recursive: true });
  writeFileSync(join(home, ".config", "berth", "config.yaml"), "prefix: ctrl-x\npanes:\n  scrollback: 100\n  bell: false\n");
  const settings = await readSettings({ HOME: home });
  expect(settings).toEqual({ ...defaults, prefix: "ctrl-x", panes: { ...defaults.panes, scrollback: 100, bell: false } });
  expect(await readSettings({ HOME: home, XDG_CONFIG_HOME: "/nowhere" })).toBe(defaults);
});

test.each([
  ["prefix: f1", 'c.yaml:1:9: invalid value for "prefix": it is a control key such as ctrl-b'],
  ["mouse: maybe", 'c.yaml:1:8: invalid value for "mouse": it is true or false'],
  ["panes:\n  scrollback: -1", 'c.yaml:2:15: invalid value for "panes.scrollback": it is a whole number up to 1000000'],
  ["panes:\n  scrolback: 1", 'c.yaml:2:3: there is no setting "panes.scrolback"'],
  ["logs:\n  highlights:\n    - pattern: x", 'c.yaml:3:5: invalid value for "logs.highlights": it is a list of'],
  ["panes: 3", 'c.yaml:1:8: "panes" is a mapping of settings'],
  ["- a", "c.yaml:1:1: the file is a mapping of settings"],
  ["constructor: 1", 'c.yaml:1:1: there is no setting "constructor"'],
  ["mouse: true\nmouse: false", "c.yaml:2:1: Map keys must be unique"],
  ["mouse: [", "c.yaml:1:9: "],
])("%j is refused with its place", async (text, message) => {
  await expect(parseSettings(text, "c.yaml")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining(message) });
});

test("a mistyped setting is answered with the one that was meant", async () => {
  await expect(parseSettings("panes:\n  scrolback: 1", "c.yaml")).rejects.toMatchObject({ suggestion: "scrollback" });
});

test("a file that cannot be read is no file without settings", async () => {
  const config = join(home, "other");
  mkdirSync(join(config, "berth", "config.yaml"), { recursive: true });
  await expect(readSettings({ XDG_CONFIG_HOME: config })).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("EISDIR"),
  });
});
