/** `export`: a container's flattened file system, without what is mounted into it, as a tar stream. */
import { Readable } from "node:stream";
import type { House } from "../house.ts";
import type { PackOptions } from "../image/layer/pack.ts";
import { LayerThread } from "../image/layer-thread.ts";
import { emitContainer, findContainer } from "./record.ts";
import { type RootView, viewOwnRoot } from "./rootfs.ts";

/** @throws EngineError `not-found`, `ambiguous`; the stream fails with what packing failed with */
export async function exportContainer(house: House, ref: string): Promise<Readable> {
  const record = findContainer(house, ref);
  const view = await viewOwnRoot(house, record);
  emitContainer(house, record, "export");
  return packStream(view, { overlay: false, path: "", name: "", nanoseconds: true, sparse: true, live: true });
}

/** Packs part of a root in a thread confined to it; gives the root back when the stream ends, however it ends. */
export function packStream(view: RootView, options: PackOptions): Readable {
  return Readable.from(pieces(view, options), { objectMode: false, highWaterMark: 1 << 20 });
}

async function* pieces(view: RootView, options: PackOptions): AsyncGenerator<Buffer> {
  await using _view = view;
  await using thread = new LayerThread({ kind: "pack", root: view.root, options });
  yield* thread.output();
}
