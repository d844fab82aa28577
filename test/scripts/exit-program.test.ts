/** What takes a short command's place when it ends: nothing but a status, on this machine and by its headers on the others. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, used by npm too
import { exitProgram } from "../../scripts/exit-program.mjs";

test("as many words as it is given are its status", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-exit-"));
  try {
    const program = join(directory, "exit");
    writeFileSync(program, exitProgram(process.arch), { mode: 0o755 });
    const statusOf = (status: number) => spawnSync(program, Array<string>(status).fill(""), { env: {} });
    for (const status of [0, 1, 125, 255])
      expect(statusOf(status)).toMatchObject({ status, signal: null, output: [null, Buffer.of(), Buffer.of()] });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  ["x64", 62],
  ["arm64", 183],
])("an executable for %s", (architecture, machine) => {
  const elf = exitProgram(architecture);
  expect(elf.subarray(0, 7)).toEqual(Buffer.from("\x7fELF\x02\x01\x01", "latin1"));
  expect(elf.readUInt16LE(18)).toBe(machine);
  const entry = Number(elf.readBigUInt64LE(24));
  const [offset, address, size] = [8, 16, 32].map((field) => Number(elf.readBigUInt64LE(64 + field))); // of the segment
  expect({ offset, size }).toEqual({ offset: 0, size: elf.length });
  expect(entry - address!).toBe(64 + 2 * 56);
});
