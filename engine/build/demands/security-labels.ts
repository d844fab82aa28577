/** What containers of the image are to begin with: the Dockerfile's directives as labels of the image, over those of its base. */

import { resolve } from "node:path";
import { narrowedSeccomp } from "../../container/spec/index.ts";
import { directiveSpecs } from "../../dockerfile/berth-directives.ts";
import { loosened, readSecurityLabels, securityLabel } from "../../dockerfile/security-labels.ts";
import type { BerthDirective, BerthDirectives, SecurityDefaults } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { readInRoot } from "../../sys/in-root.ts";
import type { ContextSource } from "../context/index.ts";
import type { StageState } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";

const defaults = directiveSpecs.filter(({ kind }) => kind === "default");

/** @throws EngineError `build-step` for a profile that is not there or none, located at its directive */
export async function addSecurityLabels(
  state: StageState,
  berth: BerthDirectives,
  context: ContextSource,
  progress: Progress,
): Promise<void> {
  const given = defaults.flatMap(({ field }) =>
    berth[field] ? [{ field: field as keyof SecurityDefaults, directive: berth[field] }] : [],
  );
  if (given.length === 0) return;
  const before = readSecurityLabels(state.config.Labels, "the base image").defaults;
  const own: Record<string, string> = {};
  for (const { field, directive } of given)
    own[securityLabel(field)] = field === "seccomp" ? await profileOf(directive, context, progress) : directive.text || "true";
  state.config.Labels = { ...state.config.Labels, ...own };
  for (const field of loosened(before, readSecurityLabels(state.config.Labels, "the image").defaults))
    progress.warn(`The image demands less than its base: ${securityLabel(field)}`, "LoosenedSecurity", berth[field]?.location);
}

/** The profile's JSON, without its blanks. */
async function profileOf({ value, location, directory }: BerthDirective, context: ContextSource, progress: Progress): Promise<string> {
  if (value === "off") return value;
  const file = String(value);
  const fail = (why: string, hint?: string): never => {
    throw new EngineError("build-step", `cannot use the seccomp profile "${file}": ${why}`, { location, hint });
  };
  const text = directory
    ? readInRoot("/", resolve(directory, file), "this host")
    : await context.reported(progress, [file], async () => readInRoot(context.tree().root, file, "the build context"));
  if (text === undefined)
    return directory
      ? fail("there is no such file", "name it from the security profile's directory")
      : fail("there is no such file in the build context", "name it from the context's directory, as COPY does");
  try {
    narrowedSeccomp(text, { ...hostFacts(), capabilities: [] });
  } catch (error) {
    return error instanceof EngineError ? fail(error.message, error.hint) : Promise.reject(error);
  }
  return JSON.stringify(JSON.parse(text));
}
