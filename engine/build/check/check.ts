/** `build --check` and `build --call`: what can be said of a Dockerfile without building it. */

import { parseDockerfile } from "../../dockerfile/index.ts";
import { checkDockerfile as lintText } from "../../dockerfile/lint/index.ts";
import type { Dockerfile } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostPlatform, parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { type BuildSource, isFromDirectory, loadSource } from "../context/index.ts";
import type { Answer, Builder, BuildOptions, LintDocument, LintFinding, Outline, TargetList } from "../index.ts";
import { type BuildPlan, planBuild, platformArgs } from "../plan/index.ts";
import { knownBases, lintOptions } from "./lint.ts";
import { encoded, outlineOf, placeOf, targetsOf } from "./outline.ts";
import { outlineText, targetsText } from "./outline-text.ts";

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
  const { findings } = linted;
  return { findings, source: text, file, ...(error && { error }), document: lintDocument(findings, { text, file }, error) };
}

function lintDocument(
  findings: readonly LintFinding[],
  { text, file }: Pick<BuildSource, "text" | "file">,
  error: EngineError | undefined,
): LintDocument {
  const warnings = findings.map(({ rule: ruleName, description, url, message: detail, ...at }) => ({
    ...{ ruleName, description, ...(url && { url }), detail },
    location: placeOf(at),
  }));
  return {
    ...{ warnings, sources: [{ filename: file, language: "Dockerfile", data: encoded(text) }] },
    ...(error && { buildError: { message: error.message, location: error.location ? placeOf(error.location) : {} } }),
  };
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

/** What a build of the target can be given. */
export async function outlineDockerfile(ground: Ground, options: BuildOptions): Promise<Answer<Outline>> {
  await using source = await load(ground, options);
  const parsed = parseDockerfile(source.text, { file: source.file });
  const plan = planOf(parsed, options);
  const document = outlineOf(parsed, plan, { ...lintOptions(source.ignore, options), base: await knownBases(ground, plan) });
  return { document, text: outlineText(document) };
}

/** The targets that there are. */
export async function targetsOfDockerfile(ground: Ground, options: BuildOptions): Promise<Answer<TargetList>> {
  await using source = await load(ground, options);
  const document = targetsOf(parseDockerfile(source.text, { file: source.file }));
  return { document, text: targetsText(document) };
}
