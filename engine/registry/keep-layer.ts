/** A layer of the store as a manifest names it, into the blob store: compressed as it was here, or fetched from where it is. */
import { EngineError } from "../errors.ts";
import { familiarRepository, parseReference } from "../image/documents/index.ts";
import type { LayerRow } from "../image/layers/index.ts";
import { Meter } from "../image/progress.ts";
import type { BlobHolds, Watch } from "../image/store/index.ts";
import type { Descriptor } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import { readBlob } from "./blob.ts";
import { RegistryClient } from "./client.ts";
import { compressLayer, counted, isSomewhere, knownBlobs } from "./layer-blob.ts";
import { hasBlob } from "./upload.ts";

/** @returns false when nobody has these bytes any more */
export async function keepLayer(
  ground: Ground,
  holds: BlobHolds,
  wanted: Descriptor,
  layer: LayerRow,
  { report, signal }: Watch,
): Promise<boolean> {
  const meter = new Meter(report, layer.diff_id.slice(7, 19), wanted.size);
  const known = knownBlobs(ground, layer.diff_id).filter(({ digest }) => digest === wanted.digest);
  const own = known.find((each) => each.own)?.own;
  if (own) {
    const compressing = { meter: new Meter(report, meter.id, layer.tar_size), status: "Compressing", signal };
    const keeping = holds.keepStream(wanted, () => compressLayer(ground, layer, own, compressing));
    if (await tried(keeping, signal)) return true;
  }
  for (const { repository } of known.filter(isSomewhere)) {
    const from = parseReference(repository);
    const client = new RegistryClient(from, signal ? { signal } : {});
    const fetch = async () => {
      // Asked first: a registry that is away is found out at once, a download would try again.
      if (!(await hasBlob(client, wanted.digest))) throw new EngineError("not-found", `${repository} has no blob ${wanted.digest}`);
      await holds.keepStream(wanted, () => counted(readBlob(client, wanted), meter, "Copying"));
    };
    if (!(await tried(fetch(), signal))) continue;
    meter.state(`Copied from ${familiarRepository(from)}`, true);
    return true;
  }
  return false;
}

/** False when it failed: what cannot be had here may be had elsewhere. */
async function tried(attempt: Promise<void>, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof EngineError) || error.code === "no-space") throw error;
    return false;
  }
}
