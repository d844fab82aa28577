/** What can be asked of a Dockerfile besides a build, in the documents of BuildKit's frontend: its targets, and what a build of one takes. Pure. */
import { describe, expand } from "../../dockerfile/index.ts";
import { type Analysis, analyse, type LintOptions, type StageAnalysis } from "../../dockerfile/lint/index.ts";
import type { Dockerfile, InstructionOf, RunMount } from "../../dockerfile/types.ts";
import type { SourceLocation } from "../../errors.ts";
import type { DocumentLocation, Outline, OutlineArg, OutlineMount, TargetList } from "../index.ts";
import type { BuildPlan, StagePlan } from "../plan/index.ts";

/** Every stage, as written; the last one is what a build makes. */
export function targetsOf({ stages, source }: Dockerfile): TargetList {
  const targets = stages.map(({ name, from, index }) => ({
    ...(name !== undefined && { name }),
    ...(index === stages.length - 1 && { default: true }),
    ...described(from.comments, name),
    base: from.image,
    ...(from.platform !== undefined && { platform: from.platform }),
    location: placeOf(from.location),
  }));
  return { targets, sources: [encoded(source)] };
}

/** The arguments, secrets and agents that a build of the plan's target has a use for. @throws EngineError located, for what no build expands */
export function outlineOf(parsed: Dockerfile, { target, stages }: BuildPlan, options: LintOptions): Outline {
  const analysis = analyse(parsed, options);
  if (analysis.error) throw analysis.error;
  const globals = globalsOf(parsed, options.buildArgs ?? {});
  const needed = nearestFirst(target, stages).map(({ index }) => analysis.stages[index]!);
  const { name, from } = target.stage;
  const args = inOrder(firstOfEach(needed.flatMap((stage) => argsOf(stage, analysis, globals))));
  const mounts = needed.flatMap(mountsOf);
  const secrets = inOrder(firstOfEach(mounts.flatMap((found) => mountNamed(found, "secret"))));
  const ssh = inOrder(firstOfEach(mounts.flatMap((found) => mountNamed(found, "ssh"))));
  return {
    ...(name !== undefined && { name }),
    ...described(from.comments, name),
    ...(args.length > 0 && { args }),
    ...(secrets.length > 0 && { secrets }),
    ...(ssh.length > 0 && { ssh }),
    sources: [encoded(parsed.source)],
  };
}

const described = (comments: readonly string[], name: string | undefined) => {
  const description = name === undefined ? undefined : describe(comments, name);
  return description === undefined ? {} : { description };
};

/** A stage, what it begins from, what it copies from: of arguments with one name the nearest is the target's. */
function nearestFirst(target: StagePlan, stages: readonly StagePlan[]): StagePlan[] {
  const found = new Set<StagePlan>();
  const visit = (stage: StagePlan) => {
    if (found.has(stage)) return;
    found.add(stage);
    const base = stage.base.kind === "stage" ? [stage.base.index] : [];
    for (const index of [...base, ...stage.needs]) visit(stages[index]!);
  };
  visit(target);
  return [...found];
}

interface GlobalArg {
  arg: OutlineArg;
  value: string | undefined;
  /** The others that its default is made of. */
  uses: ReadonlySet<string>;
}

type Globals = ReadonlyMap<string, GlobalArg>;

/** ARGs before the first FROM; of one that is set anew from its own value, all that led to it. */
function globalsOf({ metaArgs, directives }: Dockerfile, buildArgs: Record<string, string>): Globals {
  const globals = new Map<string, GlobalArg>();
  const values = { get: (name: string) => globals.get(name)?.value };
  for (const { args, location } of metaArgs)
    for (const { key, value: byDefault, comment } of args) {
      const given = buildArgs[key];
      const made = given === undefined && byDefault !== undefined ? expand(byDefault, values, { escape: directives.escape }) : undefined;
      const uses = new Set(made?.matched);
      if (uses.delete(key)) for (const name of globals.get(key)?.uses ?? []) uses.add(name);
      const value = given ?? made?.word;
      globals.set(key, { arg: argument({ key, value, comment }, location), value, uses });
    }
  return globals;
}

/** A stage's own, and those before the first FROM by which its FROM or one of its own has a value. */
function argsOf({ instructions, image, platform }: StageAnalysis, { globalNames }: Analysis, globals: Globals): OutlineArg[] {
  const own = new Map<string, OutlineArg>();
  const used = new Set<string>();
  const use = (name: string) => {
    if (used.has(name) || own.has(name)) return;
    used.add(name);
    for (const each of globals.get(name)?.uses ?? []) use(each);
  };
  for (const name of [...image.matched, ...(platform?.matched ?? [])]) use(name);
  for (const { expanded } of instructions)
    for (const arg of expanded.kind === "arg" ? expanded.args : []) {
      const { value } = globals.get(arg.key) ?? {};
      const isInherited = globals.has(arg.key) ? value !== undefined : globalNames.has(arg.key);
      if (arg.value === undefined && isInherited) use(arg.key);
      else own.set(arg.key, argument(arg, expanded.location));
    }
  return [...own.values(), ...[...used].flatMap((name) => globals.get(name)?.arg ?? [])];
}

function argument({ key, value, comment }: InstructionOf<"arg">["args"][number], location: SourceLocation): OutlineArg {
  return {
    name: key,
    ...(comment !== undefined && { description: comment }),
    ...(value && { value }),
    location: placeOf(location),
  };
}

interface FoundMount {
  mount: RunMount;
  location: SourceLocation;
}

const mountsOf = ({ instructions }: StageAnalysis): FoundMount[] =>
  instructions.flatMap(({ expanded }) =>
    expanded.kind === "run" ? expanded.mounts.map((mount) => ({ mount, location: expanded.location })) : [],
  );

function mountNamed({ mount, location }: FoundMount, type: "secret" | "ssh"): OutlineMount[] {
  if (mount.type !== type) return [];
  const name = mount.id ?? (type === "ssh" ? "default" : (mount.target ?? "").replace(/.*\//, ""));
  return [{ name, ...(mount.required && { required: true }), location: placeOf(location) }];
}

const firstOfEach = <T extends { name: string }>(all: readonly T[]): T[] =>
  all.filter((each, at) => all.findIndex(({ name }) => name === each.name) === at);

const lineOf = ({ location }: Pick<OutlineArg, "location">) => location.ranges[0]!.start.line;

const inOrder = <T extends Pick<OutlineArg, "location">>(all: T[]): T[] => all.sort((one, other) => lineOf(one) - lineOf(other));

/** BuildKit knows lines, and no columns. */
export function placeOf({ line, endLine = line }: Pick<SourceLocation, "line" | "endLine">): DocumentLocation {
  return { ranges: [{ start: { line }, end: { line: endLine } }] };
}

export const encoded = (source: string) => Buffer.from(source).toString("base64");
