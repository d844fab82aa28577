import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseSettings, readSettings } from "../../../views/config/read.ts";
import { resolveSettings } from "../../../views/config/resolve.ts";
import { defaults } from "../../../views/config/settings.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "berth-config-"));
});
afterAll(() => rmSync(home, { recursive: true }));

test("without a file, or with an empty one, all is as it comes", async () => {
  expect((await readSettings({})).settings).toBe(defaults);
  expect((await readSettings({ HOME: home })).settings).toBe(defaults);
  expect((await parseSettings("# nothing\n", "c.yaml")).settings).toEqual(defaults);
});

test("what the file says stands beside the defaults; XDG_CONFIG_HOME goes before HOME", async () => {
  mkdirSync(join(home, ".config", "berth"), { recursive: true });
  writeFileSync(join(home, ".config", "berth", "config.yaml"), "prefix: ctrl-x\npanes:\n  scrollback: 100\n  bell: false\n");
  const { settings } = await readSettings({ HOME: home });
  expect(settings).toEqual({ ...defaults, prefix: "ctrl-x", panes: { ...defaults.panes, scrollback: 100, bell: false } });
  expect((await readSettings({ HOME: home, XDG_CONFIG_HOME: "/nowhere" })).settings).toBe(defaults);
});

test.each([
  ["prefix: f1", 'c.yaml:1:9: invalid value for "prefix": it is a control key such as ctrl-b'],
  ["mouse: maybe", 'c.yaml:1:8: invalid value for "mouse": it is true or false'],
  ["panes:\n  scrollback: -1", 'c.yaml:2:15: invalid value for "panes.scrollback": it is a whole number up to 1000000'],
  ["panes:\n  scrolback: 1", 'c.yaml:2:3: there is no setting "panes.scrolback"'],
  ["logs:\n  highlights:\n    - pattern: x", 'c.yaml:3:7: "logs.highlights[0]" has no "style"'],
  ["panes: 3", 'c.yaml:1:8: "panes" is a mapping of settings'],
  ["- a", "c.yaml:1:1: the file is a mapping of settings"],
  ["constructor: 1", 'c.yaml:1:1: there is no setting "constructor"'],
  ["mouse: true\nmouse: false", "c.yaml:2:1: Map keys must be unique"],
  ["mouse: [", "c.yaml:1:9: "],
  ["theme: blue", 'c.yaml:1:8: invalid value for "theme": it is one of 16, dark, light, contrast, none'],
  ["borders: round", 'c.yaml:1:10: invalid value for "borders": it is one of unicode, ascii'],
  ["refresh: 5ms", 'c.yaml:1:10: invalid value for "refresh": it is a time from 1s to 1h, or "off"'],
  ["confirm: never", 'c.yaml:1:10: invalid value for "confirm": it is one of key, word, strict'],
  ["view: services", 'c.yaml:1:7: invalid value for "view": it is one of containers, images,'],
  ["keys:\n  container.stop: f13", 'c.yaml:2:19: invalid value for "keys.container.stop": it is a key such as x'],
  ["keys:\n  container.stop: [a, ctrl-i]", 'c.yaml:2:23: invalid value for "keys.container.stop[1]": it is a key'],
  ["keys:\n  container.stop: {}", 'c.yaml:2:19: invalid value for "keys.container.stop": it is a key such as'],
  ["keys:\n  container.stopp: x", 'c.yaml:2:3: there is no setting "keys.container.stopp"'],
  ["keys:\n  confirm.accept: enter", 'c.yaml:2:3: there is no setting "keys.confirm.accept"'],
  [
    "lists:\n  images:\n    columns: [image, sise]",
    'c.yaml:3:22: invalid value for "lists.images.columns[1]": it is a column of images: image,',
  ],
  ["lists:\n  images:\n    columns: image", 'c.yaml:3:14: invalid value for "lists.images.columns": it is a list of names of columns'],
  ["lists:\n  images:\n    sort: id", 'c.yaml:3:11: invalid value for "lists.images.sort": it is a column to sort by'],
  ["lists:\n  images:\n    group: x", 'c.yaml:3:5: there is no setting "lists.images.group"; there are columns, filter, sort'],
  ["lists:\n  images:\n    filter: 3", 'c.yaml:3:13: invalid value for "lists.images.filter": it is a filter as / takes it'],
  ["commands:\n  - key: x\n    run: ps", 'c.yaml:2:5: "commands[0]" has no "name"'],
  ["commands:\n  - name: a\n    key: Q\n    run: 'exec {{.Name'", 'c.yaml:4:10: invalid value for "commands[0].run": '],
  ['commands:\n  - name: a\n    key: Q\n    run: "exec \'x"', 'c.yaml:4:10: invalid value for "commands[0].run": '],
  ["commands:\n  - name: a\n    key: Q", 'c.yaml:2:5: "a" has neither "run" (a command line of berth\'s) nor "host" (a program)'],
  ["commands:\n  - name: a\n    key: Q\n    run: ps\n    host: ls", 'c.yaml:5:11: "a" has "run" and "host"'],
  ["commands:\n  - name: a\n    key: Q\n    run: ps\n    terminal: true", 'c.yaml:5:15: "terminal" is for programs of the host'],
  [
    "commands:\n  - &a\n    name: a\n    key: Q\n    run: ps\n  - *a",
    'c.yaml:6:5: "commands[1]" is an alias: write out what it stands for',
  ],
  [
    "commands:\n  - { name: a, key: Q, run: ps }\n  - { name: a, key: W, run: ps }",
    'c.yaml:3:13: two commands are called "a": the other is at 2:5',
  ],
  [
    "logs:\n  highlights:\n    - pattern: '('\n      style: red",
    'c.yaml:3:16: invalid value for "logs.highlights[0].pattern": it is a regular expression',
  ],
])("%j is refused with its place", async (text, message) => {
  await expect(parseSettings(text, "c.yaml")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining(message) });
});

