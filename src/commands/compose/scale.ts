/** `berth compose scale`: more or fewer containers of a service. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { confirmVolumes } from "./diverged.ts";
import { loadFor, serviceNames } from "./loading.ts";
import { alone, leaveLayers } from "./scene.ts";
import { scalesOf, upWishes } from "./up-flags.ts";

const spec: CommandSpec<void> = command({
  summary: "Change how many containers services have",
  examples: [{ line: "berth compose scale web=3 worker=5", does: "Have three of one and five of the other" }],
  flags: [{ name: "no-deps", type: "boolean", help: "Leave out services that the named ones depend on" }],
  args: [{ name: "SERVICE=NUMBER", variadic: true, subject: "none" }],
  complete: async (context, _word, input) => {
    const given = input.args.map((each) => each.split("=", 1)[0]!);
    return (await serviceNames(context, { ...input, args: given })).map((name) => `${name}=`);
  },
  async *run(context, input) {
    const scale = scalesOf(input.args);
    const names = Object.keys(scale);
    const asked = { ...upWishes({ ...input, flags: {} }, names), scale };
    const options = { services: names, withoutDependencies: isSet(input, "no-deps") };
    const project = yield* loadFor(context, input, options, (loaded) => leaveLayers(context, loaded, asked));
    const { prepare, startAll } = await import("../../../engine/compose/index.ts");
    const wishes = { ...asked, ...(await confirmVolumes(context, input, project)) };
    yield* alone(context, input, project, async (scene) => {
      const cast = await prepare(scene, wishes);
      await startAll(scene, cast, Object.keys(project.model.services), { wait: false });
    });
  },
});

export default spec;
