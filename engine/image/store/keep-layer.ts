/** What the images room needs of the registry room: compressed layers that its own store has not, or no more. */
import type { ProgressEvent } from "../../events.ts";
import type { LayerRow } from "../layers/index.ts";
import type { Descriptor } from "../types.ts";
import type { BlobHolds } from "./blobs.ts";

export interface Watch {
  report: (event: ProgressEvent) => void;
  signal?: AbortSignal | undefined;
}

/** Sees to it that the blob store has a layer as a manifest names it. @returns false when nobody has these bytes any more */
export type KeepLayer = (holds: BlobHolds, wanted: Descriptor, layer: LayerRow, watch: Watch) => Promise<boolean>;
