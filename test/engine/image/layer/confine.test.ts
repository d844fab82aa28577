/** What a layer worker shuts itself into is its own affair: the rest of the process keeps its root. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tarOf } from "../scene.ts";

/** A process whose first use of the thread pool is the worker's decompression; then the main thread uses it. */
const program = `
  import { readFileSync } from "node:fs";
  import { readdir, stat } from "node:fs/promises";
  import { Readable } from "node:stream";
  const { openHouse } = await import(process.argv[1]);
  const [, , root, archive] = process.argv;
  const house = openHouse({ root, self: [] });
  for await (const _ of house.images.import(Readable.from([readFileSync(archive)]))) continue;
  const names = await Promise.all(Array.from({ length: 8 }, () => readdir("/").then((found) => found.includes("proc"))));
  const { isDirectory } = await stat(root).then((stats) => ({ isDirectory: stats.isDirectory() }));
  console.log(JSON.stringify({ names, isDirectory }));
  await house.close();
`;

test("asynchronous file calls of the main thread stay outside of the layer", () => {
  const work = mkdtempSync(join(tmpdir(), "berth-confine-"));
  try {
    const archive = join(work, "layer.tar.gz");
    writeFileSync(archive, gzipSync(tarOf({ name: "a", content: "b" })));
    const house = new URL("../../../../engine/house.ts", import.meta.url).href;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program, house, join(work, "root"), archive];
    const printed = execFileSync(process.execPath, args, { encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ names: Array(8).fill(true), isDirectory: true });
  } finally {
    rmSync(work, { recursive: true });
  }
});
