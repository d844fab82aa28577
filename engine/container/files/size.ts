/** `-s`: bytes of a container's own layer, and of it with its image. */
import { findImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { treeSize } from "../../sys/tree.ts";
import { filesOf, findById } from "../record/index.ts";

export async function sizesOf(ground: Ground, id: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const record = findById(ground, id);
  const SizeRw = treeSize(filesOf(ground, id).upper);
  const image = record && findImage(ground, record.image)?.image;
  return { SizeRw, SizeRootFs: SizeRw + (image?.size ?? 0) };
}
