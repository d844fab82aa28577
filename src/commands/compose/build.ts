/** `berth compose build`: the images of services that have a `build`. */
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { BuildOptions, ProgressEvent } from "../../../engine/index.ts";
import { askDockerfile, type DockerfileAnswer, isFaulty, parseCall, presentAnswer } from "../build/call.ts";
import { type CommandSpec, type Context, command, type FlagSpec, type Input } from "../command.ts";
import { isSet, listOf, splitPair, textOf } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { inScene } from "./scene.ts";

const spec: CommandSpec<Result> = command({
  summary: "Build the images of services",
  printsBuilds: true,
  examples: [
    { line: "berth compose build", does: "Build all that the files say how to build, at the same time" },
    { line: "berth compose build --pull --no-cache web", does: "Build one from the start" },
  ],
  flags: [
    { name: "build-arg", type: "list", placeholder: "NAME[=VALUE]", help: "Set a build argument for all" },
    { name: "no-cache", type: "boolean", help: "Use no cache" },
    { name: "pull", type: "boolean", help: "Look for newer base images" },
    { name: "push", type: "boolean", help: "Push the images that the files name" },
    { name: "quiet", short: "q", type: "boolean", help: "Show nothing of builds" },
    { name: "ssh", type: "list", placeholder: "default|ID[=SOCKET|KEY]", help: "Let RUN --mount=type=ssh use an SSH agent, or keys" },
    { name: "provenance", type: "string", placeholder: "true|false|mode=max", help: "Attest how the images are made" },
    { name: "sbom", type: "string", placeholder: "true|false|ATTRIBUTES", help: "Attest what the images are made of" },
    { name: "check", type: "boolean", help: "Check the Dockerfiles and build nothing" },
    { name: "builder", type: "string", placeholder: "NAME", help: "The builder to use: there is one, default" },
    { name: "memory", short: "m", type: "bytes", placeholder: "BYTES", help: "Accepted for docker's sake: builds are not limited" },
    { name: "print", type: "boolean", help: "Print the builds as a file for buildx bake, and build nothing" },
    { name: "with-dependencies", type: "boolean", help: "Build what the named services depend on, too" },
    {
      name: "progress",
      type: "string",
      hidden: true,
      choices: ["auto", "tty", "plain", "json", "quiet"],
      help: "The flag before the verb",
    },
    ...["compress", "force-rm", "no-rm", "parallel"].map(
      (name): FlagSpec => ({ name, type: "boolean", hidden: true, help: "Accepted for docker's sake: without effect" }),
    ),
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    requireBuilder(textOf(input, "builder"));
    if (input.flags["memory"]) yield { type: "warning", text: "--memory is not supported by builds and will be ignored" };
    const project = yield* loadFor(context, input, { services: input.args, withoutDependencies: !isSet(input, "with-dependencies") });
    const { anyService, buildImages, buildOf, printBake, pushImages, withBuildNeeds } = await import("../../../engine/compose/index.ts");
    const names = Object.keys(project.model.services).filter((name) => project.model.services[name]!.build);
    const wishes = {
      noCache: isSet(input, "no-cache"),
      pull: isSet(input, "pull"),
      args: argsOf(input, context.io.env),
      ssh: listOf(input, "ssh").map((word) => word.replace(/=(.+)$/s, (_, path: string) => `=${resolve(context.io.cwd, path)}`)),
      provenance: textOf(input, "provenance"),
      sbom: textOf(input, "sbom"),
    };
    if (names.length === 0) yield { type: "warning", text: "No services to build" };
    const builds = () =>
      Object.fromEntries(withBuildNeeds(project, names).map((name) => [name, buildOf(project, name, anyService(project, name), wishes)]));
    if (isSet(input, "print")) return { Text: printBake(builds()) };
    if (isSet(input, "check")) return { Checks: yield* checkAll(context, builds()) };
    yield* inScene(context, input, project, async (scene) => {
      await buildImages(scene, names, wishes, isSet(input, "quiet"));
      const isNamed = (name: string) => project.model.services[name]?.image !== undefined;
      if (isSet(input, "push")) await pushImages(scene, names.filter(isNamed));
    });
    return {};
  },
  present({ Checks, Text }) {
    if (Text !== undefined) return { kind: "text", text: Text };
    if (!Checks) return { kind: "none" };
    const texts = Object.entries(Checks).map(([name, answer]) => `${name}: ${textOfCheck(answer)}`);
    return { kind: "text", text: texts.join("\n") };
  },
  exitStatus: ({ Checks = {} }) => (Object.values(Checks).some(isFaulty) ? 1 : 0),
});

/** buildx has builders beside its driver "docker"; here there is that one. @throws EngineError `unsupported` */
function requireBuilder(name: string | undefined): void {
  if (name === undefined || name === "" || name === "default") return;
  throw new EngineError("unsupported", `cannot build with the builder "${name}": there is one builder here, "default"`, {
    hint: "leave --builder out, or name another host with -H",
    exit: 1,
  });
}

interface Result {
  /** Of `--print`. */
  Text?: string;
  /** Of `--check`, by service. */
  Checks?: Record<string, DockerfileAnswer>;
}

async function* checkAll(
  { engine }: Context,
  builds: Record<string, BuildOptions>,
): AsyncGenerator<ProgressEvent, Record<string, DockerfileAnswer>> {
  const answers: Record<string, DockerfileAnswer> = {};
  const check = parseCall("check", undefined);
  for (const [name, options] of Object.entries(builds)) answers[name] = yield* askDockerfile(engine.builder, check, options);
  return answers;
}

function textOfCheck(answer: DockerfileAnswer): string {
  const shown = presentAnswer(answer, undefined);
  return shown.kind === "text" ? shown.text : "";
}

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
