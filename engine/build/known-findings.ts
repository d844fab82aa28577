/** What lint found in the very same Dockerfile before: a rebuild need not load the linter to say it again. */
import type { Dockerfile } from "../dockerfile/types.ts";
import type { House } from "../house.ts";
import { findDigest, storeDigest } from "./cache.ts";
import { digestOf } from "./cache-key.ts";
import type { BuildOptions, LintFinding } from "./index.ts";
import type { BuildPlan } from "./plan.ts";
import type { IgnoreRules } from "./source.ts";

/** Bump when rules change. */
const generation = 1;

/**
 * The findings of a build.
 * @throws EngineError with `# check=error=true` and findings; such a result is never remembered
 */
export async function findingsOf(
  house: House,
  parsed: Dockerfile,
  plan: BuildPlan,
  rules: IgnoreRules | undefined,
  options: BuildOptions,
): Promise<Pick<LintFinding, "file" | "line" | "column" | "message" | "rule">[]> {
  const { version } = house.options;
  const { buildArgs = {}, target = "", platform = "" } = options;
  const ignored = rules?.patterns.map(({ text, exception }) => [text, exception]) ?? [];
  const about = [parsed.file, parsed.source, buildArgs, target, platform, ignored, await basesOf(house, plan)];
  const key = digestOf(["lint", generation, version ?? "", ...about]);
  const known = findDigest(house, key);
  if (known !== undefined) return JSON.parse(known) as LintFinding[];
  const { lintBuild } = await import("./lint.ts");
  const { findings, violation } = await lintBuild(house, parsed, plan, rules, options);
  if (violation) throw violation;
  const kept = findings.map(({ file, line, column, message, rule }) => ({ file, line, column, message, rule }));
  storeDigest(house, key, JSON.stringify(kept), `checks of ${parsed.file}`);
  return kept;
}

async function basesOf(house: House, { stages }: BuildPlan): Promise<string[]> {
  const ids = stages.map(async ({ base }) =>
    base.kind === "image" ? ((await house.images.resolve(base.reference))?.id ?? "") : base.kind,
  );
  return Promise.all(ids);
}
