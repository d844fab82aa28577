/**
 * Carries a plan out: all stages that the target needs at the same time, each one's instructions in order, every step
 * looked up in the cache before it runs. A stage that copies from another waits for that one only.
 */
import { configure } from "../../dockerfile/configure.ts";
import { displayText, expandInstruction, parseTrigger } from "../../dockerfile/index.ts";
import type { Instruction, InstructionBase } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { holdChain } from "../../image/layers/index.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { type CachedLayer, cacheKey, findLayer, replaceLayer, storeLayer } from "../cache/index.ts";
import { createBaseImages } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import {
  addLayer,
  derivedState,
  imageState,
  located,
  markPlaces,
  record,
  refuseUnpinned,
  type StagePlan,
  type StageState,
  scratchState,
} from "../plan/index.ts";
import { StepNames, type StepReport, throwIfCancelled } from "../report/index.ts";
import { type BuildScope, isStep, type PreparedStep, prepareDirectory, type StageScope, stepOf } from "../steps/index.ts";
import type { NewLayer } from "../workspace/index.ts";

export class Solver {
  readonly scope: BuildScope;
  readonly #abort: AbortController;
  #stages = new Map<number, Promise<StageState>>();
  /** Steps of this build by key: two stages with the same step run it once. */
  #running = new Map<string, Promise<CachedLayer>>();
  /** Keys that were used, for the cache's statistics. */
  readonly used: string[] = [];
  /** A RUN could reach a network: it may have been given more than the build was made from. */
  reachesNetwork = false;

  constructor(
    ground: Ground,
    options: BuildOptions,
    parts: Pick<
      BuildScope,
      "plan" | "progress" | "making" | "context" | "contexts" | "carried" | "platform" | "escape" | "epoch" | "pinned"
    > & {
      abort: AbortController;
    },
  ) {
    const { abort, ...rest } = parts;
    this.#abort = abort;
    const { signal } = abort;
    this.scope = {
      ground,
      options,
      signal,
      ...rest,
      stage: (index) => this.stage(index),
      cleanup: new AsyncDisposableStack(),
      images: createBaseImages(ground, options, rest, signal),
    };
  }

  /** Runs what the target needs; the first failure calls the rest off. */
  async solve(): Promise<StageState> {
    const { plan } = this.scope;
    const all = plan.reachable.map((stage) => this.stage(stage.index));
    const settled = Promise.allSettled(all);
    try {
      await Promise.all(all);
    } catch (error) {
      this.#abort.abort();
      await settled; // nothing of this build outlives it
      throw error;
    }
    return this.stage(plan.target.index);
  }

  stage(index: number): Promise<StageState> {
    let stage = this.#stages.get(index);
    if (!stage) this.#stages.set(index, (stage = this.#runStage(this.scope.plan.stages[index] as StagePlan)));
    return stage;
  }

