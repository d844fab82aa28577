/**
 * A result that is more than one image: of several platforms, or with what is attested of it. Its names stand for an index of all
 * that. What is made of no attestation and one platform never comes here, and pays for none of it.
 */

import { documentOf, scanImage } from "../../attest/bill.ts";
import { type GivenIndex, giveIndex } from "../../attest/give-index.ts";
import type { IndexedImage } from "../../attest/index.ts";
import { provenanceOf } from "../../attest/provenance/slsa.ts";
import type { Scan } from "../../attest/sbom/scan.ts";
import { predicateTypes, statementOf } from "../../attest/statement.ts";
import type { ProgressEvent } from "../../events.ts";
import { familiar, parseReference } from "../../image/documents/index.ts";
import type { Statement } from "../../image/index.ts";
import { BlobHolds, commitImage } from "../../image/store/index.ts";
import { formatPlatform } from "../../platform.ts";
import { keepLayer } from "../../registry/keep-layer.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions, BuildResult } from "../index.ts";
import { type AttestWishes, attestsOf } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";
import { imageOf, parseTags } from "./export.ts";
import { factsOf, type Invocation, invocationOf } from "./facts.ts";
import { type Made, metadataOf, type Telling } from "./made.ts";
import { compressionOf } from "./manifest.ts";
import { pushTags, type Result, wantsImage, writeOutputs } from "./output.ts";

interface Delivery {
  ground: Ground;
  options: BuildOptions;
  progress: Progress;
  telling: Telling;
  wishes: AttestWishes;
  invocation: Invocation;
}

/** One platform's image, with what was found in it. */
interface Committed {
  made: Made;
  id: string;
  /** "linux/arm64" */
  platform: string;
  scan: Scan | undefined;
}

/** @param options with all names that the result gets */
export async function deliverIndex(
  ground: Ground,
  made: readonly Made[],
  options: BuildOptions,
  progress: Progress,
  telling: Telling,
): Promise<Omit<BuildResult, "Steps">> {
  const { outputs = [] } = options;
  const wishes = attestsOf(options);
  const delivery: Delivery = { ground, options, progress, telling, wishes, invocation: await invocationOf(options, telling) };
  const isImage = wantsImage(outputs);
  const isArchive = outputs.some(({ type, dest }) => type === "oci" || (type === "docker" && dest !== undefined));
  const known = new Set(
    isImage ? [] : (await (await import("../../image/view/list.ts")).listImages(ground, { all: true })).map(({ Id }) => Id),
  );
  const committed: Committed[] = [];
  for (const each of made) committed.push(await commit(delivery, each));
  using holds = new BlobHolds(ground);
  const references = isImage ? parseTags(options.tags ?? []).map(parseReference) : [];
  const given = isImage || isArchive ? await exportIndex(delivery, committed, references, holds) : undefined;
  try {
    await writeOutputs(
      ground,
      await resultsOf(delivery, committed),
      options,
      progress,
      (format) => saveIndex(delivery, given!, format),
      telling.signal,
    );
  } finally {
    if (!isImage)
      await forget(
        ground,
        committed.map(({ id }) => id).filter((id) => !known.has(id)),
      );
  }
  if (!isImage || !given) return { Tags: [], Metadata: {} };
  const tags = references.map(familiar);
  await pushTags(ground, tags, options, progress, telling.signal);
  return { ImageID: given.id, Tags: tags, Metadata: metadataOf(given.id, tags, given.digest) };
}

async function commit({ ground, options, progress, telling, wishes }: Delivery, made: Made): Promise<Committed> {
  const { state } = made;
  const { annotations } = options;
  const { Id } = await commitImage(ground, imageOf(state, options, telling.epoch), annotations ? { annotations } : {});
  const platform = formatPlatform(state);
  const scan =
    wishes.bills.length === 0
      ? undefined
      : await progress.step(`[${platform}] generating sbom`, async (report) => {
          const found = await scanImage(ground, state.chainId);
          report.status(`packages found: ${found.packages.length}`, found.packages.length, { done: true });
          for (const note of found.notes) progress.warn(`not in the sbom: ${note}`);
          return found;
        });
  return { made, id: Id, platform, scan };
}

