/** `berth compose start`: start containers that are there. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, numberOf } from "../flag-values.ts";
import { projectOrMade, withNamed } from "./project.ts";
import { alone } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Start services whose containers are there",
  examples: [{ line: "berth compose start", does: "Start again what was stopped" }],
  flags: [
    { name: "wait", type: "boolean", help: "Wait until all run or are healthy" },
    { name: "wait-timeout", type: "number", placeholder: "SECONDS", help: "The longest to wait" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = withNamed(yield* projectOrMade(context, input), input.args);
    const { Cast, observeContainers, scaleOf, startAll, withNeeds } = await import("../../../engine/compose/index.ts");
    const { services } = project.model;
    const names = input.args.length > 0 ? withNeeds(services, input.args) : Object.keys(services);
    const isFirst = (name: string) => Object.keys(services[name]!.depends_on ?? {}).length === 0;
    const timeout = numberOf(input, "wait-timeout");
    yield* alone(context, input, project, async (scene) => {
      const cast = new Cast(await observeContainers(scene.engine, project.model.name));
      const isNothingThere = Object.keys(services).every((name) => cast.of(name).length === 0);
      const wanted = names.filter((name) => !services[name]!.provider && scaleOf(services[name]!) > 0);
      const missing = isNothingThere ? wanted.find(isFirst) : input.args.find((name) => cast.of(name).length === 0);
      if (missing !== undefined)
        throw new EngineError("not-found", `service "${missing}" has no container to start`, {
          hint: "make it with 'berth compose up' or 'berth compose create'",
        });
      const wait = { wait: isSet(input, "wait"), ...(timeout ? { waitTimeout: timeout * 1000 } : {}) };
      await startAll(scene, cast, names, { asThereAre: true, ...wait });
    });
  },
});

export default spec;
