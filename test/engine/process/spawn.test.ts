import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { findProgram } from "../../../engine/process/spawn.ts";
import { withFewDescriptors } from "../../support/programs.ts";

const imports = `import { runProcess, spawnProcess } from ${JSON.stringify(new URL("../../../engine/process/spawn.ts", import.meta.url).href)};`;

test("a program that cannot be started for want of descriptors is an error, not a child without pipes", () => {
  const text = `
await runProcess("/bin/true", []);
let said = "started";
exhausted(() => {
  try { spawnProcess("/bin/true", []); } catch ({ code, message }) { said = code + ": " + message; }
});
console.log(said, (await runProcess("/bin/true", [])).status);`;
  expect(withFewDescriptors(imports, text)).toBe('system: cannot run "/bin/true": too many open files 0\n');
});

test("a program is a file: a directory of its name is none", () => {
  expect(findProgram("/bin/true")).toBe("/bin/true");
  expect(findProgram("true")).toMatch(/\/true$/);
  for (const name of [tmpdir(), "/nothing", "/etc/passwd"]) expect(findProgram(name)).toBeUndefined();
});
