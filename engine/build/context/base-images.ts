/** The images a build stands on or copies from: the store's, else pulled, each once per build. */

import type { Material } from "../../attest/index.ts";
import { EngineError } from "../../errors.ts";
import { familiar, full, parseReference, withTag } from "../../image/documents/index.ts";
import { findImage, type ResolvedImage, resolveImage, topOf } from "../../image/store/index.ts";
import { formatPlatform, hostPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import type { Progress, StepReport } from "../report/index.ts";
import { credentialsOf } from "./credentials.ts";
import type { Making } from "./from-cache.ts";

export interface BaseImages {
  /** @param platform "linux/arm64"; default the build's, else the host's */
  get(reference: string, platform?: string): Promise<ResolvedImage>;
  /** "docker.io/library/python:3.9": how steps name an image. */
  nameOf(reference: string): string;
}

export function createBaseImages(
  ground: Ground,
  options: BuildOptions,
  { progress, making, admit }: { progress: Progress; making: Making; admit?: (reference: string, image: ResolvedImage) => Promise<void> },
  signal: AbortSignal,
): BaseImages {
  const known = new Map<string, Promise<ResolvedImage>>();
  const nameOf = (reference: string) => (isImageId(reference) ? reference : full(withTag(parseReference(reference))));
  const load = async (reference: string, platform: string | undefined): Promise<ResolvedImage> => {
    const image = await admitted(reference, platform);
    await admit?.(reference, image);
    if (options.attests?.length) progress.madeFrom(materialOf(ground, nameOf(reference), reference, image));
    return image;
  };
  const admitted = (reference: string, platform: string | undefined): Promise<ResolvedImage> =>
    progress.step(`[internal] load metadata for ${nameOf(reference)}`, async (report) => {
      if (ground.lent.trust.isActive()) making.begin();
      const image = await find(reference, platform, report);
      // What the policies judge is the id that the build goes on with.
      await ground.lent.trust.admit({ name: image.reference, image: image.id, isUnverified: options.noVerify, access: { signal } });
      return image;
    });
  const find = async (reference: string, platform: string | undefined, report: StepReport): Promise<ResolvedImage> => {
    const local = options.pull && !isImageId(reference) ? undefined : resolveImage(ground, reference);
    if (local && fits(local, platform)) return local;
    making.begin();
    const { resolvePlatform } = await import("../../image/store/resolve-platform.ts");
    const other = local && platform ? await resolvePlatform(ground, reference, platform) : undefined;
    if (other && fits(other, platform)) return other;
    return pull(ground, reference, { ...options, platform, signal }, report);
  };
  return {
    nameOf,
    get(reference, platform = options.platform) {
      const key = `${reference} ${platform ?? ""}`;
      let image = known.get(key);
      if (!image) known.set(key, (image = load(reference, platform)));
      return image;
    },
  };
}

/** By the digest that its name stands for; of an image that never left this host, by its own. */
function materialOf(ground: Ground, name: string, reference: string, { id, config }: ResolvedImage): Material {
  const found = findImage(ground, reference);
  const top = found ? topOf(ground, found) : "";
  return { kind: "image", name, platform: formatPlatform(config), digest: top || id };
}

function isImageId(reference: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{64}$/.test(reference);
}

/** Without a wish, what the store has is what the user means. */
function fits({ config }: ResolvedImage, platform: string | undefined): boolean {
  if (platform === undefined) return true;
  const wanted = parsePlatform(platform);
  return config.os === wanted.os && config.architecture === wanted.architecture && (config.variant ?? "") === (wanted.variant ?? "");
}

async function pull(
  ground: Ground,
  reference: string,
  options: BuildOptions & { signal: AbortSignal },
  report: StepReport,
): Promise<ResolvedImage> {
  const { architecture } = hostPlatform();
  if (isImageId(reference)) throw new EngineError("not-found", `cannot find image "${reference}" in the store`);
  const parsed = withTag(parseReference(reference));
  const name = familiar(parsed);
  const credentials = await credentialsOf(options, parsed.domain);
  for await (const event of (await import("../../registry/pull.ts")).pullImage(ground, name, {
    platform: options.platform ?? `linux/${architecture}`,
    ...(credentials !== undefined && { credentials }),
    ...(options.noVerify && { noVerify: true }),
    signal: options.signal,
  })) {
    if (event.type === "transfer")
      report.status(`${event.id}: ${event.status}`, event.current ?? 0, {
        unit: "bytes",
        ...(event.total ? { total: event.total } : {}),
        ...(event.done ? { done: true } : {}),
      });
  }
  const image = resolveImage(ground, name);
  if (!image) throw new EngineError("not-found", `cannot find image "${name}" after pulling it`);
  return image;
}
