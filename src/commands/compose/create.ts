/** `berth compose create`: `up` without the start. */
import { type CommandSpec, command } from "../command.ts";
import { confirmVolumes } from "./diverged.ts";
import { loadFor } from "./loading.ts";
import { alone, leaveLayers } from "./scene.ts";
import { creationFlags, upWishes } from "./up-flags.ts";

const spec: CommandSpec<void> = command({
  summary: "Create a project's containers",
  printsBuilds: true,
  examples: [{ line: "berth compose create --build", does: "Build and create, and start nothing" }],
  flags: creationFlags,
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const asked = upWishes(input, input.args);
    const project = yield* loadFor(context, input, { services: input.args }, (loaded) => leaveLayers(context, loaded, asked));
    const { prepare } = await import("../../../engine/compose/index.ts");
    const wishes = { ...asked, ...(await confirmVolumes(context, input, project)) };
    yield* alone(context, input, project, async (scene) => void (await prepare(scene, wishes)));
  },
});

export default spec;
