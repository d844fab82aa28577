/** Verbs that do one thing to a project's containers, in the order of what they depend on. */
import type { Project, Scene, Seen } from "../../../engine/compose/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { Context, Input } from "../command.ts";
import { withNamed } from "./project.ts";
import { alone } from "./scene.ts";

interface Each {
  /** docker compose's words for it: while, and after. None: `act` tells by itself. */
  words?: readonly [string | undefined, string];
  /** Whether it is for a container. */
  applies(seen: Seen): boolean;
  /** What is said where it is for none. */
  none?: string;
  act(scene: Scene, seen: Seen): Promise<unknown>;
  /** For each service besides, before its containers. */
  before?(scene: Scene, service: string): Promise<unknown>;
  /** For containers of `run`, too. */
  withOneOffs?: boolean;
  /** Those that depend on others first. */
  reversed?: boolean;
}

/** Of the services that a line names, or all. */
export async function* onEach(
  context: Context,
  input: Input,
  read: Project,
  { words, applies, none, act, before, withOneOffs = false, reversed = false }: Each,
): AsyncGenerator<ProgressEvent, void> {
  const project = withNamed(read, input.args);
  const { doing, inOrder, observeContainers } = await import("../../../engine/compose/index.ts");
  yield* alone(context, input, project, async (scene) => {
    const all = (await observeContainers(scene.engine, project.model.name)).filter(({ oneOff }) => withOneOffs || !oneOff);
    const names = input.args.length > 0 ? input.args : Object.keys(project.model.services);
    const fitting = all.filter((seen) => names.includes(seen.service) && applies(seen));
    if (none !== undefined && fitting.length === 0) scene.report({ type: "message", text: none });
    await inOrder(
      project,
      names,
      async (name) => {
        await before?.(scene, name);
        const chosen = fitting.filter(({ service }) => service === name);
        await Promise.all(
          chosen.map((seen) => (words ? doing(scene, "Container", seen.name, words, () => act(scene, seen)) : act(scene, seen))),
        );
      },
      { reversed, atOnce: scene.atOnce },
    );
  });
}
