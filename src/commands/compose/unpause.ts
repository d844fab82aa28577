/** `berth compose unpause`. */
import { type CommandSpec, command } from "../command.ts";
import { onEach } from "./each.ts";

const spec: CommandSpec<void> = command({
  summary: "Unpause services",
  examples: [{ line: "berth compose unpause web", does: "Let them go on" }],
  flags: [],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "none" }],
  async *run(context, input) {
    yield* onEach(context, input, {
      words: ["Unpausing", "Unpaused"],
      applies: ({ state }) => state === "paused",
      act: ({ engine }, { id }) => engine.containers.unpause(id),
    });
  },
});

export default spec;
