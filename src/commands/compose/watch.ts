/** `berth compose watch`: the project follows its files. */
import { type CommandSpec, command } from "../command.ts";
import { choiceOf, isSet } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { alone, inScene, refuseDryRun } from "./scene.ts";
import { upWishes } from "./up-flags.ts";

const spec: CommandSpec<void> = command({
  summary: "Have services follow changes of their files",
  description:
    "Brings the project up, then watches what the `develop` sections of its services say: files are synchronised into containers, services rebuilt or restarted, commands run. Files of .dockerignore and those that editors leave for a moment count for nothing.",
  examples: [
    { line: "berth compose watch", does: "Start the project and follow its files until Ctrl-C" },
    { line: "berth compose watch --no-up web", does: "Follow the files of one service of a project that runs" },
  ],
  flags: [
    { name: "no-up", type: "boolean", help: "Build and start nothing before" },
    { name: "prune", type: "boolean", default: true, help: "Remove images that a rebuild leaves without a name" },
    { name: "quiet", type: "boolean", help: "Show nothing of builds" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  endless: () => true,
  async *run(context, input) {
    const project = yield* loadFor(context, input, { services: input.args });
    const { prepare, startAll, watchProject, watchRules } = await import("../../../engine/compose/index.ts");
    const quiet = isSet(input, "quiet");
    const rules = yield* inScene(context, input, project, watchRules);
    if (!isSet(input, "no-up"))
      yield* alone(context, input, project, async (scene) => {
        const wishes = { ...upWishes({ ...input, flags: {} }, input.args), build: "develop" as const, quietBuild: quiet, quietPull: quiet };
        const cast = await prepare(scene, { ...wishes, dependenciesRecreation: "never" });
        await startAll(scene, cast, Object.keys(project.model.services), { wait: false });
      });
    refuseDryRun(input, "watch");
    yield* inScene(context, input, project, (scene) => watchProject(scene, rules, { prune: choiceOf(input, "prune") !== false, quiet }));
  },
});

export default spec;
