/** The life of a build: read, parse, plan, solve, export. Events of all its steps come out of one generator. */

import type { BerthDirectives, Dockerfile } from "../dockerfile/types.ts";
import { toEngineError } from "../errors.ts";
import type { BuildEvent } from "../events.ts";
import { holding } from "../image/layers/index.ts";
import type { Platform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { touchKeys } from "./cache/index.ts";
import { checkCacheFlags, inlineCache, openCarried, wantsInline, writeCarried } from "./carry/index.ts";
import { findingsOf } from "./check/index.ts";
import { type BuildSource, loadSource, type Making, makingOf, type NamedContexts, openContext, openContexts } from "./context/index.ts";
import { beginBuild, endBuild, forgetBuild, freeId, Recorder, withoutUser } from "./history/index.ts";
import type { BuildOptions, BuildResult } from "./index.ts";
import {
  budgetOf,
  checkBudget,
  checkOutputs,
  compressionOf,
  exportImage,
  exportManifest,
  type Made,
  metadataOf,
  outputNames,
  parseTags,
  pushTags,
  saveResult,
  type Telling,
  wantsImage,
  writeOutputs,
} from "./output/index.ts";
import {
  attestsAnything,
  attestsOf,
  checkAllowed,
  contextPaths,
  type Dates,
  dateOf,
  planBuild,
  platformArgs,
  platformsOf,
  refuseForbidden,
  refuseUnpinnedPlan,
} from "./plan/index.ts";
import { createChannel, createProgress, type Progress, progressOf } from "./report/index.ts";
import { Solver } from "./solve/index.ts";
import type { BuildScope } from "./steps/index.ts";
import { cleanDeadSteps, randomId } from "./workspace/index.ts";

/** Builds an image. Ending the iteration early, or the options' signal, calls the build off and cleans up. */
export async function* build(ground: Ground, options: BuildOptions): AsyncGenerator<BuildEvent, BuildResult> {
  parseTags([...(options.tags ?? []), ...outputNames(options.outputs)]);
  checkOutputs(options);
  checkCacheFlags(options);
  checkAllowed(options);
  const channel = createChannel<BuildEvent>();
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  const id = freeId(ground, options.id) ?? randomId();
  const recorder = new Recorder(ground, id, options);
  const progress = createProgress((event) => {
    recorder.keep(event);
    channel.push(event);
  });
  const teller = { id, recorder, progress, making: makingOf(ground, options) };
  const { making } = teller;
  const running = recorded(ground, options, teller, () => holding(ground, () => run(ground, options, teller, abort))).finally(
    channel.close,
  );
  running.catch(() => {}); // awaited below, after the last event
  try {
    await making.decided(running);
    yield* channel.drain();
    return await running;
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    abort.abort();
    await running.catch(() => {}); // reported above; here only waited for
  }
}

interface Teller {
  id: string;
  recorder: Recorder;
  progress: Progress;
  making: Making;
}

/** What it is called in lists. */
function nameOf({ buildArgs, tags, context }: BuildOptions): string {
  return buildArgs?.["BUILDKIT_BUILD_NAME"] || (tags?.[0] ?? withoutUser(context));
}

/** Keeps the build's row: running, then how it ended. */
async function recorded(
  ground: Ground,
  options: BuildOptions,
  { id, recorder, progress, making }: Teller,
  body: () => Promise<BuildResult>,
): Promise<BuildResult> {
  await cleanDeadSteps(ground);
  beginBuild(ground, id, nameOf(options));
  try {
    const result = await body();
    recorder.flush();
    endBuild(ground, id, { status: "completed", steps: progress.count, ...(result.ImageID ? { image: result.ImageID } : {}) });
    recorder.end();
    return result;
  } catch (thrown) {
    const error = toEngineError(thrown);
    if (making.leaves) {
      recorder.forget();
      forgetBuild(ground, id);
    } else {
      recorder.flush();
      endBuild(ground, id, {
        status: error.code === "cancelled" ? "cancelled" : "failed",
        steps: progress.count,
        error: recorder.mask(error.message),
      });
      recorder.end();
    }
    throw error;
  }
}

async function run(
  ground: Ground,
  options: BuildOptions,
  { recorder, progress, making }: Teller,
  abort: AbortController,
): Promise<BuildResult> {
  const started = new Date();
  await using source = await loadSource(ground, options, progress, abort.signal);
  const { parseDockerfile } = await import("../dockerfile/index.ts");
  const parsed = await progress.step(`[internal] load build definition from ${source.file}`, async (report) => {
    report.status("transferring dockerfile:", Buffer.byteLength(source.text), { unit: "bytes", done: true });
    return parseDockerfile(source.text, { file: source.file });
  });
  await using contexts = await openContexts(ground, options, progress, abort.signal);
  const context = openContext(ground, source.context, source.ignore, { reads: (bytes) => making.read(bytes) });
  const carried = await openCarried(ground, options, progress, abort.signal);
  const { epoch, options: dated } = await dateOf(
    parsed,
    options,
    datesOf(ground, options, { source, contexts, progress, signal: abort.signal }),
  );
  const used: string[] = [];
  const shared: Shared = { ground, parsed, source, contexts, context, carried, epoch, abort, making, used, recorder };
  try {
    const results = await makeAll(shared, dated, progress);
    const telling = { started, epoch, source, signal: abort.signal };
    const built = await deliver(ground, results, options, progress, telling);
    const diffIds = results.flatMap(({ state }) => state.diffIds);
    const carriedTo = await writeCarried(ground, options, { keys: used, diffIds }, progress, abort.signal);
    return { ...built, Metadata: { ...built.Metadata, ...carriedTo }, Steps: { ...progress.count } };
  } finally {
    context.save();
    contexts.save();
    touchKeys(ground, used);
  }
}

/** Asked only for what SOURCE_DATE_EPOCH names. */
function datesOf(
  ground: Ground,
  options: BuildOptions,
  { source, contexts, progress, signal }: { source: BuildSource; contexts: NamedContexts; progress: Progress; signal: AbortSignal },
): Dates {
  const { date } = source.context;
  return {
    ...(date !== undefined && { context: date }),
    contexts: contexts.names,
    async named(name) {
      const context = await contexts.get(name);
      return context.kind === "directory" ? context.date : undefined;
    },
    remote: (address, checksum) =>
      progress.step(`[internal] resolve SOURCE_DATE_EPOCH ${address}`, async () => {
        const { dateOfSource } = await import("./context/receive.ts");
        return dateOfSource(ground, address, checksum, { options, signal });
      }),
  };
}

/** What the images of all platforms are made from and with. */
interface Shared extends Pick<BuildScope, "contexts" | "context" | "carried" | "making"> {
  ground: Ground;
  parsed: Dockerfile;
  source: BuildSource;
  epoch: number | undefined;
  abort: AbortController;
  /** Keys of steps that were asked for. */
  used: string[];
  recorder: Recorder;
}

/** An image for each platform, one after the other: each may use all of the machine. */
async function makeAll(shared: Shared, options: BuildOptions, progress: Progress): Promise<Made[]> {
  const wished = platformsOf(options);
  const made: Made[] = [];
  for (const { text, platform } of wished) {
    const own = text === undefined ? options : { ...options, platform: text };
    made.push(await makeOne(shared, own, wished.length > 1 ? progressOf(progress, text!) : progress, platform));
  }
  return made;
}

async function makeOne(shared: Shared, options: BuildOptions, progress: Progress, platform: Platform): Promise<Made> {
  const { ground, parsed, source, contexts, context, carried, epoch, abort, making, used, recorder } = shared;
  const before = progress.materials.length;
  const plan = planBuild(parsed, {
    ...(options.target === undefined ? {} : { target: options.target }),
    buildArgs: options.buildArgs ?? {},
    platformArgs: platformArgs(platform),
    contexts: [...contexts.names],
  });
  if (used.length === 0) recorder.plan(plan); // of several platforms the first speaks for all
  refuseForbidden(plan, options);
  context.expect(contextPaths(plan));
  if (options.securityProfile) await applyProfile(parsed, options.securityProfile, progress);
  const { pinned } = parsed.berth;
  const named = lowerNames(options.buildContexts);
  if (pinned) await progress.step("checking berth:pinned", async () => refuseUnpinnedPlan(plan, named));
  for (const { message, rule, file, line, column } of await findingsOf(ground, parsed, plan, source.ignore, options))
    progress.warn(message, rule, { file, line, column, source: source.text });
  const { verify } = parsed.berth;
  const judging = { options, context, progress, making, signal: abort.signal };
  const admit = verify && (await (await import("./demands/signatures.ts")).signatureCheck(ground, verify, judging));
  const solver = new Solver(ground, options, {
    ...{ plan, progress, making, context, contexts, platform, abort, carried },
    escape: parsed.directives.escape,
    ...(pinned && { pinned: named }),
    ...(admit && { admit }),
    ...(epoch === undefined ? {} : { epoch }),
  });
  await using _fetched = solver.scope.cleanup;
  try {
    const state = await solver.solve();
    await checkBudget(ground, state, budgetOf(parsed, options), progress);
    if (demandsAnything(parsed.berth)) {
      const { checkDemands } = await import("./demands/demands.ts");
      await checkDemands(ground, state, parsed.berth, { progress, making, context, signal: abort.signal });
    }
    if (wantsInline(options)) state.inlineCache = await inlineCache(ground, state.diffIds, solver.used);
    const { materials } = progress;
    const theirs = materials.slice(0, before).filter(({ kind }) => kind !== "image");
    return { state, plan, materials: [...theirs, ...materials.slice(before)], reachesNetwork: solver.reachesNetwork };
  } finally {
    used.push(...solver.used);
  }
}

async function applyProfile(parsed: Dockerfile, { file, text }: NonNullable<BuildOptions["securityProfile"]>, progress: Progress) {
  const { parseSecurityProfile, withSecurityProfile } = await import("../dockerfile/security-profile.ts");
  const { berth, overruled } = withSecurityProfile(parsed.berth, parseSecurityProfile(text, file));
  parsed.berth = berth;
  for (const { name, own, profile } of overruled)
    progress.warn(
      `The security profile demands more: ${[`berth:${name}`, profile.text].join(" ").trim()}`,
      "LoosenedSecurity",
      own.location,
    );
}

/** Beside a budget: what is checked, and what becomes of the image's labels. */
const demandsAnything = ({ maxSize: _size, maxLayers: _layers, minEfficiency: _efficiency, ...rest }: BerthDirectives) =>
  Object.keys(rest).length > 0;

const lowerNames = (values: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));

