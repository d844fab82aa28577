/** `berth compose rm`: remove containers that have ended. */
import type { Project, Seen } from "../../../engine/compose/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { alone } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Remove stopped containers of services",
  examples: [
    { line: "berth compose rm -fsv worker", does: "Stop a service's containers and remove them with their anonymous volumes, unasked" },
  ],
  flags: [
    { name: "force", short: "f", type: "boolean", help: "Ask nothing" },
    { name: "stop", short: "s", type: "boolean", help: "Stop what runs first" },
    { name: "volumes", short: "v", type: "boolean", help: "Remove anonymous volumes, too" },
    { name: "all", short: "a", type: "boolean", hidden: true, help: "Accepted, without effect" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { isUp, observeContainers, removeEnded } = await import("../../../engine/compose/index.ts");
    const isChosen = (service: string) =>
      input.args.length > 0 ? input.args.includes(service) : project.model.services[service] !== undefined;
    const found = (await observeContainers(context.engine, project.model.name)).filter(
      (seen) => !seen.oneOff && isChosen(seen.service) && (isSet(input, "stop") || !isUp(seen)),
    );
    if (found.length === 0) {
      yield { type: "message", text: "No stopped containers" };
      return;
    }
    if (isSet(input, "stop")) yield* stopAll(context, input, project, found);
    const question = `Going to remove ${found.map(({ name }) => name).join(", ")}`;
    if (isSet(input, "force")) yield { type: "row", value: question };
    else if (!(await context.io.confirm(question))) return;
    yield* alone(context, input, project, (scene) => removeEnded(scene, found, { volumes: isSet(input, "volumes") }));
  },
  presentRow: (text: string) => ({ kind: "lines", lines: [text] }),
});

/** Each before what it depends on. */
async function* stopAll(context: Context, input: Input, project: Project, all: readonly Seen[]): AsyncGenerator<ProgressEvent, void> {
  const { inOrder, stopOrTell } = await import("../../../engine/compose/index.ts");
  const of = (name: string) => all.filter(({ service }) => service === name);
  yield* alone(context, input, project, async (scene) => {
    const stop = async (name: string) => void (await Promise.all(of(name).map((seen) => stopOrTell(scene, seen))));
    await inOrder(project, Object.keys(project.model.services), stop, { reversed: true, atOnce: scene.atOnce });
  });
}

export default spec;
