/** A log in one file or several: reading it whole, from its end, while it is written and rotated; its limit. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeOutput } from "../../../../engine/container/logs/k8s-log.ts";
import { keepGeneration, prune } from "../../../../engine/container/logs/log-generations.ts";
import { LogReader } from "../../../../engine/container/logs/log-reader.ts";
import { LogWriter } from "../../../../engine/container/logs/log-writer.ts";
import { checkLogConfig, type LogLimit, limitOf, withLogSettings } from "../../../../engine/container/plan/log-options.ts";
import { parseSettings } from "../../../../engine/state/settings.ts";
import { logOf } from "./log-of.ts";

let directory: string;
let log: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-log-"));
  log = join(directory, "ctr.log");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** All that the reader has by now. */
function rest(reader: LogReader): string {
  let text = "";
  for (let lines = reader.next(); lines; lines = reader.next())
    for (const { data } of decodeOutput(lines)) text += Buffer.from(data).toString();
  return text;
}
function read(tail?: number): string {
  using reader = new LogReader(log, { tail });
  return rest(reader);
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join("");
const lines = (from: number, to: number) => logOf("stdout", Buffer.from(numbers(from, to)), "2024-05-01T10:00:00.000000000Z");
/** A line is some 50 bytes: 20 of them fill a file. */
const limit: LogLimit = { maxSize: 1000, maxFile: 3 };

describe("the last lines", () => {
  test("of one file, larger than what is read at once", () => {
    writeFileSync(log, lines(0, 10_000));
    for (const count of [0, 1, 2, 1000, 5000, 9999]) expect(read(count)).toBe(numbers(10_000 - count, 10_000));
    expect(read(10_000)).toBe(numbers(0, 10_000));
    expect(read(20_000)).toBe(numbers(0, 10_000));
  });

  test("of rotated files, some of them in older ones", () => {
    writeFileSync(`${log}.9`, lines(0, 10));
    writeFileSync(`${log}.10`, lines(10, 20));
    writeFileSync(log, lines(20, 30));
    for (const count of [0, 1, 9, 10, 11, 20, 25, 30, 99]) expect(read(count)).toBe(numbers(Math.max(0, 30 - count), 30));
    writeFileSync(log, "");
    expect(read(1)).toBe("line 19\n");
    expect(read(0)).toBe("");
  });

  test("a line in parts is one, also across files; an unfinished one counts", () => {
    const text = "x".repeat(20_000);
    writeFileSync(`${log}.1`, logOf("stdout", Buffer.from(`first\n${text.slice(0, 9000)}`), "t"));
    writeFileSync(log, logOf("stdout", Buffer.from(`${text.slice(9000)}\nlast`), "t"));
    expect(read(1)).toBe("last");
    expect(read(2)).toBe(`${text}\nlast`);
    expect(read(3)).toBe(`first\n${text}\nlast`);
  });
});

describe("reading while the log is written", () => {
  test("a line is given when it is whole", () => {
    const [line] = [lines(0, 1)];
    writeFileSync(log, line.subarray(0, 20));
    using reader = new LogReader(log);
    expect(rest(reader)).toBe("");
    writeFileSync(log, line.subarray(20), { flag: "a" });
    expect(rest(reader)).toBe("line 0\n");
  });

  test("a log that is not there yet", () => {
    using reader = new LogReader(log);
    expect(rest(reader)).toBe("");
    writeFileSync(log, lines(0, 1));
    expect(rest(reader)).toBe("line 0\n");
  });

  test.each([1, 2, 3, 7])("a follower that looks now and then misses nothing that is kept in %i files", (maxFile) => {
    using writer = new LogWriter(log, { maxSize: 1000, maxFile });
    using reader = new LogReader(log);
    let seen = "";
    for (let at = 0; at < 500; at++) {
      writer.write("stdout", Buffer.from(`line ${at}\n`));
      if (at % (maxFile * 10) === 0) seen += rest(reader);
    }
    seen += rest(reader);
    expect(seen).toBe(numbers(0, 500));
    expect(reader.hasMissed).toBe(false);
  });

  test("a follower that was held up goes on with the oldest that is kept, in order", () => {
    using writer = new LogWriter(log, limit);
    using reader = new LogReader(log);
    writer.write("stdout", Buffer.from(numbers(0, 5)));
    expect(rest(reader)).toBe(numbers(0, 5));
    for (let at = 5; at < 500; at++) writer.write("stdout", Buffer.from(`line ${at}\n`));
    expect(reader.hasMissed).toBe(false);
    const seen = rest(reader);
    expect(reader.hasMissed).toBe(true);
    expect(reader.hasMissed).toBe(false); // it was told
    const lines = [...seen.matchAll(/line (\d+)\n/g)].map(([, number]) => Number(number));
    // Its own file to the end, then what is kept: one gap, where the files between them were.
    const gaps = lines.flatMap((number, at) => (at > 0 && number !== lines[at - 1]! + 1 ? [at] : []));
    expect(gaps).toHaveLength(1);
    const [before, after] = [lines[gaps[0]! - 1]!, lines[gaps[0]!]!];
    expect(after).toBeGreaterThan(400);
    expect(seen).toBe(numbers(5, before + 1) + numbers(after, 500));
  });

  test.each([
    [1, 25, false],
    [1, 26, false],
    [1, 60, true],
    [1, 200, true],
    [2, 40, false],
    [2, 200, true],
  ])("with %i files a follower that looks again after %i lines more misses some: %s", (maxFile, more, misses) => {
    using writer = new LogWriter(log, { maxSize: 1000, maxFile });
    const write = (from: number, to: number) => {
      for (let at = from; at < to; at++) writer.write("stdout", Buffer.from(`line ${at}\n`));
    };
    using reader = new LogReader(log);
    write(0, 5);
    expect(rest(reader)).toBe(numbers(0, 5));
    write(5, 5 + more);
    expect(rest(reader) === numbers(5, 5 + more)).toBe(!misses);
    expect(reader.hasMissed).toBe(misses);
    // One that comes late has what is kept, and has missed nothing that it was promised.
    using late = new LogReader(log);
    expect(numbers(0, 5 + more).endsWith(rest(late))).toBe(true);
    expect(late.hasMissed).toBe(false);
  });

  test("a file that has just taken the log's place, with nothing in it yet, is no gap", () => {
    writeFileSync(log, lines(0, 10));
    using reader = new LogReader(log);
    expect(rest(reader)).toBe(numbers(0, 10));
    keepGeneration(log);
    rmSync(log);
    writeFileSync(log, "");
    expect(rest(reader)).toBe("");
    writeFileSync(log, lines(10, 20), { flag: "a" });
    expect(rest(reader)).toBe(numbers(10, 20));
    expect(reader.hasMissed).toBe(false);
  });

  test("a full file that has its further name already is read once", () => {
    writeFileSync(log, lines(0, 10));
    keepGeneration(log);
    using reader = new LogReader(log);
    expect(rest(reader)).toBe(numbers(0, 10));
    writeFileSync(log, lines(10, 11), { flag: "a" }); // the monitor has not opened the new one yet
    expect(rest(reader)).toBe(numbers(10, 11));
    rmSync(log);
    writeFileSync(log, lines(11, 12));
    expect(rest(reader)).toBe(numbers(11, 12));
    expect(read()).toBe(numbers(0, 12));
    expect(read(2)).toBe(numbers(10, 12));
  });
});

describe("the limit", () => {
  const disk = () => readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).blocks * 512, 0);

  test("files are as large and as many as asked for", () => {
    using writer = new LogWriter(log, limit);
    for (let at = 0; at < 500; at++) writer.write("stdout", Buffer.from(`line ${at}\n`));
    const files = readdirSync(directory).sort();
    expect(files).toHaveLength(3);
    for (const name of files) expect(statSync(join(directory, name)).size).toBeLessThan(1100);
    expect(read()).toBe(numbers(500 - read().split("\n").length + 1, 500));
    expect(read().length).toBeGreaterThan(300);
  });

  test("of a file that became much too large the end is kept, the rest of the disk given back", () => {
    const limit = { maxSize: 100_000, maxFile: 3 };
    writeFileSync(log, lines(0, 100_000));
    keepGeneration(log);
    rmSync(log);
    writeFileSync(log, lines(100_000, 100_010));
    prune(log, limit);
    expect(disk()).toBeLessThan(220_000);
    const kept = read();
    const first = Number(/^line (\d+)\n/.exec(kept)![1]);
    expect(kept).toBe(numbers(first, 100_010));
    expect(100_000 - first).toBeGreaterThan(3800); // 200,000 bytes of 51 each
  });
});

