/** Archives poured into a slow sink, whose memory is used again: the same bytes as read, and the same ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packTree } from "../../../../engine/image/layer/index.ts";
import type { Pourable } from "../../../../engine/image/types.ts";
import { openTestEngine } from "../../../support/engine.ts";
import { chance } from "../../../support/random.ts";
import { addLayer } from "../scene.ts";
import { layerOf, shelve } from "../shelf.ts";

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "berth-lent-"));
  const random = chance(7);
  const noise = (size: number) => Buffer.from(Uint32Array.from({ length: size / 4 }, () => random.below(2 ** 32)).buffer);
  for (const [name, size] of Object.entries({ large: 6 << 20, odd: 1_000_004, small: 12 })) writeFileSync(join(tree, name), noise(size));
});
afterAll(() => rmSync(tree, { recursive: true }));

const packed = () => packTree(tree, { overlay: false, path: "", name: "" });

/** Looks at each chunk only when the thread has had every chance to write over it. */
async function poured(stream: Pourable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let underWay = 0;
  await stream.pour(async (chunk) => {
    expect(++underWay).toBe(1);
    for (let turns = 0; turns < 20; turns++) await turn();
    parts.push(Buffer.from(chunk));
    underWay--;
  });
  return Buffer.concat(parts);
}

test("what is poured is what is read, each chunk good until it is written", async () => {
  const read = await buffer(packed());
  expect(read.length).toBeGreaterThan(7_000_000);
  expect(read.equals(await poured(packed()))).toBe(true);
});

test("a chunk's memory is given away when the second after it is asked for", async () => {
  const memories: ArrayBufferLike[] = [];
  await packed().pour(async (chunk) => void memories.push(chunk.buffer));
  expect(memories.map(({ byteLength }) => byteLength > 0)).toEqual(memories.map((_, at) => at >= memories.length - 2));
});

test("a sink that fails ends it with its error, and the tree is let go", async () => {
  let released = 0;
  const stream = packTree(tree, { overlay: false, path: "", name: "" }, async () => void released++);
  const full = new Error("no space");
  await expect(stream.pour(() => Promise.reject(full))).rejects.toBe(full);
  expect({ released, destroyed: stream.destroyed }).toEqual({ released: 1, destroyed: true });
});

test("an image is the same poured; where its layer's files changed, both ways fail", async () => {
  await using opened = openTestEngine();
  const { engine } = opened;
  const { files } = await addLayer(engine, layerOf("base"));
  await shelve(engine, { references: ["app:1"], layers: ["base"] });
  const save = async () => (await engine.images.save(["app:1"])) as Readable & Pourable;
  const read = await buffer(await save());
  expect(read.equals(await poured(await save()))).toBe(true);
  writeFileSync(join(files, "files/base"), "BASE".repeat(100));
  const refusal = { code: "corrupt", message: expect.stringContaining("its files changed in the store") };
  await expect(save().then(buffer)).rejects.toMatchObject(refusal);
  await expect(save().then(poured)).rejects.toMatchObject(refusal);
  expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
});
