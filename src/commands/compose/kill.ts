/** `berth compose kill`: a signal to a project's containers. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { onEach } from "./each.ts";
import { projectOrMade } from "./project.ts";
import { alone, removesOrphans } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Kill services, or send them a signal",
  examples: [{ line: "berth compose kill -s SIGHUP web", does: "Have a service read its configuration again" }],
  flags: [
    { name: "remove-orphans", type: "boolean", help: "Remove containers of services that the files do not have" },
    { name: "signal", short: "s", type: "string", default: "SIGKILL", placeholder: "SIGNAL", subject: "signal", help: "Signal to send" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const signal = textOf(input, "signal") ?? "SIGKILL";
    const project = yield* projectOrMade(context, input);
    yield* onEach(context, input, project, {
      words: ["Killing", "Killed"],
      applies: ({ state }) => state === "running" || state === "paused",
      none: "no container to kill",
      withOneOffs: true,
      act: ({ engine }, { id }) => engine.containers.kill(id, signal),
    });
    if (!(await removesOrphans(context, input))) return;
    const { observe, orphansOf, removeContainers } = await import("../../../engine/compose/index.ts");
    yield* alone(context, input, project, async (scene) =>
      removeContainers(scene, orphansOf(project, await observe(scene.engine, project.model.name))),
    );
  },
});

export default spec;