test.each<[string, Record<string, string>, LogLimit | undefined]>([
  ["json-file", {}, { maxSize: 20e6, maxFile: 5 }],
  ["k8s-file", { "max-file": "3" }, { maxSize: 20e6, maxFile: 3 }],
  ["json-file", { "max-size": "-1" }, undefined],
  ["local", { "max-size": "-1", "max-file": "2" }, undefined],
  ["json-file", { "max-size": "10k" }, { maxSize: 10_000, maxFile: 1 }],
  ["k8s-file", { "max-size": "1.5m", "max-file": "3" }, { maxSize: 1_500_000, maxFile: 3 }],
  ["k8s-file", { "max-size": "2GB" }, { maxSize: 2e9, maxFile: 1 }],
  ["local", {}, { maxSize: 20e6, maxFile: 5 }],
  ["none", {}, undefined],
])("%s with %j", (Type, Config, wanted) => {
  checkLogConfig({ Type, Config });
  expect(limitOf({ Type, Config })).toEqual(wanted);
});

test.each<[unknown, Parameters<typeof withLogSettings>[0], unknown]>([
  [{}, undefined, { Type: "k8s-file", Config: {} }],
  [{ "log-driver": "local" }, undefined, { Type: "local", Config: {} }],
  [{ "log-opts": { "max-size": "1m" } }, undefined, { Type: "k8s-file", Config: { "max-size": "1m" } }],
  [
    { "log-opts": { "max-size": "1m" } },
    { Type: "", Config: { "max-file": "2" } },
    { Type: "k8s-file", Config: { "max-size": "1m", "max-file": "2" } },
  ],
  [{ "log-opts": { "max-size": "1m" } }, { Type: "", Config: { "max-size": "-1" } }, { Type: "k8s-file", Config: { "max-size": "-1" } }],
  [
    { "log-driver": "local", "log-opts": { "max-size": "1m" } },
    { Type: "none", Config: {} },
    { Type: "none", Config: {} },
  ],
])("the host's %j and the container's %j", (settings, given, wanted) => {
  expect(withLogSettings(given, parseSettings(JSON.stringify(settings), "config.json"))).toEqual(wanted);
});

