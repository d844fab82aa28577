/**
 * A Dockerfile as its rules see it: variables resolved stage by stage the way a build resolves them, as far as that is
 * possible without the base images. Pure.
 */

import { EngineError } from "../../errors.ts";
import { formatPlatform, hostPlatform } from "../../platform.ts";
import { nearestName } from "../../suggest.ts";
import { type Expansion, expand } from "../expand.ts";
import { expandInstruction } from "../expand-instruction.ts";
import type { Dockerfile, Instruction, Stage } from "../types.ts";
import type { LintOptions } from "./rule.ts";
import { Scope } from "./scope.ts";

/** What lint wants to know of an image. */
export interface BaseImage {
  /** "NAME=value" */
  env: string[];
  shell?: string[];
  labels?: Record<string, string>;
  /** "os/arch[/variant]" */
  platform?: string;
}

export interface InstructionAnalysis {
  /** As written. */
  instruction: Instruction;
  /** Variables expanded; as written where that fails. */
  expanded: Instruction;
  /** Names used that have no value and are not declared, each with the name that was likely meant. */
  undefinedNames: { name: string; near: string | undefined }[];
}

export interface StageAnalysis {
  stage: Stage;
  /** The stage it begins from, when its image names one. */
  parent?: StageAnalysis;
  /** Image and platform with the ARGs before the first FROM. */
  image: Expansion;
  platform?: Expansion;
  /** The image when nobody passes build arguments. */
  defaultImage?: string;
  base?: BaseImage;
  /** Every variable of the base is known: the lineage ends in scratch or in a known image. */
  complete: boolean;
  instructions: InstructionAnalysis[];
  /** The lineage sets SHELL. */
  shell: string[] | undefined;
}

export interface Analysis {
  /** Names that FROM may use: ARGs before the first FROM and predefined ones. */
  globalNames: Set<string>;
  targetPlatform: string;
  stages: StageAnalysis[];
  /** What a build would reject only when it expands. */
  error?: EngineError;
}

/** Suggestions cost a look at every name, so a file gets no more of them than anybody reads. */
const mostSuggestions = 100;

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Arguments that exist without a declaration in FROM lines (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
function predefined(platform: string, dockerfile: Dockerfile, options: LintOptions): Scope {
  const scope = new Scope();
  for (const [prefix, value] of [
    ["BUILD", formatPlatform(hostPlatform())],
    ["TARGET", platform],
  ] as const) {
    const [os = "", architecture = "", variant = ""] = value.split("/");
    scope
      .set(`${prefix}PLATFORM`, value)
      .set(`${prefix}OS`, os)
      .set(`${prefix}OSVERSION`, "")
      .set(`${prefix}ARCH`, architecture)
      .set(`${prefix}VARIANT`, variant);
  }
  scope.set("TARGETSTAGE", options.target ?? dockerfile.stages.at(-1)?.name ?? "default");
  for (const name of scope.names()) if (options.buildArgs?.[name] !== undefined) scope.set(name, options.buildArgs[name]);
  return scope;
}

export function analyse(dockerfile: Dockerfile, options: LintOptions): Analysis {
  const targetPlatform = options.platform ?? formatPlatform(hostPlatform());
  const analysis: Analysis = { globalNames: new Set(), targetPlatform, stages: [] };
  const guard = guardFor(analysis);
  const builtIn = predefined(targetPlatform, dockerfile, options);
  const globals = globalScope(dockerfile, new Scope(builtIn), options.buildArgs ?? {}, guard);
  const defaults = globalScope(dockerfile, new Scope(builtIn), {}, guard);
  for (const name of globals.names()) analysis.globalNames.add(name);
  for (const { args } of dockerfile.metaArgs) for (const { key } of args) analysis.globalNames.add(key);
  const finished = new Map<string, Running>();
  const budget = { suggestions: mostSuggestions };
  for (const stage of dockerfile.stages) {
    const running = openStage(stage, { globals, defaults, finished, dockerfile, options, guard, budget });
    for (const instruction of stage.instructions) running.result.instructions.push(run(instruction, running));
    analysis.stages.push(running.result);
    if (stage.name) finished.set(stage.name, running);
  }
  return analysis;
}

interface Opening {
  globals: Scope;
  /** As `globals`, without build arguments. */
  defaults: Scope;
  /** Stages before this one, by name. */
  finished: Map<string, Running>;
  dockerfile: Dockerfile;
  options: LintOptions;
  guard: Guard;
  budget: { suggestions: number };
}

/** A stage with what its FROM says and inherits; no instruction has run. */
function openStage(stage: Stage, opening: Opening): Running {
  const { globals, defaults, finished, dockerfile, options, guard, budget } = opening;
  const { from } = stage;
  const how = { escape: dockerfile.directives.escape };
  const located = (text: string) =>
    guard(() => expand(text, globals, how), { word: "", words: [], matched: new Set<string>(), unmatched: new Set<string>() }, stage);
  const image = located(from.image);
  // Only for what a build would reject: a blank image or platform.
  guard(() => expandInstruction(from, globals, how), undefined, stage);
  const parent = finished.get(image.word.toLowerCase());
  const base = parent || image.word === "scratch" ? undefined : options.base?.(image.word);
  const result: StageAnalysis = {
    stage,
    ...(parent ? { parent: parent.result } : {}),
    image,
    ...(from.platform ? { platform: located(from.platform) } : {}),
    defaultImage: guard(() => expand(from.image, defaults, how).word, undefined, stage),
    ...(base ? { base } : {}),
    complete: parent?.result.complete ?? (image.word === "scratch" || base !== undefined),
    instructions: [],
    shell: parent?.result.shell ?? base?.shell,
  };
  return {
    result,
    scope: new Scope(parent?.scope, parent ? [] : variablesOf(base)),
    globals,
    dockerfile,
    options,
    guard,
    budget,
  };
}

type Guard = <T>(action: () => T, otherwise: T, at?: Stage) => T;

/** Keeps the first error of the language and goes on. */
function guardFor(analysis: Analysis): Guard {
  return (action, otherwise, at) => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      error.location ??= at?.from.location;
      analysis.error ??= error;
      return otherwise;
    }
  };
}

