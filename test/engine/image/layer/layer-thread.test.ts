/** Layer workers that are ended at whatever point: in their native calls, the process would be aborted with them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tarOf } from "../scene.ts";

/** Cancels imports later and later in a worker's life, then exits in the middle of one. */
const program = `
  import { readFileSync } from "node:fs";
  import { Readable } from "node:stream";
  import { setTimeout as delay } from "node:timers/promises";
  const { openHouse } = await import(process.argv[1]);
  const [, , root, archive] = process.argv;
  const house = openHouse({ root, self: [] });
  const bytes = readFileSync(archive);
  const take = async (signal) => {
    for await (const _ of house.images.import(Readable.from([bytes]), { signal })) continue;
  };
  const ends = new Set();
  for (let round = 0; round < 60; round++) {
    const controller = new AbortController();
    const taking = take(controller.signal).then(() => "done", (error) => error.code);
    await delay(100 + round * 3);
    controller.abort();
    ends.add(await taking);
  }
  console.log([...ends].sort().join());
  take();
  await delay(200);
  process.exit(7);
`;

test("a layer worker that is cancelled, or whose process exits, takes nothing with it", { timeout: 240_000 }, () => {
  const work = mkdtempSync(join(tmpdir(), "berth-thread-"));
  try {
    const archive = join(work, "layer.tar");
    const entries = Array.from({ length: 200 }, (_, at) => ({ name: `file-${at}`, content: String(at) }));
    writeFileSync(archive, tarOf(...entries));
    const house = new URL("../../../../engine/house.ts", import.meta.url).href;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program, house, join(work, "root"), archive];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: "" });
    expect(stdout.split(/[,\n]/)[0]).toBe("cancelled");
  } finally {
    rmSync(work, { recursive: true });
  }
});
