/** Other people's programs that a test compares with or borrows an archive from, where they are installed. */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { findProgram } from "../../engine/process/spawn.ts";

/** The program's path; without it the test is skipped, with a reason that the reporter checks. */
export function programOrSkip(context: TestContext, name: string): string {
  return findProgram(name) ?? context.skip(`needs the program ${name}`);
}

/**
 * Runs a module's text in a Node of its own that may hold a hundred descriptors. In it, `exhausted(body)` runs `body` while
 * none is left.
 * @param imports statements; a file by its URL
 * @returns what it printed
 */
export function withFewDescriptors(imports: string, text: string): string {
  const module = `
import { closeSync, openSync } from "node:fs";
${imports}
function exhausted(body) {
  const taken = [];
  try { for (;;) taken.push(openSync("/dev/null", "r")); } catch {}
  try { body(); } finally { for (const fd of taken) closeSync(fd); }
}
${text}`;
  const script = 'ulimit -n 100; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"';
  return execFileSync("sh", ["-c", script, process.execPath, module], { encoding: "utf8" });
}

/** Runs a program to its end. @throws with what it wrote to standard error when it fails */
export function runProgram(program: string, args: readonly string[], input?: Buffer): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], input, maxBuffer: 64 << 20 });
}
