/** `import`: a root file system's tar becomes an image of one layer. */
import { Readable } from "node:stream";
import type { ProgressEvent } from "../../events.ts";
import { hostPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { applyChanges, encodeConfig, familiar, parseTag } from "../documents/index.ts";
import { storeLayer } from "../layers/index.ts";
import { emitImage, insertImage } from "../store/index.ts";
import type { ImageConfig } from "../types.ts";
import { fileBehind, isForeign, readInput, readRange } from "./input.ts";

export interface ImportOptions {
  reference?: string;
  message?: string;
  /** Dockerfile instructions. */
  changes?: string[];
  platform?: string;
  signal?: AbortSignal;
}

/**
 * @param from the archive, or where it is fetched from
 * @throws EngineError `archive`, `invalid`, `not-found`, `registry`, `no-space`, `cancelled`; nothing is left behind
 */
export async function* importImage(
  ground: Ground,
  from: Readable | URL,
  options: ImportOptions = {},
): AsyncGenerator<ProgressEvent, { Id: string }> {
  const { message = "Imported from -", signal } = options;
  // What can be wrong with the options is found before the archive is read.
  const references = options.reference ? [parseTag(options.reference)] : [];
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform();
  const inner = applyChanges({}, options.changes ?? []);
  if (from instanceof URL) yield { type: "message", text: `Downloading from ${from.href}` };
  const tar = from instanceof URL ? await fetched(from, signal) : from;
  using file = fileBehind(tar);
  const { diffId } = await storeLayer(ground, "", file && !isForeign(file) ? file : readInput(file ? readRange(file) : tar), { signal });
  const created = new Date().toISOString();
  const config: ImageConfig & { comment: string } = {
    architecture: platform.architecture,
    ...(platform.variant && { variant: platform.variant }),
    os: platform.os,
    comment: message,
    config: inner,
    created,
    history: [{ created, comment: message }],
    rootfs: { type: "layers", diff_ids: [diffId] },
  };
  const { Id } = insertImage(ground, { config: encodeConfig(config), references });
  emitImage(ground, "import", Id, references[0] ? familiar(references[0]) : Id);
  return { Id };
}

async function fetched(url: URL, signal: AbortSignal | undefined): Promise<Readable> {
  const { download } = await import("../../http/download.ts");
  const { body } = await download(url.href, signal);
  return Readable.from(body, { objectMode: false });
}
