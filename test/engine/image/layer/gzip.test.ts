/** A layer compressed in blocks is one ordinary gzip member, and the same one wherever it is made. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { gzip } from "../../../../engine/image/layer/gzip.ts";
import { chance, testSeed } from "../../../support/random.ts";

const { below } = chance(testSeed);
const noise = (length: number) => Buffer.from(Uint8Array.from({ length }, () => below(256)));
const words = Buffer.from(Array.from({ length: 200_000 }, () => ["layer", "digest", "blob", "\n", "0"][below(5)]).join(" "));
const text = (length: number) => words.subarray(0, length);
/** 1.9 MB: what is left as it is and what is not, in stretches that begin and end anywhere, and over the blocks' ends. */
const mixed = Buffer.concat([text(300_001), noise(400_003), Buffer.alloc(250_000), text(17), noise(9000), text(600_000), noise(370_000)]);

async function* inPieces(bytes: Buffer, size: () => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + size());
    at += piece.length;
    yield piece;
  }
}

async function compress(bytes: Buffer, size: () => number = () => 1 << 19): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(gzip(inPieces(bytes, size))));
}

test.each([
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("a")],
  ["exactly one block", text(1 << 19)],
  ["noise", noise((1 << 19) + 1)],
  ["both", mixed],
])("%s comes back, by Node and by gzip(1)", async (_, bytes) => {
  const packed = await compress(bytes);
  expect(gunzipSync(packed).equals(bytes)).toBe(true);
  expect(execFileSync("gzip", ["-dc"], { input: packed, maxBuffer: 1 << 23 }).equals(bytes)).toBe(true);
});

test("noise costs next to nothing, text becomes small", async () => {
  expect((await compress(noise(300_000))).length).toBeLessThan(300_100);
  expect((await compress(text(300_000))).length).toBeLessThan(100_000);
});

describe("the same bytes", () => {
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

  test("in whatever pieces they came", async () => {
    const whole = digest(await compress(mixed));
    for (const size of [() => 1 << 19, () => 1000, () => mixed.length, () => 1 + below(100_000)])
      expect(digest(await compress(mixed, size))).toBe(whole);
  });

  test("on whatever number of threads", async () => {
    const script = `
      import { createHash } from "node:crypto";
      import { gzip } from ${JSON.stringify(import.meta.resolve("../../../../engine/image/layer/gzip.ts"))};
      const hash = createHash("sha256");
      for await (const chunk of gzip(process.stdin)) hash.update(chunk);
      console.log(hash.digest("hex"));`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
    const on = (threads: number) =>
      execFileSync(process.execPath, args, { input: mixed, env: { UV_THREADPOOL_SIZE: String(threads) }, encoding: "utf8" }).trim();
    expect([1, 2, 7].map(on)).toEqual(Array(3).fill(digest(await compress(mixed))));
  });
});

test("an end in the middle is the reader's and the source's to see", async () => {
  let ended = false;
  const source = async function* () {
    try {
      for (;;) yield noise(1 << 17);
    } finally {
      ended = true;
    }
  };
  for await (const chunk of gzip(source())) if (chunk.length > 100) break;
  expect(ended).toBe(true);
  const failing = async function* () {
    yield text(1000);
    throw new Error("gone");
  };
  await expect(Array.fromAsync(gzip(failing()))).rejects.toThrow("gone");
});
