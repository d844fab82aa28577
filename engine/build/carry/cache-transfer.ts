/**
 * The cache outside the store, for builds on other hosts (`--cache-to`, `--cache-from`): in a directory, in a registry, or in the
 * image's own config. A step that is asked for and not in the store is taken from there; its layer's content is checked
 * against its diff id.
 */
import { resolve } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { chainOf, chainsOf, familiar } from "../../image/documents/index.ts";
import { findLayer as findStored } from "../../image/layers/index.ts";
import type { Ground } from "../../state/ground.ts";
import { type CachedLayer, findLayer, storeLayer } from "../cache/index.ts";
import { credentialsOf } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import type { Progress } from "../report/index.ts";
import type { CarriedStep, UsedStep } from "./carried.ts";
import { cacheReference } from "./flags.ts";

/** Steps that can be taken. */
export interface CarriedCache {
  /** Brings a step's layer into the store; undefined when no cache has it. @param parent chain id of the layers below */
  take(step: { key: string; parent: string; description: string }, signal: AbortSignal): Promise<CachedLayer | undefined>;
}

type Fields = Record<string, string>;

/** Opens what `--cache-from` names. One that is missing, or that is no cache, is a warning: the build goes on without. */
export async function openCarried(
  ground: Ground,
  options: BuildOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<CarriedCache | undefined> {
  const steps = new Map<string, CarriedStep>();
  for (const fields of options.cacheFrom ?? []) {
    try {
      for (const step of await read(ground, fields, options, progress, signal)) steps.set(step.key, step);
    } catch (error) {
      signal.throwIfAborted();
      progress.warn(`cannot use the cache in "${fields["src"] ?? fields["ref"]}": ${(error as Error).message}`);
    }
  }
  if (steps.size === 0) return undefined;
  return {
    async take({ key, parent, description }, during) {
      const step = steps.get(key);
      return step && (await takeStep(ground, step, { parent, description }, progress, during));
    },
  };
}

async function read(
  ground: Ground,
  fields: Fields,
  options: BuildOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<CarriedStep[]> {
  const { cwd = process.cwd(), client } = options;
  const { type, src = "", digest = "" } = fields;
  if (type === "local" && client) {
    const { readStore } = await import("./client-store.ts");
    return progress.step("importing cache manifest from client directory", () => readStore(client.store(`local:${src}`), digest, signal));
  }
  if (type === "local") return (await import("./directory.ts")).readDirectory(resolve(cwd, src));
  const reference = cacheReference(fields["ref"] ?? "");
  if (type === "image") {
    const steps = await (await import("./local-image.ts")).readLocalImage(ground, reference, options, signal);
    if (steps) return steps;
  }
  const { readRegistry } = await import("./registry.ts");
  const credentials = await credentialsOf(options, reference.domain);
  const access = { credentials, signal, isUnverified: options.noVerify };
  return progress.step(`importing cache manifest from ${familiar(reference)}`, () => readRegistry(ground, reference, access));
}

/** A layer that is gone, or that no registry answers for, is one more step to run. */
async function takeStep(
  ground: Ground,
  step: CarriedStep,
  { parent, description }: { parent: string; description: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<CachedLayer | undefined> {
  const { key, diffId, created } = step;
  const chainId = chainOf(parent, diffId);
  const stored = findStored(ground, chainId);
  if (stored) return storeLayer(ground, key, { chainId, diffId, size: stored.size, created }, { description, parent });
  using opened = step.open(signal);
  if (!opened) return undefined;
  const { storeLayer: unpackLayer } = await import("../../image/layers/layer-store.ts");
  try {
    const layer = await unpackLayer(ground, parent, opened.source, { signal, diffId });
    return storeLayer(ground, key, { ...layer, created }, { description, parent });
  } catch (error) {
    if (!(error instanceof EngineError) || !["not-found", "registry", "registry-auth"].includes(error.code)) throw error;
    progress.warn(`cannot take a cached layer: ${error.message}`);
    return undefined;
  }
}

/** True when the image is to carry its cache itself; `BUILDKIT_INLINE_CACHE=1` is BuildKit's older way to ask for it. */
export function wantsInline({ cacheTo = [], buildArgs = {} }: BuildOptions): boolean {
  return cacheTo.some(({ type }) => type === "inline") || /^(1|true)$/i.test(buildArgs["BUILDKIT_INLINE_CACHE"] ?? "");
}

/** The cache of an image for its config, base64 as BuildKit has it. */
export async function inlineCache(ground: Ground, diffIds: readonly string[], keys: readonly string[]): Promise<string> {
  const { describeInline } = await import("./cache-config.ts");
  return Buffer.from(JSON.stringify(describeInline(usedSteps(ground, keys), diffIds))).toString("base64");
}

function usedSteps(ground: Ground, keys: readonly string[]): UsedStep[] {
  return [...new Set(keys)].flatMap((key) => {
    const layer = findLayer(ground, key);
    return layer ? [{ key, layer }] : [];
  });
}

/**
 * Writes the steps of a build to where `--cache-to` says.
 * @param diffIds the result's layers: all that mode=min writes
 * @returns what a client must know of it
 */
export async function writeCarried(
  ground: Ground,
  options: BuildOptions,
  { keys, diffIds }: { keys: readonly string[]; diffIds: readonly string[] },
  progress: Progress,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const fields of options.cacheTo ?? []) {
    if (fields["type"] === "inline") continue; // in the image
    const chains = new Set(chainsOf(diffIds));
    const used = usedSteps(ground, keys).filter(({ layer }) => fields["mode"] !== "min" || chains.has(layer.chainId));
    try {
      Object.assign(told, await write(ground, fields, { options, used }, progress, signal));
    } catch (error) {
      signal.throwIfAborted();
      const name = fields["dest"] ?? fields["ref"];
      if (fields["ignore-error"] !== "true") throw toEngineError(error, `cannot write the cache to "${name}"`);
      progress.warn(`cannot write the cache to "${name}": ${(error as Error).message}`);
    }
  }
  return told;
}

async function write(
  ground: Ground,
  fields: Fields,
  { options, used }: { options: BuildOptions; used: readonly UsedStep[] },
  progress: Progress,
  signal: AbortSignal,
): Promise<Record<string, string> | undefined> {
  const { client } = options;
  if (fields["type"] === "local" && client) {
    const { writeStore } = await import("./client-store.ts");
    const store = client.store(`local:${fields["dest"]}`);
    const manifest = await progress.step("exporting cache to client directory", () => writeStore(ground, store, used, signal));
    return { "cache.manifest": JSON.stringify(manifest) };
  }
  if (fields["type"] === "local") {
    const { writeDirectory } = await import("./directory.ts");
    const directory = resolve(options.cwd ?? process.cwd(), fields["dest"] ?? "");
    await progress.step("exporting cache to client directory", () => writeDirectory(ground, directory, used, signal));
    return undefined;
  }
  const { writeRegistry } = await import("./registry.ts");
  const reference = cacheReference(fields["ref"] ?? "");
  const credentials = await credentialsOf(options, reference.domain);
  await progress.step(`exporting cache to registry ${familiar(reference)}`, () =>
    writeRegistry(ground, reference, used, { credentials, signal }),
  );
  return undefined;
}
