/** `berth compose push`: the images of services that are built here. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { inScene } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Push the images of services that are built here",
  examples: [{ line: "berth compose push web", does: "Push the image of one service" }],
  flags: [
    { name: "ignore-push-failures", type: "boolean", help: "Push what can be pushed" },
    { name: "include-deps", type: "boolean", help: "Push what the named services depend on, too" },
    { name: "quiet", short: "q", type: "boolean", help: "Show no progress" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* loadFor(context, input, { services: input.args, withoutDependencies: !isSet(input, "include-deps") });
    const { pushImages } = await import("../../../engine/compose/index.ts");
    const names = Object.keys(project.model.services).filter((name) => project.model.services[name]!.build);
    yield* inScene(context, input, project, (scene) =>
      pushImages(scene, names, { quiet: isSet(input, "quiet"), ignoreFailures: isSet(input, "ignore-push-failures") }),
    );
  },
});

export default spec;