test.each([
  ["{", /cannot use the configuration file "c.json": .*JSON/],
  ["[]", /it is no JSON object/],
  ['{"log-driver": 1}', /"log-driver" must be a text/],
  ['{"log-opts": {"max-size": 10}}', /"log-opts" must be an object of texts/],
  ['{"logs": {}}', /"logs" is not known; known are log-driver, log-opts/],
])("the configuration file %j is refused", (text, message) => {
  expect(() => parseSettings(text, "c.json")).toThrow(message);
});

test.each<[string, Record<string, string>, string]>([
  ["syslog", {}, 'error looking up logging plugin syslog: plugin "syslog" not found'],
  ["json-file", { size: "1" }, "unknown log opt 'size' for json-file log driver"],
  ["json-file", { "max-size": "lots" }, "invalid max-size: 'lots'"],
  ["json-file", { "max-size": "0" }, "max-size must be a positive number"],
  ["json-file", { "max-size": "-1k" }, "max-size must be a positive number"],
  ["json-file", { "max-size": "1k", "max-file": "0" }, "max-file cannot be less than 1"],
  ["json-file", { "max-file": "x" }, 'invalid max-file "x"'],
  ["json-file", { "max-size": "1k", compress: "true" }, "cannot compress"],
])("%s with %j is refused", (Type, Config, message) => {
  expect(() => checkLogConfig({ Type, Config })).toThrow(message);
});
