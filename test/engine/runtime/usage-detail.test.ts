/** All that the kernel counts, read of both kinds of control groups, as files that look like theirs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDetail } from "../../../engine/runtime/usage.ts";

let mountpoint: string;
beforeEach(() => {
  mountpoint = mkdtempSync(join(tmpdir(), "berth-cgroup-"));
});
afterEach(() => rmSync(mountpoint, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(mountpoint, path, ".."), { recursive: true });
    writeFileSync(join(mountpoint, path), text);
  }
}

test("control groups v1", () => {
  write({
    "cpuacct/g/cpuacct.stat": "user 3\nsystem 4\n",
    "cpuacct/g/cpuacct.usage_percpu": "10 20 \n",
    "cpu/g/cpu.stat": "nr_periods 5\nnr_throttled 6\nthrottled_time 7\n",
    "memory/g/memory.usage_in_bytes": "4096\n",
    "memory/g/memory.max_usage_in_bytes": "8192\n",
    "memory/g/memory.failcnt": "9\n",
    "memory/g/memory.stat": "cache 1\ntotal_inactive_file 2\n",
    "blkio/g/blkio.throttle.io_service_bytes": "8:16 Read 11\n8:16 Write 12\nTotal 23\n",
  });
  expect(readDetail("/g", mountpoint)).toEqual({
    cpu: { user: 3e7, kernel: 4e7, perCpu: [10, 20], periods: 5, throttled: 6, throttledTime: 7 },
    memory: { usage: 4096, max: 8192, failures: 9, stats: { cache: 1, total_inactive_file: 2 } },
    blocks: [
      { major: 8, minor: 16, op: "Read", value: 11 },
      { major: 8, minor: 16, op: "Write", value: 12 },
    ],
  });
});

test("control groups v2", () => {
  write({
    "cgroup.controllers": "cpu memory\n",
    "g/cpu.stat": "usage_usec 9\nuser_usec 3\nsystem_usec 4\nnr_periods 5\nnr_throttled 6\nthrottled_usec 7\n",
    "g/memory.current": "4096\n",
    "g/memory.stat": "anon 1\ninactive_file 2\n",
    "g/io.stat": "8:0 rbytes=11 wbytes=12 rios=1 wios=1 dbytes=0 dios=0\n",
  });
  expect(readDetail("/g", mountpoint)).toEqual({
    cpu: { user: 3000, kernel: 4000, periods: 5, throttled: 6, throttledTime: 7000 },
    memory: { usage: 4096, stats: { anon: 1, inactive_file: 2 } },
    blocks: [
      { major: 8, minor: 0, op: "read", value: 11 },
      { major: 8, minor: 0, op: "write", value: 12 },
    ],
  });
  expect(readDetail("/gone", mountpoint).memory).toEqual({ usage: 0, stats: {} });
});
