/** `berth compose pull`: the images of services. */
import { type CommandSpec, command, type FlagSpec } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { inScene } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Pull the images of services",
  examples: [{ line: "berth compose pull --ignore-buildable", does: "Pull what is not built here" }],
  flags: [
    { name: "ignore-buildable", type: "boolean", help: "Leave out images that can be built" },
    { name: "ignore-pull-failures", type: "boolean", help: "Pull what can be pulled" },
    { name: "include-deps", type: "boolean", help: "Pull what the named services depend on, too" },
    { name: "policy", type: "string", choices: ["missing", "always"], help: "Pull only what is missing, or all" },
    { name: "quiet", short: "q", type: "boolean", help: "Show no progress" },
    ...["parallel", "no-parallel"].map(
      (name): FlagSpec => ({
        name,
        type: "boolean",
        hidden: true,
        help: "Accepted for docker's sake: images are always pulled at the same time",
      }),
    ),
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* loadFor(context, input, { services: input.args, withoutDependencies: !isSet(input, "include-deps") });
    const { pullable, pullImages } = await import("../../../engine/compose/index.ts");
    yield* inScene(context, input, project, async (scene) => {
      const names = await pullable(scene, {
        ignoreBuildable: isSet(input, "ignore-buildable"),
        onlyMissing: textOf(input, "policy") === "missing",
      });
      await pullImages(scene, names, { quietPull: isSet(input, "quiet"), ignoreFailures: isSet(input, "ignore-pull-failures") });
    });
  },
});

export default spec;
