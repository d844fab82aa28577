/** An image that lies in the blob store as it came becomes one that can run. */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { parseImageConfig, type Reference } from "../documents/index.ts";
import { holding, storeStack } from "../layers/index.ts";
import { Meter } from "../progress.ts";
import { BlobHolds, openBlob, readDocument } from "./blobs.ts";
import type { Watch } from "./keep-layer.ts";
import { insertImage } from "./store.ts";
import type { Variant } from "./variants.ts";

/**
 * @param names what names it gets, and what these stand for
 * @returns its id
 * @throws EngineError `not-found` when not all of it is here, `corrupt`, `archive`, `no-space`, `cancelled`
 */
export async function unpackVariant(
  ground: Ground,
  { document, manifest, descriptor }: Variant,
  { report, signal }: Watch,
  names: { references?: Reference[]; top?: string } = {},
): Promise<string> {
  const config = manifest && readDocument(ground, manifest.config.digest)?.text;
  if (!document || !manifest || config === undefined)
    throw new EngineError("not-found", `cannot unpack ${descriptor.digest}: not all of it is in the store`);
  const { layers } = manifest;
  const { diff_ids: diffIds } = parseImageConfig(
    config,
    (why, cause) => new EngineError("corrupt", `cannot unpack ${descriptor.digest}: its config is malformed: ${why}`, { cause }),
  ).rootfs;
  if (diffIds.length !== layers.length)
    throw new EngineError("corrupt", `cannot unpack ${descriptor.digest}: its config and its manifest do not name the same layers`);
  using holds = new BlobHolds(ground);
  for (const { digest } of [document, ...layers]) holds.hold(digest);
  using opened = new DisposableStack();
  const meters = layers.map(({ digest, size }) => new Meter(report, digest.slice("sha256:".length, 19), size));
  return await holding(ground, async () => {
    await storeStack(
      ground,
      diffIds,
      {
        open: (index) => opened.use(openBlob(ground, layers[index]!)),
        verify: (index, { blobDigest }) => {
          const { digest } = layers[index]!;
          if (blobDigest !== digest) throw new EngineError("corrupt", `blob ${digest} is damaged: its content is ${blobDigest}`);
        },
        onState: (index, state) => {
          if (state === "exists") meters[index]!.state("Already exists", true);
          if (state === "started") meters[index]!.state("Extracting");
          if (state === "complete") meters[index]!.state("Pull complete", true);
        },
        onProgress: (index, bytes) => meters[index]!.add(bytes, "Extracting"),
      },
      signal,
    );
    return insertImage(ground, { config, manifest: document.digest, ...names }).Id;
  });
}