test("a mistyped setting is answered with the one that was meant", async () => {
  await expect(parseSettings("panes:\n  scrolback: 1", "c.yaml")).rejects.toMatchObject({ suggestion: "scrollback" });
});

test.each([
  ["theme: drak", "dark"],
  ["keys:\n  container.stopp: x", "container.stop"],
  ["lists:\n  images:\n    columns: [sise]", "size"],
  ["lists:\n  image: {}", "images"],
  ["commands:\n  - nam: x", "name"],
])("%j: did you mean %s", async (text, suggestion) => {
  await expect(parseSettings(text, "c.yaml")).rejects.toMatchObject({ suggestion });
});

test("everything that can be said is taken as it is said", async () => {
  const { settings } = await parseSettings(
    `theme: 16
borders: ascii
refresh: 1m30s
confirm: strict
view: images
keys:
  container.stop: [ctrl-s, 0]
  app.demo: none
lists:
  containers: { columns: [name, cpu, health], filter: "state:running", sort: -name, group: project }
commands:
  - { name: root shell, key: ctrl-e, lists: containers, run: "exec -it -u 0 {{.Name}} sh" }
  - { name: edit, key: ctrl-o, host: "vi {{.Name}}", terminal: true, confirm: "Really?" }
logs:
  highlights: [{ pattern: "a+", style: red }]
`,
    "c.yaml",
  );
  expect(settings).toMatchObject({
    theme: "16",
    borders: "ascii",
    refresh: 90_000,
    confirm: "strict",
    view: "images",
    keys: { "container.stop": ["ctrl-s", "0"], "app.demo": [] },
    lists: { containers: { columns: ["name", "cpu", "health"], filter: "state:running", sort: "-name", group: "project" } },
    logs: { highlights: [{ pattern: "a+", style: "red" }] },
  });
  expect(settings.commands).toEqual([
    { name: "root shell", key: "ctrl-e", lists: ["containers"], run: ["exec -it -u 0 {{.Name}} sh"] },
    { name: "edit", key: "ctrl-o", host: "vi {{.Name}}", terminal: true, confirm: "Really?" },
  ]);
  expect((await parseSettings("refresh: off", "c.yaml")).settings.refresh).toBe(0);
});

test("what the documentation shows is taken, and its defaults are the defaults", async () => {
  const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
  const [usual = "", examples = ""] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
  const holds = async (text: string) => resolveSettings(await parseSettings(text, "c.yaml"), {}).settings;
  expect(await holds(usual)).toEqual(await holds("#\n"));
  const settings = await holds(examples);
  expect(settings.commands.map(({ name }) => name)).toEqual(["root shell", "dive"]);
  expect(settings.keys["container.stop"]).toEqual(["ctrl-s"]);
});

test("a file that cannot be read is no file without settings", async () => {
  const config = join(home, "other");
  mkdirSync(join(config, "berth", "config.yaml"), { recursive: true });
  await expect(readSettings({ XDG_CONFIG_HOME: config })).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("EISDIR"),
  });
});
