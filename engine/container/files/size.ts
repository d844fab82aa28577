/** `-s`: bytes of a container's own layer, without what every start puts there, and of it with its image. */
import { findImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { linkInRoot } from "../../sys/in-root.ts";
import { treeSize } from "../../sys/tree.ts";
import { mountsLink } from "../mounts/index.ts";
import { filesOf, findById } from "../record/index.ts";

export async function sizesOf(ground: Ground, id: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const record = findById(ground, id);
  const { upper } = filesOf(ground, id);
  const SizeRw = treeSize(upper) - (linkInRoot(upper, "/etc/mtab") === mountsLink ? mountsLink.length : 0);
  const image = record && findImage(ground, record.image)?.image;
  return { SizeRw, SizeRootFs: SizeRw + (image?.size ?? 0) };
}
