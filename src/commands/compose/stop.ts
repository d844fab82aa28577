/** `berth compose stop`: stop containers, and keep them. */
import { type CommandSpec, command } from "../command.ts";
import { onEach } from "./each.ts";
import { projectOrMade } from "./project.ts";
import { timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Stop services",
  examples: [{ line: "berth compose stop -t 3 web", does: "Stop a service, and kill what takes longer than three seconds" }],
  flags: [timeoutFlag],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const { runProvider, stopOrTell } = await import("../../../engine/compose/index.ts");
    const { timeout } = timeoutOf(input);
    yield* onEach(context, input, yield* projectOrMade(context, input), {
      applies: () => true,
      act: (scene, seen) => stopOrTell(scene, seen, timeout),
      before: async (scene, name) => {
        if (scene.project.model.services[name]!.provider) await runProvider(scene, name, "stop");
      },
      reversed: true,
    });
  },
});

export default spec;
