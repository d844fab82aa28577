/** `build --check` and `build --call`: what can be said of a Dockerfile without building it. */

import { parseDockerfile } from "../dockerfile/index.ts";
import { type LintOptions, checkDockerfile as lintText } from "../dockerfile/lint/index.ts";
import type { Dockerfile, RunMount } from "../dockerfile/types.ts";
import type { Builder, BuildOptions, LintFinding } from "./index.ts";
import { type BuildPlan, planBuild } from "./plan.ts";
import { hostPlatform, parsePlatform, platformArgs } from "./platform.ts";
import { type BuildSource, loadSource } from "./source.ts";

/** Lints the Dockerfile; what would stop the build is thrown, located. */
export async function checkDockerfile(options: BuildOptions): Promise<{ findings: LintFinding[]; source: string; file: string }> {
  const source = await loadSource(options);
  const { findings, error } = lintText(source.text, { file: source.file, ...(await lintOptions(source, options)) });
  if (error) throw error;
  return { findings, source: source.text, file: source.file };
}

/** What the linter wants to know of a build. */
export async function lintOptions(source: BuildSource, options: BuildOptions): Promise<LintOptions> {
  const { ignore } = source;
  const rules = ignore && (await import("../dockerfile/dockerignore.ts")).parseDockerignore(ignore.text, { file: ignore.file });
  return {
    ...(options.buildArgs ? { buildArgs: options.buildArgs } : {}),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(rules ? { ignored: (path: string) => rules.matches(path) } : {}),
  };
}

/** What a build of the target can be given: arguments, secrets, and the targets there are. */
export async function outlineDockerfile(options: BuildOptions): ReturnType<Builder["outline"]> {
  const { text, file } = await loadSource(options);
  const parsed = parseDockerfile(text, { file });
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform();
  const plan = planBuild(parsed, {
    ...(options.target === undefined ? {} : { target: options.target }),
    buildArgs: options.buildArgs ?? {},
    platformArgs: platformArgs(platform),
    contexts: Object.keys(options.buildContexts ?? {}),
  });
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
