/** The lint of a build: BuildKit's checks on the stages that the target needs, with what the store knows of their bases. */

import { type BaseImage, type LintOptions, type LintResult, lint } from "../../dockerfile/lint/index.ts";
import type { Dockerfile } from "../../dockerfile/types.ts";
import { type ResolvedImage, tryResolveImage } from "../../image/store/index.ts";
import { formatPlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import type { IgnoreRules } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import type { BuildPlan } from "../plan/index.ts";

/**
 * What the linter wants to know of a build. Where an exception of .dockerignore may bring files back, nothing is said of what is
 * ignored, as BuildKit has it.
 */
export function lintOptions(rules: IgnoreRules | undefined, options: BuildOptions): LintOptions {
  const check = options.buildArgs?.["BUILDKIT_DOCKERFILE_CHECK"];
  return {
    ...(options.buildArgs ? { buildArgs: options.buildArgs } : {}),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(check === undefined ? {} : { check }),
    ...(rules && !rules.exceptions ? { ignored: (path: string) => (path === "." ? leavesNothing(rules) : rules.matches(path)) } : {}),
  };
}

/** The context's root is no path that a pattern is about: it counts as ignored where all in it is. */
const leavesNothing = ({ patterns }: IgnoreRules) => patterns.some(({ text }) => ["*", "**", "**/*"].includes(text));

/** What the store knows of the images that a Dockerfile's stages begin from; nothing is pulled for it. */
export async function knownBases(ground: Ground, plan: BuildPlan): Promise<NonNullable<LintOptions["base"]>> {
  const known = new Map<string, BaseImage>();
  for (const { base } of plan.stages) {
    if (base.kind !== "image" || known.has(base.reference)) continue;
    const image = tryResolveImage(ground, base.reference); // a damaged one is the build's to report
    if (image) known.set(base.reference, baseOf(image));
  }
  return (name) => known.get(name);
}

function baseOf({ config }: ResolvedImage): BaseImage {
  const { os, architecture, variant } = config;
  const shell = config.config?.Shell;
  return {
    env: config.config?.Env ?? [],
    ...(shell ? { shell } : {}),
    ...(config.config?.Labels ? { labels: config.config.Labels } : {}),
    platform: formatPlatform({ os, architecture, ...(variant ? { variant } : {}) }),
  };
}

/** The stages that run, checked as BuildKit does in every build. */
export async function lintBuild(
  ground: Ground,
  parsed: Dockerfile,
  plan: BuildPlan,
  rules: IgnoreRules | undefined,
  options: BuildOptions,
): Promise<LintResult> {
  const stages = new Set(plan.reachable.map(({ index }) => index));
  return lint(parsed, { ...lintOptions(rules, options), stages, base: await knownBases(ground, plan) });
}
