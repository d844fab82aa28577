/** Pages of the program that are given back: none that is this process's own, and the program goes on. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { leaveFreed, leaveProgramPages, unchangedFiles } from "../../../engine/sys/program-pages.ts";

const mapping = (head: string, counters: Record<string, number> = {}) =>
  `${head}\nSize: 8 kB\nRss: 8 kB\n${["Shared_Dirty", "Private_Dirty", "Anonymous", "Locked"].map((name) => `${name}:  ${counters[name] ?? 0} kB\n`).join("")}VmFlags: rd\n`;

test("of files, not writable, and as the file has them", () => {
  const smaps = [
    mapping("00400000-00402000 r-xp 00000000 08:01 42    /bin/node"),
    mapping("00500000-00501000 r--p 00001000 08:01 42    /bin/node", { Private_Dirty: 4, Anonymous: 4 }), // relocated
    mapping("00600000-00601000 rw-p 00002000 08:01 42    /bin/node"),
    mapping("00700000-00701000 r--s 00000000 08:01 43    /dev/shm/shared"),
    mapping("00800000-00801000 r-xp 00000000 00:00 0"), // compiled by V8
    mapping("00900000-00901000 r--p 00000000 08:01 44    /lib/locked.so", { Locked: 4 }),
    mapping("7f0000000000-7f0000001000 r--p 00000000 08:01 45    /lib/a b.so"),
  ].join("");
  expect(unchangedFiles(smaps)).toEqual([
    { start: 0x400000, end: 0x402000 },
    { start: 0x7f0000000000, end: 0x7f0000001000 },
  ]);
  expect(unchangedFiles("")).toEqual([]);
});

test("this process gives them back, and goes on", () => {
  const inFiles = () => Number(/RssFile:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const before = inFiles();
  leaveFreed();
  leaveProgramPages();
  expect(inFiles()).toBeLessThan(before / 2);
  expect(JSON.parse(JSON.stringify({ a: [1, "two", /three/.test("three")] }))).toEqual({ a: [1, "two", true] });
});
