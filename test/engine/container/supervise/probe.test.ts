/** What a health check writes: its beginning is kept, and nothing else of it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { LimitedOutput } from "../../../../engine/container/supervise/probe.ts";

test("a probe that never stops writing takes no memory", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const before = process.memoryUsage().arrayBuffers;
  const output = new LimitedOutput();
  const sink = output.sink();
  for (let chunk = 0; chunk < 2000; chunk++) sink.write(Buffer.alloc(64 * 1024, "y"));
  await new Promise(setImmediate); // streams hold on to what was written until then
  collect();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  expect(output.text).toBe(`${"y".repeat(4096)}...`);
});
