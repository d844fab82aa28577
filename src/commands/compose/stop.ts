/** `berth compose stop`: stop containers, and keep them. */
import { type CommandSpec, command } from "../command.ts";
import { onEach } from "./each.ts";
import { timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Stop services",
  examples: [{ line: "berth compose stop -t 3 web", does: "Stop a service, and kill what takes longer than three seconds" }],
  flags: [timeoutFlag],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "none" }],
  async *run(context, input) {
    const { isUp, stopContainer } = await import("../../../engine/compose/index.ts");
    const { timeout } = timeoutOf(input);
    yield* onEach(context, input, { applies: isUp, act: (scene, seen) => stopContainer(scene, seen, timeout), reversed: true });
  },
});

export default spec;
