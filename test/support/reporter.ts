/**
 * A vitest reporter that counts, and judges skips: a test may be skipped only with a reason, and only with one that
 * expected-skips.ts confirms for this machine. `scripts/test.mjs` prints the counts as the run's last line.
 */
import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { isExpectedSkip } from "./expected-skips.ts";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that were skipped without a reason that holds here. */
  unexpectedSkips: string[];
}

/** Path of the file the counts are written to, as JSON. */
const target = process.env["BERTH_TEST_COUNTS"];

export default class CountingReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0, unexpectedSkips: [] };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === "passed") this.#counts.passed++;
    else if (result.state === "failed") this.#counts.failed++;
    else this.#skip(test, result.state === "skipped" ? result.note : undefined);
  }

  #skip(test: TestCase, note: string | undefined): void {
    this.#counts.skipped++;
    if (note !== undefined && isExpectedSkip(note)) return;
    this.#counts.unexpectedSkips.push(`${test.module.relativeModuleId}: ${test.fullName}${note ? ` (${note})` : " (no reason given)"}`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    // A module that cannot even be loaded has no test to count.
    const broken = modules.filter((module) => module.state() === "failed" && [...module.children.allTests("failed")].length === 0);
    this.#counts.failed += broken.length + unhandled.length;
    if (target) writeFileSync(target, JSON.stringify(this.#counts));
  }
}