async function exportIndex(
  delivery: Delivery,
  committed: readonly Committed[],
  references: ReturnType<typeof parseReference>[],
  holds: BlobHolds,
): Promise<GivenIndex> {
  const { ground, options, progress, telling } = delivery;
  return progress.step("exporting to image", async (report) => {
    const onEvent = (event: ProgressEvent) => {
      if (event.type === "transfer") report.status(`${event.id}: ${event.status}`, event.current ?? 0, { unit: "bytes" });
    };
    const images = committed.map((each): IndexedImage => ({ id: each.id, attest: (manifest) => statementsOf(delivery, each, manifest) }));
    const compression = compressionOf(options.outputs) ?? "gzip";
    const given = await giveIndex(ground, images, references, { compression, report: onEvent, signal: telling.signal, holds });
    for (const { id, platform } of committed) report.status(`writing image ${id} (${platform})`, 0, { done: true });
    report.status(`exporting manifest list ${given.digest}`, 0, { done: true });
    for (const reference of references) report.status(`naming to ${familiar(reference)}`, 0, { done: true });
    return given;
  });
}

/** @param digest of the image's manifest, or of its config where it has none */
async function statementsOf(
  { ground, options, telling, wishes, invocation }: Delivery,
  each: Committed,
  digest: string,
): Promise<Statement[]> {
  const names = (options.tags ?? []).map((tag) => familiar(parseReference(tag)));
  const time = telling.epoch === undefined ? new Date() : new Date(telling.epoch * 1000);
  const statements: Statement[] = [];
  for (const format of each.scan ? wishes.bills : []) {
    const type = format === "spdx-json" ? predicateTypes.spdx : predicateTypes.cyclonedx;
    const document = await documentOf(ground, each.scan!, { name: names[0] ?? each.id, digest, time }, format);
    statements.push(statementOf(digest, names, type, document));
  }
  if (wishes.provenance) {
    const facts = factsOf(ground, options, each.made, telling, invocation, wishes.provenance);
    const { predicateType, predicate } = provenanceOf(facts, wishes.provenance);
    statements.push(statementOf(digest, names, predicateType, predicate));
  }
  return statements;
}

/** Files get what is attested beside them, as BuildKit names it. */
async function resultsOf(delivery: Delivery, committed: readonly Committed[]): Promise<Result[]> {
  const { wishes, options } = delivery;
  const isWanted = !wishes.inlineOnly && options.outputs?.some(({ type }) => type === "local");
  const results: Result[] = [];
  for (const each of committed) {
    const statements = isWanted ? await statementsOf(delivery, each, each.id) : [];
    const directory = committed.length > 1 ? each.platform.replaceAll("/", "_") : "";
    const beside = statements.map((statement) => [nameOf(statement), `${JSON.stringify(statement, null, 2)}\n`] as const);
    results.push({ state: each.made.state, directory, beside: new Map(beside) });
  }
  return results;
}

function nameOf({ predicateType }: Statement): string {
  if (predicateType === predicateTypes.spdx) return "sbom.spdx.json";
  return predicateType === predicateTypes.cyclonedx ? "sbom.cyclonedx.json" : "provenance.json";
}

async function* saveIndex(
  { ground, options, telling }: Delivery,
  { id, digest }: GivenIndex,
  format: "docker" | "oci",
): AsyncGenerator<Uint8Array> {
  const { saveImages } = await import("../../image/archive/save.ts");
  const names = parseTags(options.tags ?? []);
  const saving = { format, names, top: digest, signal: telling.signal };
  yield* await saveImages(ground, [id], saving, (...wanted) => keepLayer(ground, ...wanted));
}

/** Images that were only to be archives or files. */
async function forget(ground: Ground, ids: readonly string[]): Promise<void> {
  const { removeImage } = await import("../../image/names/remove.ts");
  for (const id of new Set(ids)) await removeImage(ground, id);
}
