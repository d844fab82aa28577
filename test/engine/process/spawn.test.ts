import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** Takes all descriptors, starts a program, gives them back and starts it again. */
const script = `
import { closeSync, openSync } from "node:fs";
import { runProcess, spawnProcess } from ${JSON.stringify(new URL("../../../engine/process/spawn.ts", import.meta.url).href)};
await runProcess("/bin/true", []);
const taken = [];
try { for (;;) taken.push(openSync("/dev/null", "r")); } catch {}
let said = "started";
try { spawnProcess("/bin/true", []); } catch ({ code, message }) { said = code + ": " + message; }
for (const fd of taken) closeSync(fd);
console.log(said, (await runProcess("/bin/true", [])).status);
`;

test("a program that cannot be started for want of descriptors is an error, not a child without pipes", () => {
  const line = ['ulimit -n 100; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"', process.execPath, script];
  expect(execFileSync("sh", ["-c", ...line], { encoding: "utf8" })).toBe('system: cannot run "/bin/true": too many open files 0\n');
});
