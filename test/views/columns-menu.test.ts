/** Which columns show, and in which order, chosen on the screen and kept; the order by what is measured. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { container } from "../support/fake-engine.ts";
import type { Condition } from "../support/screen.ts";
import { absent, cursorOn, fake, open, press, terminal } from "./tui-scene.ts";

function home(text?: string): { env: Record<string, string>; file: string } {
  const directory = mkdtempSync(join(tmpdir(), "berth-columns-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "berth", "config.yaml");
  if (text !== undefined) {
    mkdirSync(join(directory, "berth"));
    writeFileSync(file, text);
  }
  return { env: { XDG_CONFIG_HOME: directory }, file };
}

/** Finds an item of the menu by its name, and takes it; then nothing is typed any more. */
async function take(item: string, condition: Condition): Promise<void> {
  await press(item, `/${item}`);
  await press("\r", condition);
  if (terminal.screen.text().includes(`/${item}`)) await press("\x7f".repeat(item.length), absent(`/${item}`));
}

const header = () => terminal.screen.lines()[2]!.split("│")[0]!;

test("a column goes, another comes, one moves; all at once on the list", async () => {
  await open(100, 30);
  await terminal.screen.waitFor(/NAME +IMAGE +STATUS/);
  await press("|", /Columns of containers[\s\S]*image +shown, 4\./);
  await take("image", () => !header().includes("IMAGE"));
  await press("health", "/health");
  await press("\r", () => header().includes("HEALTH"));
  for (const _ of [1, 2, 3, 4, 5, 6, 7]) terminal.type("\x1b[D");
  await terminal.screen.waitFor(() => /^ +NAME +.*HEALTH.*STATUS/.test(header()));
  await press("\x1b", absent("Columns of containers"));
  expect(header()).toMatch(/HEALTH.*STATUS/);
  await press("|", "Columns of containers");
  await take("as they", () => /NAME +IMAGE +STATUS/.test(header()));
});

test("save keeps them in the user's file beside all else that it says", async () => {
  const { env, file } = home("# mine\nborders: ascii # plain\nlists:\n  images: { sort: size }\n");
  await open(100, 30, env);
  await press("|", "Columns of containers");
  await take("image", () => !header().includes("IMAGE"));
  await take("save", "saved in");
  const text = readFileSync(file, "utf8");
  expect(text).toContain("# mine\nborders: ascii # plain\n");
  expect(text).toMatch(/images: \{ sort: size \}/);
  expect(text).toMatch(/containers:\n +columns:\s+\[\s*symbol, name, host, status, cpu/);
});

test("the file is made where there is none; one that is wrong is left alone", async () => {
  const { env, file } = home();
  await open(100, 30, env);
  await press("|", "Columns of containers");
  await take("save", "saved in");
  expect(readFileSync(file, "utf8")).toMatch(/^lists:\n {2}containers:\n/);
  writeFileSync(file, "colour: none\n");
  await press("|", "Columns of containers");
  await take("save", "hint:");
  expect(readFileSync(file, "utf8")).toBe("colour: none\n");
});

const percent = new Map<string, number>();

/** The fake's samples with a CPU of the test's, some times a second. */
function measure(): void {
  const stats = fake.engine.containers.stats.bind(fake.engine.containers);
  fake.engine.containers.stats = async function* (refs, { signal } = {}) {
    for await (const samples of stats(refs, { stream: false }))
      while (!signal?.aborted) {
        yield samples.map((each) => ({ ...each, cpu: { ...each.cpu, percent: percent.get(each.Name.replace("/", "")) ?? 0 } }));
        await pause(200, undefined, { signal }).catch(() => {});
      }
  };
}

const names = () =>
  terminal.screen
    .lines()
    .slice(3)
    .flatMap((line) => /[●■] +(\S+)/.exec(line)?.[1] ?? []);

test("by CPU: those out of sight are measured, too; the cursor stays on its row", async () => {
  fake.containers.length = 0;
  for (let index = 10; index < 60; index++) fake.containers.push(container(`c${index}`));
  percent.clear();
  percent.set("c55", 80).set("c33", 40);
  measure();
  await open(100, 24);
  await press("o", /Sort containers by[\s\S]*cpu/);
  await take("cpu", /by cpu/);
  await terminal.screen.waitFor(() => names()[0] === "c55" && names()[1] === "c33");
  await press("g", cursorOn("c55"));
  percent.set("c33", 99);
  await terminal.screen.waitFor(() => names()[0] === "c33");
  expect(cursorOn("c55")()).toBe(true);
  await press("G", cursorOn("c59"));
  percent.set("c59", 1);
  await terminal.screen.waitFor(() => names().indexOf("c59") === 2);
  expect(cursorOn("c59")()).toBe(true);
});