/** Registers the image and writes the outputs that were asked for. */
async function deliver(
  ground: Ground,
  made: readonly Made[],
  options: BuildOptions,
  progress: Progress,
  telling: Telling,
): Promise<Omit<BuildResult, "Steps">> {
  const { outputs = [] } = options;
  const { epoch, signal } = telling;
  const tags = [...(options.tags ?? []), ...outputNames(outputs)];
  const named = { ...options, tags };
  if (made.length > 1 || attestsAnything(attestsOf(options))) {
    const { deliverIndex } = await import("./output/index-output.ts");
    return deliverIndex(ground, made, named, progress, telling);
  }
  const { state } = made[0]!;
  const image = wantsImage(outputs) ? await exportImage(ground, state, named, progress, epoch) : undefined;
  if (outputs.length > 0) {
    const save = (format: "docker" | "oci") => saveResult(ground, state, named, format, epoch);
    await writeOutputs(ground, [{ state }], options, progress, save, signal);
  }
  if (!image) return { Tags: [], Metadata: {} };
  const compression = compressionOf(outputs);
  const manifest = compression && (await exportManifest(ground, image.id, image.tags, compression, progress, signal));
  const [pushed] = await pushTags(ground, image.tags, options, progress, signal);
  return { ImageID: image.id, Tags: image.tags, Metadata: metadataOf(image.id, image.tags, pushed ?? manifest) };
}
