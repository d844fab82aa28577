/** A log at any place: the same lines from either end, found by text and by time, also while it is written and rotated. */
import { appendFileSync, mkdtempSync, openSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogPages, type PlacedLine } from "../../../../engine/container/logs/index.ts";
import { punchHole } from "../../../../engine/sys/files.ts";

let directory: string;
let log: string;
let pages: LogPages;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-pages-"));
  log = join(directory, "ctr.log");
});
afterEach(() => {
  pages[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const open = () => {
  pages = new LogPages(log);
  return pages;
};
/** A line of the log's format, a second after the one before. */
const line = (number: number, text: string, tag = "F", stream = "stdout") =>
  `${new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString().replace("Z", "000000+00:00")} ${stream} ${tag} ${text}\n`;

function all(step: 1 | -1): PlacedLine[] {
  const lines: PlacedLine[] = [];
  for (let at = step > 0 ? pages.start : pages.end; ; ) {
    const page = step > 0 ? pages.forward(at) : pages.backward(at);
    if (page.length === 0) return lines;
    if (step > 0) lines.push(...page);
    else lines.unshift(...page);
    at = step > 0 ? page.at(-1)!.end : page[0]!.at;
  }
}
const texts = (lines: PlacedLine[]) => lines.map(({ text }) => text);
const found = (from: number, step: 1 | -1, pattern: RegExp) =>
  [...pages.scan(from, step, (text) => pattern.test(text))].flatMap((each) => each.found);

test("from either end there are the same lines, of any length and in any pieces", () => {
  const kinds = ["short", "", "ä€漢".repeat(40), "x".repeat(7000)];
  let text = "";
  for (let number = 0; number < 3000; number++) {
    const stream = number % 7 === 0 ? "stderr" : "stdout";
    if (number % 50 === 0)
      for (let part = 0; part < number % 21; part++) text += line(number, `${part}`.repeat(8000).slice(0, 8000), "P", stream);
    text += line(number, `${number} ${kinds[number % 4]}`, "F", stream);
  }
  writeFileSync(log, text);
  open();
  const [forth, back] = [all(1), all(-1)];
  expect(back.map(({ at, end }) => [at, end])).toEqual(forth.map(({ at, end }) => [at, end]));
  expect(texts(back)).toEqual(texts(forth));
  expect(forth.filter((each) => /^\d+ /.test(each.text)).length).toBeGreaterThan(2900);
  for (const [at, each] of forth.entries()) expect(each.end).toBe(forth[at + 1]?.at ?? pages.end);
});

test("parts are one line, but only of one stream, and not without end", () => {
  const long = Array.from({ length: 20 }, () => line(3, "y".repeat(8192), "P")).join("");
  writeFileSync(
    log,
    `${line(1, "one ", "P")}${line(1, "line")}${line(2, "out ", "P")}${line(2, "err", "F", "stderr")}${line(2, "more")}${long}`,
  );
  open();
  const lines = texts(all(1));
  expect(lines.slice(0, 4)).toEqual(["one line", "out ", "err", "more"]);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.slice(4).join("")).toBe("y".repeat(8192 * 20));
  expect(texts(all(-1))).toEqual(lines);
});

test("what is no line of a log is none, nor what has no end yet", () => {
  writeFileSync(log, `${line(1, "good")}rubbish\n${line(2, "good too")}2026-01-01T00:00:03Z stdout F half`);
  expect([texts(all.call(open(), 1)), texts(all(-1))]).toEqual([
    ["good", "good too"],
    ["good", "good too"],
  ]);
});

test("a search finds the same lines from either end, and in joined ones", () => {
  writeFileSync(
    log,
    Array.from({ length: 40_000 }, (_, number) => line(number, `${number} ${number % 1000 === 0 ? "needle ä" : "hay"}`)).join("") +
      line(1, "nee", "P") +
      line(1, "dle"),
  );
  open();
  const forth = found(pages.start, 1, /needle/u);
  expect(forth).toHaveLength(41);
  expect(found(pages.end, -1, /needle/u)).toEqual([...forth].reverse());
  expect(pages.forward(forth[7]!)[0]?.text).toBe("7000 needle ä");
  expect(found(forth[1]!, -1, /needle/u)).toEqual([forth[0]]);
  expect(found(pages.end, -1, /ä$/u)).toHaveLength(40);
});

test("a time is found", () => {
  writeFileSync(log, Array.from({ length: 10_000 }, (_, number) => line(number, `${number}`)).join(""));
  open();
  const at = (time: string) => pages.forward(pages.seek(time))[0]?.text;
  expect([at("2025"), at("2026-01-01T00:00:07.000000000Z"), at("2026-01-01T01:00:00.5Z"), at("2027")]).toEqual([
    "0",
    "7",
    "3601",
    undefined,
  ]);
});

test("what is written comes, and places stay when the log is rotated, until their file is gone", () => {
  writeFileSync(log, line(1, "one"));
  open();
  const [one] = all(1);
  expect(pages.refresh()).toBe(false);
  appendFileSync(log, line(2, "two"));
  expect(pages.refresh()).toBe(true);
  renameSync(log, `${log}.1`);
  writeFileSync(log, line(3, "three"));
  pages.refresh();
  expect(texts(all(1))).toEqual(["one", "two", "three"]);
  expect(texts(all(-1))).toEqual(["one", "two", "three"]);
  expect(pages.forward(one!.at)[0]?.text).toBe("one");
  renameSync(log, `${log}.2`);
  writeFileSync(log, line(4, "four"));
  rmSync(`${log}.1`);
  pages.refresh();
  expect(texts(all(1))).toEqual(["three", "four"]);
  expect(pages.start).toBeGreaterThan(one!.at);
});

test("a file that ends, or is full, with what is no line hides no other", () => {
  writeFileSync(`${log}.1`, `${line(1, "one")}half`);
  writeFileSync(`${log}.2`, "z".repeat(300_000));
  writeFileSync(log, line(2, "two"));
  open();
  expect([texts(all(1)), texts(all(-1))]).toEqual([
    ["one", "two"],
    ["one", "two"],
  ]);
});

test("a head that was cut off is no line", () => {
  writeFileSync(log, Array.from({ length: 1000 }, (_, number) => line(number, `${number}`)).join(""));
  punchHole(openSync(log, "r+"), 8192);
  open();
  const lines = texts(all(1));
  expect(Number(lines[0])).toBeGreaterThan(100);
  expect(texts(all(-1))).toEqual(lines);
});

test("a log that somebody has emptied goes on", () => {
  writeFileSync(log, line(1, "one"));
  open();
  truncateSync(log);
  pages.refresh();
  expect(all(1)).toEqual([]);
  appendFileSync(log, line(2, "two"));
  pages.refresh();
  expect(texts(all(1))).toEqual(["two"]);
});

test("no log is an empty one", () => {
  open();
  expect([pages.start, pages.end, pages.forward(0), pages.backward(0), pages.seek("2026")]).toEqual([0, 0, [], [], 0]);
});
