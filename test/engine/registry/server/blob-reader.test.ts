/** Files of blobs are let go of, however far they were read. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readFileOf } from "../../../../engine/registry/server/storage/blob-reader.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-blob-reader-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Descriptors of files in the directory. */
const held = () => readdirSync("/proc/self/fd").filter((fd) => target(fd).startsWith(directory)).length;

function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // that of the listing itself
  }
}

test.each([
  ["nothing", 0],
  ["the first piece", 1],
  ["all", Number.POSITIVE_INFINITY],
])("%s is read", async (_, pieces) => {
  const path = join(directory, "blob");
  writeFileSync(path, Buffer.alloc(3 << 20, "x"));
  {
    await using chunks = await readFileOf(path);
    expect(held()).toBe(1);
    let read = 0;
    if (pieces > 0) for await (const chunk of chunks) if (chunk.length > 0 && ++read >= pieces) break;
  }
  expect(held()).toBe(0);
});
