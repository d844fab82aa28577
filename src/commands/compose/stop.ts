/** `berth compose stop`: stop containers, and keep them. */
import { type CommandSpec, command } from "../command.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone, timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Stop services",
  examples: [{ line: "berth compose stop -t 3 web", does: "Stop a service, and kill what takes longer than three seconds" }],
  flags: [timeoutFlag],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "none" }],
  async *run(context, input) {
    const project = await projectOrMade(context, input);
    requireServices(project, input.args);
    const { inOrder, observeContainers, stopContainer } = await import("../../../engine/compose/index.ts");
    const { timeout } = timeoutOf(input);
    const names = (input.args.length > 0 ? input.args : Object.keys(project.model.services)).filter((name) => project.model.services[name]);
    yield* alone(context, input, project, async (scene) => {
      const all = (await observeContainers(scene.engine, project.model.name)).filter(({ oneOff }) => !oneOff);
      const stop = async (name: string) => {
        await Promise.all(all.filter(({ service }) => service === name).map((seen) => stopContainer(scene, seen, timeout)));
      };
      await inOrder(project, names, stop, { reversed: true, atOnce: scene.atOnce });
    });
  },
});

export default spec;
