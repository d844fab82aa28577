/** Other people's programs that a test compares with or borrows an archive from, where they are installed. */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { findProgram } from "../../engine/process/spawn.ts";

/** The program's path; without it the test is skipped, with a reason that the reporter checks. */
export function programOrSkip(context: TestContext, name: string): string {
  return findProgram(name) ?? context.skip(`needs the program ${name}`);
}

/** Runs a program to its end. @throws with what it wrote to standard error when it fails */
export function runProgram(program: string, args: readonly string[], input?: Buffer): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], input, maxBuffer: 64 << 20 });
}
