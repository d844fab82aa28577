/** What programs say of their versions. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { programVersion } from "../../../engine/host/operating-system.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-version-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const program = join(directory, "program");
const calls = join(directory, "calls");

function install(version: string): void {
  const script = `#!/bin/sh\necho "$@" >> ${calls}\necho program version ${version}\n`;
  writeFileSync(`${program}.new`, script, { mode: 0o755 });
  renameSync(`${program}.new`, program);
}

test("a program is asked once, and again when another is in its place", async () => {
  install("1.2.3");
  expect(await Promise.all([programVersion(program), programVersion(program)])).toEqual(["1.2.3", "1.2.3"]);
  expect(await programVersion(program)).toBe("1.2.3");
  expect(readFileSync(calls, "utf8")).toBe("--version\n");
  install("1.2.4");
  expect(await programVersion(program)).toBe("1.2.4");
  rmSync(program);
  expect(await programVersion(program)).toBe("");
});
