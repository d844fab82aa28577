/** Files of the kernel's: read whole, and again and again without opening them anew. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KeptPseudoFiles, readPseudoFile } from "../../../engine/sys/pseudo-file.ts";

const openOnes = (path: string) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // that of the directory itself
    }
  }).length;

test("one of many pages is read whole", () => {
  const text = readPseudoFile("/proc/kallsyms");
  expect(text).toHaveLength(64 * 1024);
  expect(readFileSync("/proc/kallsyms", "latin1").startsWith(text.slice(0, text.lastIndexOf("\n")))).toBe(true);
});

test("what is kept open says what is now; what is not asked for any more is closed", () => {
  const comm = `/proc/${process.pid}/comm`;
  const [own, other] = [`/proc/${process.pid}/oom_score_adj`, `/proc/${process.pid}/cgroup`];
  const before = readFileSync(comm, "latin1");
  const files = new KeptPseudoFiles(2);
  try {
    expect(files.read(comm)).toBe(before);
    writeFileSync(comm, "another");
    expect(files.read(comm)).toBe("another\n");
    expect([files.read(own), files.read(other)]).toEqual([readPseudoFile(own), readPseudoFile(other)]);
    expect([comm, own, other].map(openOnes)).toEqual([1, 1, 0]);
    files.sweep();
    files.read(comm);
    files.sweep();
    expect([comm, own, other].map(openOnes)).toEqual([1, 0, 0]);
  } finally {
    files[Symbol.dispose]();
    writeFileSync(comm, before.trim());
  }
  expect(openOnes(comm)).toBe(0);
});

test("of a process that has ended nothing is read, nor kept", async () => {
  using files = new KeptPseudoFiles();
  const child = spawn("sleep", ["1000"]);
  const path = `/proc/${child.pid}/oom_score_adj`;
  expect(files.read(path)).toBe(readPseudoFile(path));
  child.kill();
  await once(child, "exit");
  expect(() => files.read(path)).toThrow("ENOENT");
  expect(openOnes(path)).toBe(0);
});
