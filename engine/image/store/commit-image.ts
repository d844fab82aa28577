/** Registering an image that was made here: by a build, a commit or an import. */
import type { Ground } from "../../state/ground.ts";
import { encodeConfig, familiar, parseTag } from "../documents/index.ts";
import type { HistoryEntry, ImageConfig } from "../types.ts";
import { emitImage, insertImage } from "./store.ts";

export interface CommitImageOptions {
  references?: string[];
  /** Image id. */
  parent?: string;
  annotations?: Record<string, string>;
  /** Replaces the config's history. */
  history?: HistoryEntry[];
}

/**
 * Stores the image and moves the tags to it.
 * @throws EngineError `invalid` for a malformed reference, `conflict` when a layer is missing
 */
export async function commitImage(ground: Ground, config: ImageConfig, options: CommitImageOptions = {}): Promise<{ Id: string }> {
  const references = (options.references ?? []).map(parseTag);
  const bytes = encodeConfig(options.history ? { ...config, history: options.history } : config);
  const { Id } = insertImage(ground, { config: bytes, references, parent: options.parent, annotations: options.annotations });
  for (const reference of references) emitImage(ground, "tag", Id, familiar(reference));
  return { Id };
}
