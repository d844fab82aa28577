/** `berth compose wait`: until the first container of services ends. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone, inScene } from "./scene.ts";

const spec: CommandSpec<{ Name: string; ExitCode: number }> = command({
  summary: "Block until a container of services stops, and end with its status",
  examples: [{ line: "berth compose wait tests --down-project", does: "Wait for a service's end, then take the project down" }],
  flags: [{ name: "down-project", type: "boolean", help: "Take the project down when the first has stopped" }],
  args: [{ name: "SERVICE", variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { down, firstToEnd } = await import("../../../engine/compose/index.ts");
    const ended = yield* inScene(context, input, project, (scene) => firstToEnd(scene, input.args));
    if (isSet(input, "down-project")) yield* alone(context, input, project, (scene) => down(scene, { removeOrphans: true, services: [] }));
    return ended;
  },
  present: ({ Name, ExitCode }) => ({ kind: "lines", lines: [`container "${Name}" exited with status code ${ExitCode}`] }),
  exitStatus: ({ ExitCode }) => ExitCode,
});

export default spec;
