import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compressionOf, openDecompressor } from "../../../../engine/image/layer/decompress.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { chance, testSeed } from "../../../support/random.ts";
import { addLayer, sha256, tarOf } from "../scene.ts";

const { next, below } = chance(testSeed);
const noise = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
/** A frame that holds no data: one of 16 numbers, a length, anything. */
const skippable = (content: string) => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + below(16));
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
};
const frame = (bytes: Buffer, params: Record<number, number> = {}) => zstdCompressSync(bytes, { params });

async function unpack(archive: Buffer, size: number): Promise<Buffer> {
  const { stream, cut } = openDecompressor(compressionOf(archive)!, 1 << 16);
  const parts: Buffer[] = [];
  const ended = new Promise((resolve, reject) => {
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", resolve).on("error", reject);
  });
  for (let at = 0; at < archive.length; at += size) for (const piece of cut(archive.subarray(at, at + size))) stream.write(piece);
  stream.end();
  await ended;
  return Buffer.concat(parts);
}

describe("what is compressed part by part is read to its end", () => {
  const parts = [
    noise(200_000),
    Buffer.alloc(500_000, "a"),
    Buffer.alloc(0),
    Buffer.from("short"),
    noise(70_000),
    Buffer.alloc(70_000, "b"),
  ];
  const whole = Buffer.concat(parts);
  const checked = { [constants.ZSTD_c_checksumFlag]: 1 };
  const archives: [string, Buffer][] = [
    ["gzip", Buffer.concat(parts.map((part) => gzipSync(part)))],
    ["zstd", Buffer.concat(parts.map((part) => frame(part)))],
    ["zstd with checksums", Buffer.concat(parts.map((part) => frame(part, checked)))],
    ["zstd without sizes", Buffer.concat(parts.map((part) => frame(part, { [constants.ZSTD_c_contentSizeFlag]: 0 })))],
    [
      "zstd with frames of other things",
      Buffer.concat([skippable("first"), ...parts.map((part) => frame(part)), skippable(""), skippable("end")]),
    ],
  ];

  test.each(archives)("%s", async (_, archive) => {
    for (const size of [1 << 30, 4096, 1 + Math.floor(next() * 50)])
      expect((await unpack(archive, size)).equals(whole), `${size}`).toBe(true);
  });
});

test("what follows a frame and is none is refused, and so is an end in the middle", async () => {
  const good = frame(Buffer.from("text"));
  await expect(unpack(Buffer.concat([good, Buffer.from("garbage")]), 100)).rejects.toThrow();
  await expect(unpack(Buffer.concat([good, good.subarray(0, 9)]), 100)).rejects.toThrow();
  await expect(unpack(Buffer.concat([good, skippable("cut").subarray(0, 6)]), 100)).rejects.toThrow();
});

describe("layers", () => {
  let scene: TestEngine;
  beforeAll(() => void (scene = openTestEngine()));
  afterAll(() => scene[Symbol.asyncDispose]());

  test("zstd:chunked, as containers/storage writes it: a frame per file, and its table of contents at the end", async () => {
    const archive = tarOf({ name: "one", content: noise(9000) }, { name: "two", content: "second" });
    const packed = Buffer.concat([
      frame(archive.subarray(0, 512)),
      frame(archive.subarray(512, 9728)),
      frame(archive.subarray(9728)),
      skippable("{}"),
    ]);
    expect((await addLayer(scene.engine, packed)).diffId).toBe(sha256(archive));
    expect((await addLayer(scene.engine, Buffer.concat([skippable("pzstd"), frame(archive)]))).diffId).toBe(sha256(archive));
  });
});
