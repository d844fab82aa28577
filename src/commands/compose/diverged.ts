/** Volumes of a project that were made with another configuration: whether they may be made anew. */
import type { Project } from "../../../engine/compose/index.ts";
import type { Context, Input } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { isDryRun } from "./scene.ts";

/**
 * Asked before anything is shown or done; `--yes` agrees to all.
 * @returns names of those that may
 */
export async function confirmVolumes(context: Context, input: Input, project: Project): Promise<{ renewed: string[] }> {
  if (isSet(input, "yes") || isSet(input, "y")) return { renewed: Object.values(project.model.volumes ?? {}).map(({ name }) => name) };
  const renewed: string[] = [];
  for (const name of isDryRun(input) ? [] : await divergedVolumes(context, project)) {
    const question = `Volume "${name}" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`;
    if (await context.io.confirm(question)) renewed.push(name);
  }
  return { renewed };
}

async function divergedVolumes({ engine }: Context, project: Project): Promise<string[]> {
  const { lookAtVolumes } = await import("../../../engine/compose/index.ts");
  return (await lookAtVolumes({ engine, project })).filter(({ step }) => step === "diverged").map(({ volume: { name } }) => name);
}
