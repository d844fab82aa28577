/** Keys without sense, one after the other, in every list: nothing goes for good without a yes, and there is always a screen. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { container } from "../support/fake-engine.ts";
import { type Chance, chance, testSeed } from "../support/random.ts";
import { fake, openWith, terminal, typeAhead } from "./tui-scene.ts";

/** Leaving is the one thing that keys may not do here; and a program that is lent the terminal does nothing. */
const settings = "keys:\n  app.quit: ctrl-y\n  app.quitparts: none\n  app.suspend: none\n";
const programs = { PAGER: "true", EDITOR: "true" };

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));
const controls = [..."\x01\x02\x04\x05\x06\x0b\x0c\x0e\x0f\x10\x12\x14\x15\x16\x17\r\t\x1b\x7f"];
const sequences = ["A", "B", "C", "D", "H", "F", "Z", "3~", "5~", "6~", "15~"].map((end) => `\x1b[${end}`);
/** Not what says yes, nor command lines, which may say anything. */
const keys = [...printable.filter((key) => !"yY:".includes(key)), ...controls, ...controls, ...sequences, ...sequences];

const count = 40;
const head = /^ berth 1\.2\.3 .*\n.*\S/;

async function typeAny(random: Chance): Promise<string[]> {
  const typed: string[] = [];
  while (typed.length < count) {
    const key = random.pick(keys);
    typed.push(key);
    await typeAhead(key);
    await terminal.screen.waitFor(head);
  }
  return typed;
}

test.each([
  ["containers", 1],
  ["images", 2],
  ["volumes", 3],
  ["networks", 4],
  ["builds", 5],
  ["projects", 6],
  ["hosts", 7],
  ["events", 9],
])("random keys in the list of %s", async (_name, number) => {
  fake.containers.push(...Array.from({ length: 30 }, (_, at) => container(`c${at}`)));
  const kept = () => [fake.containers, fake.images, fake.volumes, fake.networks].map((rows) => rows.length);
  const before = kept();
  const cwd = mkdtempSync(join(tmpdir(), "berth-random-"));
  try {
    await openWith(settings, 100, 24, programs, {}, cwd);
    await typeAhead(String(number));
    const typed = await typeAny(chance(testSeed + number));
    terminal.resize(120, 40);
    await terminal.screen.waitFor((text) => head.test(text) && text.split("\n")[0]!.length > 100);
    expect(kept(), JSON.stringify(typed)).toEqual(before);
    expect(
      fake.calls.filter((call) => /^(remove|prune|kill)/.test(call)),
      JSON.stringify(typed),
    ).toEqual([]);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
