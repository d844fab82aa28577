/**
 * The graph of a build: what each stage stands on and copies from, and which stages the target needs. Pure: nothing is
 * resolved or run here.
 */
import { expandInstruction, findInstruction, specOf } from "../../dockerfile/index.ts";
import type { Dockerfile, InstructionBase, Stage } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { nearestName } from "../../suggest.ts";
import { contextNamed } from "./context-name.ts";

export type BaseRef =
  | { kind: "scratch" }
  | { kind: "stage"; index: number }
  | { kind: "image"; reference: string; platform?: string }
  | { kind: "context"; name: string };

/** Where `--from` points. */
export type FromRef = { kind: "stage"; index: number } | { kind: "image"; reference: string } | { kind: "context"; name: string };

export interface StagePlan {
  index: number;
  stage: Stage;
  base: BaseRef;
  /** How progress names the stage: "builder", "stage-1"; "" in a file of one unnamed stage. */
  label: string;
  /** Stages whose files or configuration it needs. */
  needs: number[];
}

export interface BuildPlan {
  stages: StagePlan[];
  target: StagePlan;
  /** The target and what it needs, in file order: nothing else runs. */
  reachable: StagePlan[];
  /** Values of the ARGs before the first FROM. */
  globalArgs: Map<string, string>;
}

export interface PlanOptions {
  target?: string;
  buildArgs: Record<string, string>;
  /** Predefined: BUILDPLATFORM, TARGETARCH, … */
  platformArgs: Record<string, string>;
  /** Names given by --build-context, in lower case: they go before stages and images. */
  contexts: string[];
}

/** Builds the graph. Throws `dockerfile` errors with the location of the instruction at fault. */
export function planBuild(file: Dockerfile, options: PlanOptions): BuildPlan {
  const globalArgs = globalArgsOf(file, options);
  const index = new StageIndex(file.stages);
  const stages = file.stages.map((stage) => planStage(stage, file, index, globalArgs, options));
  const target = findTarget(stages, options.target, file);
  refuseCycles(stages);
  const wanted = new Set<number>();
  const visit = (at: number) => {
    if (wanted.has(at)) return;
    wanted.add(at);
    for (const need of stages[at]?.needs ?? []) visit(need);
  };
  visit(target.index);
  const reachable = stages.filter((stage) => wanted.has(stage.index));
  for (const { stage } of reachable)
    for (const { from, value, at } of refsOf(stage, index, options.contexts)) refuseLater(from, value, at, file.stages, stage.index);
  return { stages, target, reachable, globalArgs };
}

/** Runs `body`; an EngineError without a location gets the instruction's. */
export function located<T>(location: SourceLocation, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof EngineError) error.location ??= location;
    throw error;
  }
}

/** The ARGs before the first FROM, and the predefined ones. */
export function globalArgsOf({ metaArgs, directives, stages }: Dockerfile, options: Omit<PlanOptions, "contexts">): Map<string, string> {
  const predefined = { ...options.platformArgs, TARGETSTAGE: options.target || (stages.at(-1)?.name ?? "default") };
  const override = (name: string) => options.buildArgs[name];
  const values = new Map(Object.entries(predefined).map(([name, value]) => [name, override(name) ?? value]));
  for (const raw of metaArgs) {
    const { instruction } = expandInstruction(raw, values, { escape: directives.escape, override });
    for (const { key, value } of instruction.args) if (value !== undefined) values.set(key, value);
  }
  return values;
}

/** Stages by name and number. Of two with the same name the later one counts, but FROM sees only earlier ones. */
class StageIndex {
  readonly #stages: Stage[];

  constructor(stages: Stage[]) {
    this.#stages = stages;
  }

  named(name: string, before = this.#stages.length): number | undefined {
    return this.#stages.slice(0, before).findLast((stage) => stage.name === name.toLowerCase())?.index;
  }

  /** `--from=VALUE`: a stage's number or name, a named context, or an image. A named context replaces the stage of its name. */
  from(value: string, at: InstructionBase, contexts: string[]): FromRef {
    const numbered = /^\d+$/.test(value) ? this.#numbered(value, at) : undefined;
    const context = contextNamed(contexts, numbered?.name ?? value);
    if (context !== undefined) return { kind: "context", name: context };
    const index = numbered?.index ?? this.named(value);
    return index === undefined ? { kind: "image", reference: value } : { kind: "stage", index };
  }

  #numbered(value: string, at: InstructionBase): Stage {
    const stage = this.#stages[Number(value)];
    if (stage) return stage;
    throw new EngineError("dockerfile", `invalid from flag value ${value}: invalid stage index ${value}`, { location: at.location });
  }
}

