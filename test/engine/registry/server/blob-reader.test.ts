/** Files of blobs are let go of, however far they were read. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readFileOf } from "../../../../engine/registry/server/storage/blob-reader.ts";
import { startServer } from "./scene.ts";

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

test.each([1, 17, 40])("%i at the same time get the same", async (count) => {
  const bytes = Buffer.alloc(1_234_567, "0123456789abcdef-");
  const path = join(directory, "shared");
  writeFileSync(path, bytes);
  const read = async () => {
    await using chunks = await readFileOf(path);
    const copies: Buffer[] = [];
    for await (const chunk of chunks) copies.push(Buffer.from(chunk));
    return Buffer.concat(copies).equals(bytes);
  };
  expect(await Promise.all(Array.from({ length: count }, read))).toEqual(Array.from({ length: count }, () => true));
});

test("the memory of what was written is given back at once", async () => {
  await using server = await startServer();
  const upload = server.storage.startUpload("app", "sha256");
  const sent: Buffer[] = [];
  async function* body() {
    for (let at = 0; at < 100; at++) yield sent[sent.push(Buffer.allocUnsafeSlow(64 << 10).fill(at)) - 1]!;
  }
  await upload.append(body());
  expect(upload.size).toBe(100 * (64 << 10));
  expect(sent.filter(({ length }) => length > 0)).toEqual([]);
});
