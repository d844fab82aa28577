/** Logs of several containers as one, of files on disk. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogPages } from "../../../engine/container/logs/index.ts";
import { FilteredSource } from "../../../views/logs/filtered.ts";
import type { LineSource } from "../../../views/logs/line-source.ts";
import { LogSource } from "../../../views/logs/log-source.ts";
import { MergedSource } from "../../../views/logs/merged-source.ts";
import { chance, testSeed } from "../../support/random.ts";

let place: string;
let merged: MergedSource;
const names = ["web", "db", "cache"];
const fileOf = (name: string) => join(place, `${name}.log`);

/** A time of the log, from its second. */
const time = (second: number) =>
  `2026-01-01T00:${String(Math.floor(second / 60)).padStart(2, "0")}:${(second % 60).toFixed(9).padStart(12, "0")}Z`;

const write = (name: string, lines: readonly (readonly [second: number, text: string])[]) =>
  appendFileSync(fileOf(name), lines.map(([second, text]) => `${time(second)} stdout F ${text}\n`).join(""));

const open = () =>
  new MergedSource(names.map((name, colour) => ({ source: new LogSource(new LogPages(fileOf(name))), from: { name, colour } })));

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "berth-merged-"));
  for (const name of names) write(name, []);
});
afterEach(() => {
  merged[Symbol.dispose]();
  rmSync(place, { recursive: true });
});

function textsForth(source: LineSource): string[] {
  const texts: string[] = [];
  for (let at = source.first; at < source.end; at = source.next(at)) texts.push(source.line(at)!.text);
  return texts;
}

function textsBack(source: LineSource): string[] {
  const texts: string[] = [];
  for (let at = source.previous(source.end); at !== undefined; at = source.previous(at)) texts.push(source.line(at)!.text);
  return texts.reverse();
}

/** Twelve thousand lines, each in one of the logs. */
function writeMany(): string[] {
  const random = chance(testSeed);
  const lines = Array.from({ length: 12_000 }, (_, number) => ({ name: random.pick(names), second: number / 10, text: `line ${number}` }));
  for (const name of names)
    write(
      name,
      lines.filter((line) => line.name === name).map(({ second, text }) => [second, text]),
    );
  return lines.map(({ text }) => text);
}

test("all lines of logs of any size, in the order of their times, in both directions", () => {
  const texts = writeMany();
  merged = open();
  expect(textsBack(merged)).toEqual(texts);
  expect(textsForth(merged)).toEqual(texts);
  expect(merged.whereabouts(merged.first, merged.first, merged.end)).toMatch(/^0% of \d+ kB$/);
  expect(merged.previous(merged.first)).toBeUndefined();
  const [line] = [merged.line(merged.first)!];
  expect([names.includes(line.from!.name), line.time]).toEqual([true, time(0)]);
});

test("what a search or a filter finds is found again at its place", () => {
  writeMany();
  merged = open();
  const forth = [...merged.scan(merged.first, 1, (text) => text.endsWith("77"))].flatMap(({ found }) => found);
  const back = [...merged.scan(merged.end, -1, (text) => text.endsWith("77"))].flatMap(({ found }) => found);
  expect(back.reverse()).toEqual(forth);
  const expected = Array.from({ length: 120 }, (_, at) => `line ${at === 0 ? "" : at}77`);
  expect(forth.map((at) => merged.line(at)!.text)).toEqual(expected);
  const filtered = new FilteredSource(merged, (text) => text.endsWith("77"));
  while (filtered.step());
  expect(textsBack(filtered)).toEqual(expected);
});

test("times: one is gone to, and they bound what there is", () => {
  const texts = writeMany();
  merged = open();
  expect(merged.line(merged.seek(time(600)))!.text).toBe("line 6000");
  merged.clip(time(100), time(101));
  expect(textsForth(merged)).toEqual(texts.slice(1000, 1010));
  expect(textsBack(merged)).toEqual(texts.slice(1000, 1010));
  merged.clip(undefined, undefined);
  expect(textsForth(merged)).toHaveLength(texts.length);
});

test("what comes late moves nothing that was seen, though its time is earlier", () => {
  write("web", [
    [1, "web 1"],
    [5, "web 5"],
  ]);
  write("db", [[2, "db 2"]]);
  merged = open();
  const last = merged.previous(merged.end)!;
  expect(merged.line(last)!.text).toBe("web 5");
  expect(merged.refresh()).toBe(false);
  write("db", [
    [4, "db 4"],
    [7, "db 7"],
  ]);
  write("cache", [[6, "cache 6"]]);
  expect(merged.refresh()).toBe(true);
  const texts = ["web 1", "db 2", "web 5", "db 4", "cache 6", "db 7"];
  expect(merged.line(last)!.text).toBe("web 5");
  expect(textsForth(merged)).toEqual(texts);
  expect(textsBack(merged)).toEqual(texts);
});
