import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LogReader } from "../../../../engine/container/logs/index.ts";

test("the last bytes of a log begin with a whole line", () => {
  const work = mkdtempSync(join(tmpdir(), "berth-log-"));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const log = join(work, "ctr.log");
  writeFileSync(log, "one\ntwo\nthree\n");
  const from = (bytes: number) => {
    using reader = new LogReader(log, { bytes });
    return reader.next()?.toString();
  };
  expect(from(100)).toBe("one\ntwo\nthree\n");
  expect(from(9)).toBe("three\n");
  expect(from(8)).toBe("three\n");
  expect(from(1)).toBeUndefined();
});
