/** `berth compose restart`: stop and start containers, and those that want to follow. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { projectOrMade, withNamed } from "./project.ts";
import { alone, timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Restart services",
  description:
    "Services whose `depends_on` says `restart: true` of one that is restarted follow it, once it is healthy where they wait for that.",
  examples: [{ line: "berth compose restart web", does: "Restart a service's containers" }],
  flags: [{ name: "no-deps", type: "boolean", help: "Leave alone what depends on the named ones" }, timeoutFlag],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = withNamed(yield* projectOrMade(context, input), input.args);
    const { restartServices } = await import("../../../engine/compose/index.ts");
    const named = input.args.length > 0 ? input.args : Object.keys(project.model.services);
    const wishes = { alone: isSet(input, "no-deps"), ...timeoutOf(input) };
    yield* alone(context, input, project, (scene) => restartServices(scene, named, wishes));
  },
});

export default spec;