function variablesOf(base: BaseImage | undefined): Map<string, string> {
  const scope = new Map([["PATH", defaultPath]]);
  for (const variable of base?.env ?? []) {
    const equals = variable.indexOf("=");
    if (equals > 0) scope.set(variable.slice(0, equals), variable.slice(equals + 1));
  }
  return scope;
}

function globalScope(dockerfile: Dockerfile, scope: Scope, buildArgs: Record<string, string>, guard: Guard): Scope {
  const options = { escape: dockerfile.directives.escape, override: (name: string) => buildArgs[name] };
  for (const arg of dockerfile.metaArgs) {
    const { args } = guard(() => expandInstruction(arg, scope, options).instruction, arg);
    for (const { key, value } of args) if (value !== undefined) scope.set(key, value);
  }
  return scope;
}

interface Running {
  result: StageAnalysis;
  scope: Scope;
  globals: Scope;
  dockerfile: Dockerfile;
  options: LintOptions;
  guard: Guard;
  budget: { suggestions: number };
}

function run(instruction: Instruction, state: Running): InstructionAnalysis {
  const { scope, globals, options, guard } = state;
  const inherited = (name: string) => options.buildArgs?.[name];
  const nothing = { instruction, matched: new Set<string>(), unmatched: new Set<string>() };
  const expanded = guard(
    () => expandInstruction(instruction, scope, { escape: state.dockerfile.directives.escape, override: inherited }),
    nothing,
  );
  const undefinedNames = [...expanded.unmatched]
    .filter((name) => !scope.isDeclared(name) && !name.startsWith("BUILDKIT_SBOM_SCAN_"))
    .map((name) => ({ name, near: state.budget.suggestions-- > 0 ? nearestName(name, scope.names()) : undefined }));
  const after = expanded.instruction;
  if (after.kind === "env") for (const { key, value } of after.variables) scope.set(key, value);
  if (after.kind === "shell") state.result.shell = after.shell;
  if (after.kind === "arg") {
    for (const { key, value } of after.args) {
      scope.declare(key);
      const resolved = value ?? globals.get(key);
      if (resolved !== undefined) scope.set(key, resolved);
    }
  }
  return { instruction, expanded: after, undefinedNames };
}
