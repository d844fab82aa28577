/** The end of a build: the stage becomes an image, and the tags move to it at once. */
import type { House } from "../house.ts";
import { familiar, full, parseReference, withTag } from "../image/reference.ts";
import { fillHistoryTimes } from "./history-times.ts";
import type { BuildOptions } from "./index.ts";
import type { Progress } from "./progress.ts";
import { type StageState, toImageConfig } from "./stage-state.ts";

/** Refuses a malformed tag before anything is built. Full references. */
export function parseTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => full(withTag(parseReference(tag)))))];
}

/** Registers the image; returns its id and the tags it got, in familiar form. */
export async function exportImage(
  house: House,
  state: StageState,
  options: BuildOptions,
  progress: Progress,
  epoch?: number,
): Promise<{ id: string; tags: string[] }> {
  const references = parseTags(options.tags ?? []);
  const labelled: StageState = { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...options.labels } } };
  return progress.step("exporting to image", async (report) => {
    const clamp = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString();
    const history = fillHistoryTimes(state.history, clamp ?? new Date().toISOString());
    const created = clamp ?? history.at(-1)?.created ?? new Date().toISOString();
    report.status("exporting layers", 0, { done: true });
    const { Id } = await house.images.commitImage(toImageConfig(labelled, history, created), {
      references,
      ...(options.annotations ? { annotations: options.annotations } : {}),
    });
    report.status(`writing image ${Id}`, 0, { done: true });
    for (const reference of references) report.status(`naming to ${reference}`, 0, { done: true });
    return { id: Id, tags: references.map((reference) => familiar(parseReference(reference))) };
  });
}
