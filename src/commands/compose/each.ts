/** Verbs that do one thing to a project's containers, in the order of what they depend on. */
import type { Scene, Seen } from "../../../engine/compose/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { Context, Input } from "../command.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone } from "./scene.ts";

interface Each {
  /** docker compose's words for it: while, and after. */
  words: readonly [string, string];
  /** Whether it is for a container. */
  applies(seen: Seen): boolean;
  act(scene: Scene, seen: Seen): Promise<unknown>;
  /** Those that depend on others first. */
  reversed?: boolean;
}

/** Of the services that a line names, or all. @returns how many it was done to */
export async function* onEach(
  context: Context,
  input: Input,
  { words, applies, act, reversed = false }: Each,
): AsyncGenerator<ProgressEvent, number> {
  const project = await projectOrMade(context, input);
  requireServices(project, input.args);
  const { doing, inOrder, observeContainers } = await import("../../../engine/compose/index.ts");
  return yield* alone(context, input, project, async (scene) => {
    const all = (await observeContainers(scene.engine, project.model.name)).filter(({ oneOff }) => !oneOff);
    const names = input.args.length > 0 ? input.args : Object.keys(project.model.services);
    let count = 0;
    await inOrder(
      project,
      names.filter((name) => project.model.services[name]),
      async (name) => {
        const chosen = all.filter((seen) => seen.service === name && applies(seen));
        count += chosen.length;
        await Promise.all(chosen.map((seen) => doing(scene, "Container", seen.name, words, () => act(scene, seen))));
      },
      { reversed, atOnce: scene.atOnce },
    );
    return count;
  });
}
