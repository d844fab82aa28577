/** `berth compose down`: stop and remove what `up` made. */
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone, removesOrphans, timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Stop and remove a project's containers and networks",
  description: "Volumes stay unless -v is given; what others use stays, and is named.",
  examples: [
    { line: "berth compose down", does: "Remove containers and networks" },
    { line: "berth compose down -v --rmi local", does: "Remove volumes and images that were built, too" },
  ],
  flags: [
    { name: "remove-orphans", type: "boolean", help: "Remove containers of services that the files do not have" },
    { name: "rmi", type: "string", choices: ["local", "all"], help: "Remove images: those without a name of their own, or all" },
    { name: "volumes", short: "v", type: "boolean", help: "Remove the project's volumes and anonymous ones" },
    { name: "volume", type: "boolean", hidden: true, help: "The older form of --volumes" },
    timeoutFlag,
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { down } = await import("../../../engine/compose/index.ts");
    const images = textOf(input, "rmi") as "local" | "all" | undefined;
    const removeOrphans = await removesOrphans(context, input);
    yield* alone(context, input, project, (scene) =>
      down(scene, {
        removeOrphans,
        volumes: isSet(input, "volumes") || isSet(input, "volume"),
        services: input.args,
        ...timeoutOf(input),
        ...(images && { images }),
      }),
    );
  },
});

export default spec;
