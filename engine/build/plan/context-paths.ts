/** What the stages of a build take from its context, as far as it can be told before they run. */
import { isRemoteSource } from "../../dockerfile/remote-source.ts";
import type { Instruction } from "../../dockerfile/types.ts";
import type { BuildPlan } from "./plan.ts";

/** Paths as they are written; those with variables are known when their step is made ready. */
export function contextPaths({ reachable }: BuildPlan): string[] {
  const paths = reachable.flatMap(({ stage }) => stage.instructions.flatMap(sourcesOf));
  return paths.filter((path) => !path.includes("$") && !isRemoteSource(path));
}

function sourcesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === "add" || (instruction.kind === "copy" && instruction.from === undefined)) return instruction.sources;
  if (instruction.kind !== "run") return [];
  return instruction.mounts.flatMap((mount) => (mount.type === "bind" && mount.from === undefined ? [mount.source ?? "/"] : []));
}
