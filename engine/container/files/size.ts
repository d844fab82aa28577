/** `-s`: bytes of a container's own layer, without what every start puts there, and of it with its image. */
import { closeSync } from "node:fs";
import { findImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { linkInRoot } from "../../sys/in-root.ts";
import { openDirectory, treeSize } from "../../sys/tree.ts";
import { mountsLink } from "../mounts/index.ts";
import { filesOf, findById } from "../record/index.ts";

export async function sizesOf(ground: Ground, id: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const record = findById(ground, id);
  const { upper } = filesOf(ground, id);
  const SizeRw = treeSize(upper) - sizeOfMountsLink(upper);
  const image = record && findImage(ground, record.image)?.image;
  return { SizeRw, SizeRootFs: SizeRw + (image?.size ?? 0) };
}

/** Nothing where the layer is not there: before the first start, and once the container is being removed. */
function sizeOfMountsLink(upper: string): number {
  const directory = openDirectory(upper);
  if (directory === undefined) return 0;
  try {
    return linkInRoot(directory, "/etc/mtab") === mountsLink ? mountsLink.length : 0;
  } finally {
    closeSync(directory);
  }
}
