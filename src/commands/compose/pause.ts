/** `berth compose pause`. */
import { type CommandSpec, command } from "../command.ts";
import { onEach } from "./each.ts";
import { projectOrMade } from "./project.ts";

const spec: CommandSpec<void> = command({
  summary: "Pause services",
  examples: [{ line: "berth compose pause web", does: "Freeze a service's processes" }],
  flags: [],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    yield* onEach(context, input, yield* projectOrMade(context, input), {
      words: [undefined, "Paused"],
      applies: ({ state }) => state === "running" || state === "paused",
      act: ({ engine }, { id }) => engine.containers.pause(id),
    });
  },
});

export default spec;