  async #runStage(plan: StagePlan): Promise<StageState> {
    const { state, triggers, imageName } = await this.#base(plan);
    const instructions = [
      ...triggers.map((instruction) => ({ instruction, trigger: true })),
      ...plan.stage.instructions.map((instruction) => ({ instruction, trigger: false })),
    ];
    const steps = instructions.filter(({ instruction }) => isStep(instruction)).length + (imageName ? 1 : 0);
    const names = new StepNames(plan.label, steps);
    if (imageName) this.scope.progress.cached(names.next(`FROM ${imageName}`));
    for (const { instruction, trigger } of instructions) {
      throwIfCancelled(this.scope.signal);
      await this.#apply(state, plan, instruction, (text) => names.next(text, trigger));
      markPlaces(state, instruction.location);
    }
    return state;
  }

  async #base({ base, stage, index }: StagePlan): Promise<Base> {
    const { images, platform, contexts, options } = this.scope;
    const { location } = stage.from;
    if (base.kind === "scratch") return { state: scratchState(platform), triggers: [] };
    if (base.kind === "stage") {
      const before = await this.stage(base.index);
      return { state: derivedState(before), triggers: parseTriggers(before.config.OnBuild ?? [], location) };
    }
    const context = base.kind === "context" ? await atLocation(location, () => contexts.get(base.name)) : undefined;
    if (context?.kind === "scratch") return { state: scratchState(platform), triggers: [] };
    if (base.kind === "context" && context?.kind === "directory") return this.#directoryBase(base.name, stage.from, index);
    if (context?.kind === "layout")
      return baseOf(await atLocation(location, () => context.image(options.platform)), location, context.value);
    const reference = context?.kind === "image" ? context.reference : base.kind === "image" ? base.reference : "";
    const wanted = base.kind === "image" ? base.platform : undefined;
    return baseOf(await atLocation(location, () => images.get(reference, wanted)), location, images.nameOf(reference));
  }

  /** `FROM name` of a context that is a directory: its files as the only layer. */
  async #directoryBase(name: string, from: InstructionBase, index: number): Promise<Base> {
    const state = scratchState(this.scope.platform);
    const step = await atLocation(from.location, () => prepareDirectory(this.#within(index), name, from));
    const layer = await this.#resolve(
      "",
      step,
      `[context ${name}] load from directory`,
      Boolean(this.scope.options.noCache),
      from.location,
    );
    addLayer(state, layer, step.createdBy);
    markPlaces(state, from.location);
    return { state, triggers: [] };
  }

  async #apply(state: StageState, plan: StagePlan, raw: Instruction, name: (text: string) => string): Promise<void> {
    const override = (key: string) => this.scope.options.buildArgs?.[key];
    const { instruction } = expandInstruction(raw, state.environment, { escape: this.scope.escape, override });
    const { pinned, plan: whole } = this.scope;
    if (pinned) refuseUnpinned(whole, instruction, plan.index, pinned);
    const entry = stepOf(instruction);
    if (!entry) return located(raw.location, () => configureAndRecord(state, instruction));
    if ("declare" in entry) return entry.declare(this.scope, state, instruction);
    const text = entry.title?.(this.scope, state, instruction) ?? this.#title(state, instruction);
    const step = await atLocation(raw.location, () => entry.prepare(this.#within(plan.index), state, instruction));
    if (!step) return;
    this.reachesNetwork ||= step.reachesNetwork ?? false;
    const title = name(text);
    const layer = await this.#resolve(state.chainId, step, title, this.#ignoresCache(plan), raw.location);
    addLayer(state, layer, step.createdBy);
  }

  #title({ environment }: StageState, { original }: Instruction): string {
    return displayText(original, environment, { escape: this.scope.escape, raw: false });
  }

  #within(stageIndex: number): StageScope {
    return { ...this.scope, stageIndex };
  }

  #ignoresCache(plan: StagePlan): boolean {
    const { noCache, noCacheFilter = [] } = this.scope.options;
    return Boolean(noCache) || noCacheFilter.some((name) => name.toLowerCase() === plan.stage.name || name === String(plan.index));
  }

  async #resolve(parent: string, step: PreparedStep, title: string, ignoreCache: boolean, location: SourceLocation): Promise<CachedLayer> {
    const { progress, epoch } = this.scope;
    const key = cacheKey(parent, step.key, epoch);
    this.used.push(key);
    const running = this.#running.get(key);
    const found = running ? await running : ignoreCache ? undefined : await this.#find(key, parent, title);
    if (found) {
      progress.cached(title);
      return found;
    }
    const work = progress.step(title, (report) => this.#execute(key, parent, step, report, ignoreCache, title), location);
    this.#running.set(key, work);
    return work;
  }

  /** The step's layer, from the store or from a cache that a build on another host wrote. */
  async #find(key: string, parent: string, title: string): Promise<CachedLayer | undefined> {
    const { carried, ground, signal } = this.scope;
    const found = findLayer(ground, key);
    if (found || !carried) return found;
    return carried.take({ key, parent, description: describeStep(title) }, signal);
  }

  async #execute(
    key: string,
    parent: string,
    step: PreparedStep,
    report: StepReport,
    replace: boolean,
    title: string,
  ): Promise<CachedLayer> {
    const { ground, making, signal, epoch } = this.scope;
    making.begin();
    const created = () => new Date(epoch === undefined ? Date.now() : epoch * 1000).toISOString();
    const description = describeStep(title);
    const store = (at: string, layer: CachedLayer, below: string) => {
      const replaced = replace ? findLayer(ground, at) : undefined;
      if (replaced) holdChain(ground, replaced.chainId); // it may lose its last user: collected when the build is over
      return (replace ? replaceLayer : storeLayer)(ground, at, layer, { description, parent: below });
    };
    if (!step.independent || parent === "")
      return store(key, { ...(await this.#carryOut(parent, step, report)), created: created() }, parent);
    const ownKey = cacheKey("", step.key, epoch);
    const known = replace ? undefined : findLayer(ground, ownKey);
    const own = known ?? store(ownKey, { ...(await this.#carryOut("", step, report)), created: created() }, "");
    const { restack } = await import("../workspace/restack.ts");
    const layer = await restack(ground, own, parent, signal);
    return store(key, { ...layer, created: own.created }, parent);
  }

  /** Runs a step on the layers of a chain and keeps what it wrote. */
  async #carryOut(parent: string, step: PreparedStep, report: StepReport): Promise<NewLayer> {
    const { ground, signal, epoch } = this.scope;
    // What carries steps out is loaded when the cache has no answer.
    const { openWorkspace } = await import("../workspace/workspace.ts");
    await using workspace = await openWorkspace(ground, parent);
    await step.run(workspace, report);
    throwIfCancelled(signal);
    return await workspace.commit({ signal, ...(epoch === undefined ? {} : { epoch }) }); // before the workspace goes
  }
}

function configureAndRecord(state: StageState, instruction: Instruction): void {
  const createdBy = configure(state, instruction);
  if (createdBy !== undefined) record(state, createdBy);
}

/** A step's title without its place in the build. */
function describeStep(title: string): string {
  return title.replace(/^\[[^\]]*\] /, "");
}

/** What a stage starts from, and the triggers that it leaves for the stage. */
interface Base {
  state: StageState;
  triggers: Instruction[];
  imageName?: string;
}

function baseOf(image: ResolvedImage, location: SourceLocation, imageName: string): Base {
  return { state: imageState(image), triggers: parseTriggers(image.config.config?.OnBuild ?? [], location), imageName };
}

/** Awaits `body`; an EngineError without a location gets this one. */
async function atLocation<T>(location: SourceLocation, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof EngineError) error.location ??= location;
    throw error;
  }
}

/** ONBUILD triggers come as text in the base's configuration; errors point at the FROM that brought them. */
function parseTriggers(triggers: readonly string[], location: SourceLocation): Instruction[] {
  return triggers.map((text) => {
    try {
      return { ...parseTrigger(text, { file: "ONBUILD" }).trigger, location };
    } catch (error) {
      if (error instanceof EngineError) error.location = location;
      throw error;
    }
  });
}
