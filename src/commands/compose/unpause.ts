/** `berth compose unpause`. */
import { type CommandSpec, command } from "../command.ts";
import { onEach } from "./each.ts";
import { projectOrMade } from "./project.ts";

const spec: CommandSpec<void> = command({
  summary: "Unpause services",
  examples: [{ line: "berth compose unpause web", does: "Let them go on" }],
  flags: [],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    yield* onEach(context, input, yield* projectOrMade(context, input), {
      words: [undefined, "Unpaused"],
      applies: ({ state }) => state === "running" || state === "paused",
      act: ({ engine }, { id }) => engine.containers.unpause(id),
    });
  },
});

export default spec;
