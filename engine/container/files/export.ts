/** `export`: a container's flattened file system, without what is mounted into it, as a tar stream. */
import type { Readable } from "node:stream";
import { packTree } from "../../image/layer/index.ts";
import type { Pourable } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import { viewOwnRoot } from "../mounts/index.ts";
import { emitContainer, findContainer } from "../record/index.ts";

/** @throws EngineError `not-found`, `ambiguous`; the stream fails with what packing failed with */
export async function exportContainer(ground: Ground, ref: string): Promise<Readable & Pourable> {
  const record = findContainer(ground, ref);
  const view = await viewOwnRoot(ground, record);
  emitContainer(ground, record, "export");
  const options = { overlay: false, path: "", name: "", nanoseconds: true, sparse: true, live: true };
  return packTree(view.root, options, () => view[Symbol.asyncDispose]());
}
