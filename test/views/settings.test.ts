/** The TUI as its user wants it: keys, commands, columns, looks, how lists begin, what questions ask for. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { tuiFlags } from "../../src/commands/session/tui-flags.ts";
import { rebindable, wayOut } from "../../views/key-bindings.ts";
import { keymap, withKeys } from "../../views/keymap.ts";
import { tabs } from "../../views/resources/index.ts";
import { eventually } from "../support/eventually.ts";
import { container } from "../support/fake-engine.ts";
import { sourceFiles } from "../support/source-tree.ts";
import { absent, cursorOn, fake, open, openWith, press, terminal, typeAhead } from "./tui-scene.ts";

let place: string | undefined;
afterEach(() => {
  if (place) rmSync(place, { recursive: true });
  place = undefined;
});

test("texts speak of actions that there are; ways out can be rebound", () => {
  const ids = new Set(keymap.map(({ id }) => id));
  const named = sourceFiles("views").flatMap(({ code }) => [...code.matchAll(/<([a-z]+\.[a-z]+)>/g)].map(([, id]) => id!));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
  expect(wayOut.filter((id) => !rebindable.some((action) => action.id === id))).toEqual([]);
  expect(withKeys("<app.demo> and <no.such>")).toBe("D and <no.such>");
});

test("a key is another: it works, the old one does not, footer, help and texts follow", async () => {
  await openWith("keys:\n  container.stop: ctrl-s\n  container.attach: none\n");
  const text = await terminal.screen.waitFor("^S stop");
  expect(text).not.toContain("a attach");
  for (const [key, row] of [
    ["a", "db"],
    ["s", "old"],
  ] as const) {
    await typeAhead(key);
    await press("j", cursorOn(row));
  }
  expect(fake.calls).toEqual([]);
  await press("g", cursorOn("web"));
  await press("\x13", "$ berth stop web ✓");
  const help = await press("?", "stop what runs, start what does not");
  expect(help).toMatch(/\^S +stop what runs/);
  expect(help).not.toContain("attach a terminal pane");
  await press("q", absent("stop what runs, start what does not"));
  await press("x", '"web" is not running: start it with ^S');
});

test("function keys arrive, whatever a terminal sends for them", async () => {
  await openWith("keys:\n  list.down: f5\n  list.up: [f3]\n");
  for (const [sent, row] of [
    ["\x1b[15~", "db"],
    ["\x1b[15~", "old"],
    ["\x1bOR", "db"],
    ["\x1b[[E", "old"],
    ["\x1b[13~", "db"],
  ] as const)
    await press(sent, cursorOn(row));
  await press("\x1bOP", "stop what runs, start what does not");
});

test("a program may have the terminal, until it ends", async () => {
  place = mkdtempSync(join(tmpdir(), "berth-custom-"));
  const file = join(place, "out");
  await openWith(`commands:
  - name: edit
    key: ctrl-g
    host: sh -c 'printf %s "$1" > ${file}.new && mv ${file}.new ${file}' sh {{.Name}}
    terminal: true
`);
  terminal.type("\x07");
  await eventually(() => expect(existsSync(file)).toBe(true));
  expect(readFileSync(file, "utf8")).toBe("web");
  await press("j", cursorOn("db"));
});

test("berth config is a command line here, too; flags name the lists that there are", async () => {
  expect(tuiFlags.find(({ name }) => name === "view")?.suggestions).toEqual(tabs.map(({ id }) => id));
  await openWith("theme: light\n");
  await press(":config theme\r", /theme +light +\/\S+config\.yaml:1:8/);
});

test("a command of berth's on a key: templates, each marked row in turn, a question, its own group of the help", async () => {
  await openWith(`commands:
  - name: again
    key: ctrl-g
    lists: containers
    run: ["stop {{.Name}}", "start {{.ID}}"]
    confirm: Once more?
`);
  await press(" ", "1 marked");
  await press(" ", "2 marked");
  const question = await press("\x07", "Once more?");
  expect(question).toContain('"stop web"');
  expect(question).toContain('type "yes"');
  await press("yes", 'type "yes" and ⏎: yes');
  await press("\r", absent("Once more?"));
  await eventually(() => expect(fake.calls.filter((call) => /^st/.test(call))).toEqual(["stop web", "start web", "stop db", "start db"]));
  await press("?", "Your own commands");
  expect(terminal.screen.text()).toMatch(/\^G +again: stop \{\{\.Name\}\}; start/);
});

test("the first line that fails ends a command; a template that is no good says so", async () => {
  fake.containers[0] = { ...fake.containers[0]!, Labels: { x: "-t0" } };
  await openWith(`commands:
  - { name: broken, key: ctrl-g, run: ["rename {{.Name}}", "stop {{.Name}}"] }
  - { name: absent, key: ctrl-e, run: "stop {{.Nothing}}" }
  - { name: flag, key: ctrl-o, run: 'stop {{index .Labels "x"}}' }
`);
  await press("\x0f", "which would be taken for a flag");
  await press("\x05", /Nothing/);
  await press("\x07", "$ berth rename web ✗");
  expect(fake.calls).toEqual([]);
});

test("a program of the host: its words are no shell's, its output shows, its failure is told", async () => {
  place = mkdtempSync(join(tmpdir(), "berth-custom-"));
  const file = join(place, "out");
  await openWith(`commands:
  - { name: write, key: ctrl-g, host: "sh -c 'printf %s \\"$1\\" > ${file}' sh '{{.Name}}; x'" }
  - { name: say, key: ctrl-e, host: "sh -c 'echo heard; echo also >&2'", output: true }
  - { name: fail, key: ctrl-o, host: "sh -c 'exit 3'" }
  - { name: none, key: ctrl-t, host: "no-such-program-here" }
`);
  await press("\x07", "✓");
  expect(readFileSync(file, "utf8")).toBe("web; x");
  await press("\x05", /heard[\s\S]*also|also[\s\S]*heard/);
  await press("\x0f", "ended with exit status 3");
  await press("\x14", 'there is no program "no-such-program-here"');
});

test("columns are those that were chosen, in their order", async () => {
  fake.containers.push({ ...container("worn"), State: "exited", Status: "Exited (137) 3 minutes ago", RestartCount: 4 });
  await openWith("lists:\n  containers:\n    columns: [exit, name, restarts, health]\n    sort: restarts\n");
  const text = await terminal.screen.waitFor("worn");
  expect(text).toMatch(/EXIT +NAME +RESTARTS↓ +HEALTH/);
  expect(terminal.screen.lines()[3]).toMatch(/137 +worn +4/);
  expect(text).not.toContain("busybox");
});

test("restarts show beside the status where no column has them", async () => {
  fake.containers.push({ ...container("worn"), RestartCount: 4 });
  await open();
  await terminal.screen.waitFor(/worn .*Up 2 hours ↻4/);
});

test("lists begin filtered and sorted, the one in front as flags say", async () => {
  await openWith("view: images\nlists:\n  images: { sort: -size }\n  containers: { filter: 'db' }\n");
  await terminal.screen.waitFor("python:3.9");
  expect(terminal.screen.text()).toContain("by size ↑");
  await press("1", "/db 1 of 3");
});

test("flags go before the file", async () => {
  await openWith(
    "view: images\nlists:\n  containers: { filter: 'db', sort: image }\n",
    100,
    24,
    {},
    { view: "containers", filter: "web", sort: "-name" },
  );
  const text = await terminal.screen.waitFor("/web 1 of 3");
  expect(text).toContain("by name ↑");
});

test("every question wants the word where the policy is strict, none where a key is enough", async () => {
  await openWith("confirm: strict\n");
  await press("G", cursorOn("old"));
  await press("d", 'type "yes" and ⏎');
  await press("n", absent("Remove"));
});

test("a key is enough where the file says so", async () => {
  await openWith("confirm: key\n");
  await press("d", "y yes   n no");
  await press("y", "$ berth rm -f web ✓");
});

test.each([
  ["1500ms", 3, { stream: true, every: 1500 }],
  ["1s", 89, { stream: true, every: 2000 }],
  ["1h", 3, { stream: false, every: 3_600_000 }],
])("refresh: %s, with %i containers", async (refresh, count, expected) => {
  for (let index = fake.containers.length; index < count; index++) fake.containers.push(container(`c${index}`));
  const asked: unknown[] = [];
  const stats = fake.engine.containers.stats.bind(fake.engine.containers);
  fake.engine.containers.stats = (refs, { stream, every, ...options } = {}) => {
    asked.push({ stream, every });
    return stats(refs, { ...options, ...(stream !== undefined && { stream }) });
  };
  await openWith(`refresh: ${refresh}\n`, 100, 60);
  await terminal.screen.waitFor(/web .*12% +4\.3M/);
  expect(asked).toEqual([expected]);
});

test("refresh: off reads nothing", async () => {
  await openWith("refresh: off\n");
  await press("2", "python:3.9");
  await press("1", "web");
  expect(fake.measuring).toBe(0);
  expect(terminal.screen.text()).not.toContain("4.3M");
});

test.each([
  ["theme: dark", "", /\x1b\[38;5;114m/],
  ["theme: light", "", /\x1b\[38;5;22m/],
  ["theme: contrast", "", /\x1b\[92m/],
  ["theme: 16", "1", /\x1b\[32m/],
])("%s, whatever NO_COLOR=%j says", async (yaml, NO_COLOR, sequence) => {
  await openWith(yaml, 100, 24, { NO_COLOR });
  await terminal.screen.waitFor("web");
  expect(terminal.screen.raw).toMatch(sequence);
});

test("ASCII only: by the file, or by the locale; what containers are called stays", async () => {
  fake.containers.push(container("évil"));
  await open(140, 40, { LANG: "C" });
  await terminal.screen.waitFor("8080>80");
  await terminal.screen.waitFor("running, pid 4242");
  const signs = terminal.screen
    .text()
    .replace("évil", "")
    .match(/[^\x00-\x7f]/g);
  expect(signs).toBeNull();
  expect(terminal.screen.text()).toContain("* web".replace(" ", "  "));
  const question = await press("d", "Remove container");
  expect(question).toMatch(/\+-{20,}\+/);
  expect(question).toContain('type "yes" and Enter: ___');
});
