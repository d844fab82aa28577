import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runsPrograms } from "../../../engine/sys/binfmt.ts";

/** As the kernel shows what Debian's qemu-user-static registers. */
const aarch64 = (state: string) => `${state}
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: POCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-binfmt-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("a host runs its own programs, and those its processor has beside them", () => {
  expect(runsPrograms("amd64", "amd64", directory)).toBe(true);
  expect(runsPrograms("386", "amd64", directory)).toBe(true);
  expect(runsPrograms("arm", "arm64", directory)).toBe(true);
  expect(runsPrograms("amd64", "arm64", directory)).toBe(false);
});

test("others by what is registered, while it is enabled", () => {
  expect(runsPrograms("arm64", "amd64", join(directory, "not-mounted"))).toBe(false);
  writeFileSync(join(directory, "qemu-aarch64"), aarch64("disabled"));
  expect(runsPrograms("arm64", "amd64", directory)).toBe(false);
  writeFileSync(join(directory, "qemu-aarch64"), aarch64("enabled"));
  expect(runsPrograms("arm64", "amd64", directory)).toBe(true);
  expect(runsPrograms("riscv64", "amd64", directory)).toBe(false);
});

test("of an architecture that nobody knows here, starting it will tell", () => {
  expect(runsPrograms("sparc64", "amd64", directory)).toBe(true);
});