/**
 * Only what is complete can be copied from, and a stage that stands further down never is: otherwise two stages, by the
 * triggers of their images, could wait for each other.
 * @param index of the stage that copies
 */
function refuseLater(from: FromRef, value: string, at: InstructionBase, stages: readonly Stage[], index: number): void {
  if (from.kind !== "stage" || from.index < index) return;
  const verb = findInstruction(at.keyword)?.from?.verb ?? "copy";
  const current = nameOf(stages[index] as Stage);
  const { line } = (stages[from.index] as Stage).location;
  throw new EngineError("dockerfile", `cannot ${verb} from stage "${value}", it needs to be defined before current stage "${current}"`, {
    location: at.location,
    hint: `stage "${value}" begins at line ${line}: move it up`,
  });
}

const nameOf = ({ name, index }: Stage) => name ?? `stage-${index}`;

function planStage(
  stage: Stage,
  file: Dockerfile,
  index: StageIndex,
  globalArgs: ReadonlyMap<string, string>,
  options: PlanOptions,
): StagePlan {
  const base = baseOf(stage, file, index, globalArgs, options);
  const needs = new Set(base.kind === "stage" ? [base.index] : []);
  for (const { from } of refsOf(stage, index, options.contexts)) if (from.kind === "stage") needs.add(from.index);
  return {
    index: stage.index,
    stage,
    base,
    label: stage.name ?? (file.stages.length > 1 ? `stage-${stage.index}` : ""),
    needs: [...needs],
  };
}

function baseOf(stage: Stage, file: Dockerfile, index: StageIndex, globalArgs: ReadonlyMap<string, string>, options: PlanOptions): BaseRef {
  const { image: name, platform } = expandInstruction(stage.from, globalArgs, { escape: file.directives.escape }).instruction;
  if (name === "")
    throw new EngineError("dockerfile", `base name (${stage.from.image}) should not be blank`, { location: stage.from.location });
  const context = contextNamed(options.contexts, name);
  if (context !== undefined) return { kind: "context", name: context };
  const earlier = index.named(name, stage.index);
  if (earlier !== undefined) {
    // As for BuildKit, other than in COPY --from and --target.
    const lower = name.toLowerCase();
    if (name === lower) return { kind: "stage", index: earlier };
    const message = `failed to parse stage name "${name}": invalid reference format: repository name must be lowercase`;
    const hint = `FROM knows stages by their names in lower case: write FROM ${lower}`;
    throw new EngineError("dockerfile", message, { hint, location: stage.from.location });
  }
  if (name === "scratch") return { kind: "scratch" };
  return { kind: "image", reference: name, ...(platform ? { platform } : {}) };
}

/** Where a stage's instructions point. */
function refsOf(stage: Stage, index: StageIndex, contexts: string[]) {
  return stage.instructions.flatMap((at) =>
    (specOf(at).from?.of(at) ?? []).map((value) => ({ value, at, from: index.from(value, at, contexts) })),
  );
}

/** Resolves a `--from` value against a plan's stages. @param index the stage whose instruction it is */
export function resolveFrom(plan: BuildPlan, value: string, at: InstructionBase, contexts: string[], index: number): FromRef {
  const stages = plan.stages.map(({ stage }) => stage);
  const from = new StageIndex(stages).from(value, at, contexts);
  refuseLater(from, value, at, stages, index); // a trigger's, that no plan knew of
  return from;
}

function findTarget(stages: StagePlan[], target: string | undefined, file: Dockerfile): StagePlan {
  const last = stages.at(-1);
  if (!last)
    throw new EngineError("dockerfile", "file with no instructions", {
      location: { file: file.file, line: 1, column: 1, source: file.source },
    });
  if (target === undefined || target === "") return last;
  const found =
    stages.findLast(({ stage }) => stage.name === target.toLowerCase()) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
  if (!found) {
    const names = stages.flatMap(({ stage }) => stage.name ?? []);
    const near = nearestName(target, names);
    throw new EngineError("not-found", `target stage "${target}" could not be found${near ? ` (did you mean ${near}?)` : ""}`, {
      hint: names.length > 0 ? `the stages of ${file.file} are: ${names.join(", ")}` : `${file.file} names no stage`,
    });
  }
  return found;
}

function refuseCycles(stages: StagePlan[]): void {
  const done = new Set<number>();
  const visit = (at: number, path: number[]): void => {
    if (path.includes(at)) {
      const stage = stages[at] as StagePlan;
      throw new EngineError("dockerfile", `circular dependency detected on stage: ${stage.label || stage.index}`, {
        location: stage.stage.from.location,
      });
    }
    if (done.has(at)) return;
    for (const need of stages[at]?.needs ?? []) visit(need, [...path, at]);
    done.add(at);
  };
  for (const { index } of stages) visit(index, []);
}
