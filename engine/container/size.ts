/** `-s`: bytes of a container's own layer, and of it with its image. */
import type { House } from "../house.ts";
import { treeSize } from "../sys/tree.ts";
import { filesOf, findById } from "./record.ts";

export async function sizesOf(house: House, id: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const record = findById(house, id);
  const SizeRw = treeSize(filesOf(house, id).upper);
  const image = record && (await house.images.inspect(record.image).catch(() => undefined));
  return { SizeRw, SizeRootFs: SizeRw + (image?.Size ?? 0) };
}
