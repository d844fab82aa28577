/** What lint found in the very same Dockerfile before: a rebuild need not load the linter to say it again. */

import type { Dockerfile } from "../../dockerfile/types.ts";
import { resolveImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { digestOf, findDigest, storeDigest } from "../cache/index.ts";
import type { IgnoreRules } from "../context/index.ts";
import type { BuildOptions, LintFinding } from "../index.ts";
import type { BuildPlan } from "../plan/index.ts";

/** Bump when rules change. */
const generation = 3;

/**
 * The findings of a build.
 * @throws EngineError with `# check=error=true` and findings; such a result is never remembered
 */
export async function findingsOf(
  ground: Ground,
  parsed: Dockerfile,
  plan: BuildPlan,
  rules: IgnoreRules | undefined,
  options: BuildOptions,
): Promise<Pick<LintFinding, "file" | "line" | "column" | "message" | "rule">[]> {
  const { version } = ground.options;
  const { buildArgs = {}, target = "", platform = "" } = options;
  const ignored = rules?.patterns.map(({ text, exception }) => [text, exception]) ?? [];
  const about = [parsed.file, parsed.source, buildArgs, target, platform, ignored, await basesOf(ground, plan)];
  const key = digestOf(["lint", generation, version ?? "", ...about]);
  const known = findDigest(ground, key);
  if (known !== undefined) return JSON.parse(known) as LintFinding[];
  const { lintBuild } = await import("./lint.ts");
  const { findings, violation } = await lintBuild(ground, parsed, plan, rules, options);
  if (violation) throw violation;
  const kept = findings.map(({ file, line, column, message, rule }) => ({ file, line, column, message, rule }));
  storeDigest(ground, key, JSON.stringify(kept), `checks of ${parsed.file}`);
  return kept;
}

async function basesOf(ground: Ground, { stages }: BuildPlan): Promise<string[]> {
  const ids = stages.map(async ({ base }) => (base.kind === "image" ? (resolveImage(ground, base.reference)?.id ?? "") : base.kind));
  return Promise.all(ids);
}
