/** `berth compose restart`: stop and start containers, and those that want to follow. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone, timeoutFlag, timeoutOf } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Restart services",
  description: "Services whose `depends_on` says `restart: true` of one that is restarted follow it.",
  examples: [{ line: "berth compose restart web", does: "Restart a service's containers" }],
  flags: [{ name: "no-deps", type: "boolean", help: "Leave alone what depends on the named ones" }, timeoutFlag],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { doing, inOrder, observeContainers } = await import("../../../engine/compose/index.ts");
    const { services } = project.model;
    const named = input.args.length > 0 ? input.args : Object.keys(services);
    const follows = (name: string) => named.some((other) => services[name]!.depends_on?.[other]?.restart);
    const names = Object.keys(services).filter((name) => named.includes(name) || (!isSet(input, "no-deps") && follows(name)));
    yield* alone(context, input, project, async (scene) => {
      const all = (await observeContainers(scene.engine, project.model.name)).filter(({ oneOff }) => !oneOff);
      const restart = async (name: string) => {
        const own = all.filter(({ service }) => service === name);
        await Promise.all(
          own.map(({ id, name: container }) =>
            doing(scene, "Container", container, ["Restarting", "Started"], () => scene.engine.containers.restart(id, timeoutOf(input))),
          ),
        );
      };
      await inOrder(project, names, restart, { atOnce: scene.atOnce });
    });
  },
});

export default spec;
