/** Contents that are not what their names say any more: a disk may forget. They are set aside, so that a push can bring them again. */
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { algorithmOf } from "../protocol/names.ts";
import { hashOf } from "./blob-writer.ts";
import { digestsIn } from "./collect.ts";
import type { Layout } from "./layout.ts";

export interface Scrubbed {
  /** Contents that were read. */
  checked: number;
  /** Digests of those that are damaged; they lie in `damaged/` now. */
  damaged: string[];
}

export async function scrub(layout: Layout): Promise<Scrubbed> {
  const result: Scrubbed = { checked: 0, damaged: [] };
  for await (const digest of digestsIn(join(layout.root, "blobs"))) {
    const hash = await hashOf(layout.content(digest), algorithmOf(digest), Number.POSITIVE_INFINITY);
    result.checked++;
    if (`${algorithmOf(digest)}:${hash.digest("hex")}` === digest) continue;
    await mkdir(layout.damaged, { recursive: true, mode: 0o700 });
    await rename(layout.content(digest), join(layout.damaged, digest.replace(":", "-")));
    result.damaged.push(digest);
  }
  return result;
}
