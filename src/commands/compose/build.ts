/** `berth compose build`: the images of services that have a `build`. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, listOf, splitPair } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { inScene } from "./scene.ts";

const spec: CommandSpec<void> = command({
  summary: "Build the images of services",
  examples: [
    { line: "berth compose build", does: "Build all that the files say how to build, at the same time" },
    { line: "berth compose build --pull --no-cache web", does: "Build one from the start" },
  ],
  flags: [
    { name: "build-arg", type: "list", placeholder: "NAME[=VALUE]", help: "Set a build argument for all" },
    { name: "no-cache", type: "boolean", help: "Use no cache" },
    { name: "pull", type: "boolean", help: "Look for newer base images" },
    { name: "push", type: "boolean", help: "Push the images" },
    { name: "quiet", short: "q", type: "boolean", help: "Show nothing of builds" },
    { name: "with-dependencies", type: "boolean", help: "Build what the named services depend on, too" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* loadFor(context, input, { services: input.args, withoutDependencies: !isSet(input, "with-dependencies") });
    const { buildImages, pushImages } = await import("../../../engine/compose/index.ts");
    const names = Object.keys(project.model.services).filter((name) => project.model.services[name]!.build);
    const wishes = { noCache: isSet(input, "no-cache"), pull: isSet(input, "pull"), args: argsOf(input, context.io.env) };
    if (names.length === 0) yield { type: "warning", text: "No services to build" };
    yield* inScene(context, input, project, async (scene) => {
      await buildImages(scene, names, wishes, isSet(input, "quiet"));
      if (isSet(input, "push")) await pushImages(scene, names);
    });
  },
});

function argsOf(input: Input, env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    listOf(input, "build-arg").flatMap((word) => {
      const [name, value] = splitPair(word);
      if (name === "") throw new EngineError("usage", `invalid build argument "${word}": the name is missing`, { exit: 1 });
      const text = word.includes("=") ? value : env[name];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

export default spec;
