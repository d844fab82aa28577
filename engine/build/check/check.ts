/** `build --check` and `build --call`: what can be said of a Dockerfile without building it. */

import { parseDockerfile } from "../../dockerfile/index.ts";
import { checkDockerfile as lintText } from "../../dockerfile/lint/index.ts";
import type { Dockerfile, RunMount } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { type BuildSource, isFromDirectory, loadSource } from "../context/index.ts";
import type { Builder, BuildOptions } from "../index.ts";
import { type BuildPlan, planBuild, platformArgs } from "../plan/index.ts";
import { knownBases, lintOptions } from "./lint.ts";

/** The quick program (see from-cache.ts) has no streams to receive a context. */
function load(ground: Ground, options: BuildOptions): Promise<BuildSource> {
  if (!isFromDirectory(options)) ground.options.handOver?.();
  return loadSource(ground, options);
}

/** Lints the Dockerfile: BuildKit's checks and berth's own. What would stop the build comes beside what was found. */
export async function checkDockerfile(ground: Ground, options: BuildOptions): ReturnType<Builder["check"]> {
  await using source = await load(ground, options);
  const { text, file, ignore } = source;
  const planned = tryToPlan(text, file, options);
  const base = planned instanceof EngineError ? () => undefined : await knownBases(ground, planned);
  const linted = lintText(text, { file, ...lintOptions(ignore, options), base });
  const error = linted.error ?? (planned instanceof EngineError ? planned : undefined);
  return { findings: linted.findings, source: text, file, ...(error ? { error } : {}) };
}

function tryToPlan(text: string, file: string, options: BuildOptions): BuildPlan | EngineError {
  try {
    return planOf(parseDockerfile(text, { file }), options);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

function planOf(parsed: Dockerfile, options: BuildOptions): BuildPlan {
  return planBuild(parsed, {
    ...(options.target === undefined ? {} : { target: options.target }),
    buildArgs: options.buildArgs ?? {},
    platformArgs: platformArgs(options.platform ? parsePlatform(options.platform) : hostPlatform()),
    contexts: Object.keys(options.buildContexts ?? {}).map((name) => name.toLowerCase()),
  });
}

/** What a build of the target can be given: arguments, secrets, and the targets there are. */
export async function outlineDockerfile(ground: Ground, options: BuildOptions): ReturnType<Builder["outline"]> {
  await using source = await load(ground, options);
  const parsed = parseDockerfile(source.text, { file: source.file });
  const plan = planOf(parsed, options);
  return {
    target: plan.target.stage.name ?? String(plan.target.index),
    args: argsOf(parsed, plan),
    secrets: [...new Set(mountsOf(plan).flatMap((mount) => (mount.type === "secret" ? [secretId(mount)] : [])))],
    targets: plan.stages.map(({ stage, index }) => ({
      name: stage.name ?? String(index),
      base: stage.from.image,
      ...commentOf(stage.from.comments, stage.name),
    })),
  };
}

type OutlineArg = Awaited<ReturnType<Builder["outline"]>>["args"][number];

/** ARGs of the stages that run and those before the first FROM; the first that says more about a name is kept. */
function argsOf(parsed: Dockerfile, plan: BuildPlan): OutlineArg[] {
  const found = new Map<string, OutlineArg>();
  const stages = plan.reachable.flatMap(({ stage }) => stage.instructions.filter((instruction) => instruction.kind === "arg"));
  for (const { args } of [...parsed.metaArgs, ...stages]) {
    for (const { key, value, comment } of args) {
      const earlier = found.get(key);
      const byDefault = earlier?.default ?? value;
      const description = earlier?.description ?? comment;
      found.set(key, {
        name: key,
        ...(byDefault === undefined ? {} : { default: byDefault }),
        ...(description === undefined ? {} : { description }),
      });
    }
  }
  return [...found.values()];
}

function mountsOf(plan: BuildPlan): RunMount[] {
  return plan.reachable.flatMap(({ stage }) =>
    stage.instructions.flatMap((instruction) => (instruction.kind === "run" ? instruction.mounts : [])),
  );
}

function secretId(mount: Extract<RunMount, { type: "secret" }>): string {
  return mount.id ?? (mount.target ?? "").replace(/.*\//, "");
}

/** "# app the program itself" above "FROM … AS app". */
function commentOf(comments: readonly string[], name: string | undefined): { description?: string } {
  const comment = name === undefined ? undefined : comments.find((each) => each.toLowerCase().startsWith(`${name} `));
  return comment === undefined ? {} : { description: comment.slice((name as string).length + 1) };
}
