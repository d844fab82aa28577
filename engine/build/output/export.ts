/** The end of a build: the stage becomes an image, and the tags move to it at once. */

import { familiar, full, parseReference, parseTag } from "../../image/documents/index.ts";
import { commitImage } from "../../image/store/index.ts";
import type { ImageConfig } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import { type StageState, toImageConfig } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";
import { fillHistoryTimes } from "./history-times.ts";

/** Refuses a malformed tag before anything is built. Full references. */
export function parseTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => full(parseTag(tag))))];
}

/** The image that the stage became. @param epoch SOURCE_DATE_EPOCH, seconds */
export function imageOf(state: StageState, options: BuildOptions, epoch: number | undefined): ImageConfig {
  const labelled: StageState = { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...options.labels } } };
  const clamp = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString();
  const history = fillHistoryTimes(state.history, clamp);
  return toImageConfig(labelled, history, clamp ?? history.at(-1)?.created);
}

/** Registers the image; returns its id and the tags it got, in familiar form. */
export async function exportImage(
  ground: Ground,
  state: StageState,
  options: BuildOptions,
  progress: Progress,
  epoch?: number,
): Promise<{ id: string; tags: string[] }> {
  const references = parseTags(options.tags ?? []);
  return progress.step("exporting to image", async (report) => {
    report.status("exporting layers", 0, { done: true });
    const { Id } = await commitImage(ground, imageOf(state, options, epoch), {
      references,
      ...(options.annotations ? { annotations: options.annotations } : {}),
    });
    report.status(`writing image ${Id}`, 0, { done: true });
    for (const reference of references) report.status(`naming to ${reference}`, 0, { done: true });
    return { id: Id, tags: references.map((reference) => familiar(parseReference(reference))) };
  });
}

/** The image as an archive with its names; it stays in the store only if it was there. */
export async function* saveResult(
  ground: Ground,
  state: StageState,
  options: BuildOptions,
  format: "docker" | "oci",
  epoch: number | undefined,
): AsyncGenerator<Uint8Array> {
  const config = imageOf(state, options, epoch);
  const before = new Set((await (await import("../../image/view/list.ts")).listImages(ground, { all: true })).map((image) => image.Id));
  const { Id } = await commitImage(ground, config, options.annotations ? { annotations: options.annotations } : {});
  try {
    yield* await (await import("../../image/archive/save.ts")).saveImages(ground, [Id], { format, names: parseTags(options.tags ?? []) });
  } finally {
    if (!before.has(Id)) await (await import("../../image/names/remove.ts")).removeImage(ground, Id);
  }
}
