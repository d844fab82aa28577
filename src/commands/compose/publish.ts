/** `berth compose publish`: a project as a package in a registry, which `compose -f oci://…` runs. */
import type { ArtifactFile, OciVersion, Published } from "../../../engine/compose/artifact/index.ts";
import type { Project } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, type Context, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { loadFor } from "./loading.ts";
import { pinImages } from "./pin-images.ts";
import { inScene } from "./scene.ts";

const spec: CommandSpec<Partial<Published>> = command({
  summary: "Publish a project to a registry",
  description:
    "Sends the compose files, what their services extend and, with --with-env, their files of variables as one artifact, and pushes the images that the project builds. Asks before it publishes binds, variables and what looks like a secret. 'berth compose -f oci://REPOSITORY[:TAG]' runs it.",
  examples: [
    { line: "berth compose publish registry.example/shop:1.0", does: "Publish the project in this directory" },
    {
      line: "berth compose publish --resolve-image-digests registry.example/shop:1.0",
      does: "Have it run the very images that its tags name now",
    },
    {
      line: "berth compose publish --app --with-env -y registry.example/shop:1.0",
      does: "Send variables and images along, and ask nothing",
    },
  ],
  flags: [
    { name: "app", type: "boolean", help: "Copy the images of all services beside it, pinned to their digests" },
    { name: "resolve-image-digests", type: "boolean", help: "Pin images to the digests that their registries have now" },
    { name: "with-env", type: "boolean", help: "Publish variables and files of variables, too" },
    {
      name: "oci-version",
      type: "string",
      choices: ["1.0", "1.1"],
      help: "Version of the OCI image-spec; default: 1.1, and 1.0 where the registry does not take it",
    },
    { name: "yes", short: "y", type: "boolean", help: "Ask nothing" },
    { name: "y", type: "boolean", hidden: true, help: "The older form of --yes" },
  ],
  args: [{ name: "REPOSITORY[:TAG]", subject: "none" }],
  async *run(context, input) {
    const project = yield* loadFor(context, input, { profiles: ["*"], withoutEnvironmentFiles: true });
    const { doing, hostReader, pushImages } = await import("../../../engine/compose/index.ts");
    const { packProject, pushProject, targetOf } = await import("../../../engine/compose/artifact/index.ts");
    const [name = ""] = input.args;
    targetOf(name);
    requireImages(project);
    const { files, leftOut } = await packProject({ project, reader: hostReader, variables: isSet(input, "with-env") });
    const isAsked = !isSet(input, "yes") && !isSet(input, "y");
    if (isAsked && !isSet(input, "with-env")) refuseVariables(project);
    const doubts = isAsked ? await doubtsOf(project, files) : [];
    if (doubts.length > 0 && !(await context.io.confirm(`${doubts.join("\n")}\nPublish all of this?`))) return {};
    for (const path of leftOut) yield { type: "warning", text: `"${path}" is not published: --with-env takes files of variables along` };
    const pins = isSet(input, "resolve-image-digests") || isSet(input, "app") ? await pinsOf(context, project) : undefined;
    if (pins) files.push({ kind: "compose", name: "image-digests.yaml", text: Buffer.from(await asOverride(pins)) });
    const images = Object.values(pins ?? {}).map(({ image }) => image);
    const built = Object.keys(project.model.services).filter((service) => project.model.services[service]!.build);
    const options = { version: textOf(input, "oci-version") as OciVersion | undefined, created: createdBy(context) };
    return yield* inScene(context, input, project, async (scene) => {
      await pushImages(scene, built, { ignoreFailures: true });
      const publish = () =>
        pushProject(name, files, { ...options, ...(isSet(input, "app") && { images }), report: scene.report, signal: scene.signal });
      return (await doing(scene, "Project", name, ["Publishing", "Published"], publish)) ?? {};
    });
  },
  present: () => ({ kind: "none" }),
});

/** @throws EngineError `invalid` for services that nobody else could run */
function requireImages({ model }: Project): void {
  const names = Object.keys(model.services).filter((name) => model.services[name]!.build && !model.services[name]!.image);
  if (names.length === 0) return;
  throw new EngineError("invalid", `cannot publish the project: only its build says what ${listed(names)} runs`, {
    hint: "give it an image, which is pushed along",
  });
}

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** @throws EngineError `invalid` */
function refuseVariables({ model }: Project): void {
  const services = Object.entries(model.services);
  const found = [
    ...services.filter(([, { env_file }]) => env_file?.length).map(([name]) => `service "${name}" has an env_file`),
    ...services.filter(([, { environment }]) => sizeOf(environment) > 0).map(([name]) => `service "${name}" has environment variables`),
    ...Object.entries(model.configs ?? {})
      .filter(([, { environment }]) => environment)
      .map(([name]) => `config "${name}" is an environment variable`),
  ];
  if (found.length === 0) return;
  throw new EngineError("invalid", `cannot publish the project: ${found.join(", ")}`, {
    hint: "variables may hold secrets: publish them with --with-env, or take them out",
  });
}

const sizeOf = (value: object | undefined) => Object.keys(value ?? {}).length;

/** What somebody should look at before others can. */
async function doubtsOf({ model }: Project, files: readonly ArtifactFile[]): Promise<string[]> {
  const { findSensitive } = await import("../../../engine/compose/artifact/index.ts");
  const services = Object.entries(model.services);
  const binds = services.flatMap(([name, { volumes = [] }]) =>
    volumes.filter(({ type }) => type === "bind").map(({ source, target }) => `  ${name}: ${source}:${target}`),
  );
  const variables = services.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment).map(([variable, value]) => `  ${name}: ${variable}${value === null ? "" : `=${value}`}`),
  );
  const secrets = findSensitive(files).map(({ file, line, what }) => `  ${file}:${line}: ${what}`);
  return [
    ...(binds.length > 0 ? ["These binds are published (what they say, not what is in them):", ...binds] : []),
    ...(secrets.length > 0 ? ["This looks like secrets:", ...secrets] : []),
    ...(variables.length > 0 ? ["These environment variables are published:", ...variables] : []),
  ];
}

/** Which image each service has now. */
async function pinsOf(context: Context, { model }: Project): Promise<Record<string, { image: string }>> {
  const images = Object.entries(model.services).flatMap(([name, { image }]) => (image ? [[name, { image }] as const] : []));
  const services = Object.fromEntries(images);
  await pinImages(context, services);
  return services;
}

async function asOverride(services: Record<string, { image: string }>): Promise<string> {
  const { printDocument } = await import("../../../engine/compose/index.ts");
  return printDocument({ services }, "yaml");
}

/** Seconds since the epoch; a build system may want the same digest for the same files (SOURCE_DATE_EPOCH). */
function createdBy({ io }: Context): number {
  const given = Number(io.env["SOURCE_DATE_EPOCH"] || Number.NaN);
  return Number.isSafeInteger(given) && given >= 0 ? given : Math.floor(Date.now() / 1000);
}

export default spec;
