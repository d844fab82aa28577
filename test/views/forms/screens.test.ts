/** Forms on the screen: typing, completing, what is wrong in its place, the line as it is typed and as it runs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { absent, fake, open, press, terminal } from "../tui-scene.ts";

test.each([
  [60, 20],
  [80, 24],
  [120, 40],
])("a form at %ix%i", async (columns, rows) => {
  await open(columns, rows);
  await press("2", "python:3.9");
  await press("c", "$ berth run -it --rm busybox:latest");
  await press("\x1b[A", "‹ with a terminal, gone at its end ›");
  await press("\x1b[D", "$ berth run -d busybox:latest");
  await press("\x1b[B\x1b[B80:", "-p 80: busybox");
  const lines = (await press("\x1b[B", "must be [IP:]")).split("\n");
  const [top, bottom] = ["╭", "╰"].map((corner) => lines.findIndex((line) => line.includes(corner))) as [number, number];
  const box = lines.slice(top, bottom + 1).map((line) => line.slice(lines[top]!.indexOf("╭")).trimEnd());
  await expect(`${[...box, lines.at(-1)].join("\n")}\n`).toMatchFileSnapshot(`../screens/form-${columns}x${rows}.txt`);
});

test("what runs is the line that shows, and stands in the log of commands", async () => {
  const state = mkdtempSync(join(tmpdir(), "berth-forms-"));
  await open(100, 24, { XDG_STATE_HOME: state });
  await press("3", "No volumes");
  await press("c", "Create a volume");
  await press("my data", "berth volume create 'my data'");
  await press("\x7f\x7f\x7f\x7f\x7f", "berth volume create my");
  await press("\x1b[Bo=size=1m type=tmpfs", "-o o=size=1m -o type=tmpfs my");
  await press("\r", "$ berth volume create -o o=size=1m -o type=tmpfs my ✓");
  expect(fake.volumes.map(({ Name }) => Name)).toEqual(["my"]);
  // The palette's history has it.
  await eventually(() => expect(readFileSync(join(state, "berth/history"), "utf8")).toBe("volume create -o o=size=1m -o type=tmpfs my\n"));
  rmSync(state, { recursive: true });
});

test("a field completes; where something is wrong Enter goes there and runs nothing", async () => {
  await open();
  await press("4", "No networks");
  await press("c", "Create a network");
  await press("\r", "it needs a name");
  expect(terminal.screen.text()).toContain("Create a network");
  await press("\x1b", absent("Create a network"));
  await press("2", "python:3.9");
  await press("c", "Run a container");
  await press("\x1b[A", "‹ with a terminal");
  await press("\x1b[A", /│ busybox:latest {20}/);
  await press("\x15", "berth run -it --rm");
  await press("pyt", "python:3.9");
  await press("\t", "$ berth run -it --rm python:3.9");
  await press("\x1b", absent("Run a container"));
  expect(fake.calls).toEqual([]);
});

test("a line that fails comes back with what is wrong", async () => {
  await open();
  await press("4", "No networks");
  await press("c", "Create a network");
  await press("front\r", "$ berth network create front ✓");
  await press("c", "Create a network");
  await press("front\r", /Create a network(?:.|\n)*network "front" is there already/);
  await press("2", "berth network create front2");
  await press("\r", "$ berth network create front2 ✓");
});

test("a container's own line is there to change, and goes on as a command line", async () => {
  await open();
  await press("c", /\$ berth run .*busybox:latest/);
  await press("\x0f", /^:run .*busybox:latest/m);
});

test("what is pasted goes into the field, and runs nothing", async () => {
  await open();
  await press("3", "No volumes");
  await press("c", "Create a volume");
  await press("\x1b[200~da\nta\x1b[201~", "da ta");
  await press("more\rrm\r", "what was pasted");
  await press("x", "berth volume create 'da tax'");
  expect(fake.volumes).toEqual([]);
});

test("a choice does not leave standing what was wrong before", async () => {
  await open();
  await press("4", "No networks");
  await press("c", "Create a network");
  await press("\r", "it needs a name");
  await press("x\x1b[B\x1b[B\x1b[B\x1b[C", (text) => text.includes("--internal x") && absent("it needs a name")(text));
});
