/** `berth compose config`: the project that compose files make, as docker compose prints it, or one aspect of it. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadOptions, Project } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { neutraliseJson } from "../../format/neutral.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { groupInput, isSet, textOf } from "../flag-values.ts";
import { aspects } from "./config-aspects.ts";
import { loadFor, loadOptions, warningsOf, withDollars } from "./loading.ts";
import { pinImages } from "./pin-images.ts";

/** What is printed, and what it was printed from: sessions read that. */
interface Config {
  Project?: Project["model"];
  Text: string;
}

const spec: CommandSpec<Config> = command({
  summary: "Parse, resolve and render compose files in canonical form",
  description:
    "With names of services, only those and what they depend on. What is printed has all variables replaced, short forms written out and defaults filled in; it can be used as a compose file.",
  examples: [
    { line: "berth compose config", does: "Show the whole project" },
    { line: "berth compose -f compose.yaml -f prod.yaml config --format json web", does: "Show one service of two merged files as JSON" },
    { line: "berth compose config --quiet", does: "Only say whether the files are right" },
  ],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "Format of the output: yaml or json", suggestions: ["yaml", "json"] },
    { name: "output", short: "o", type: "string", placeholder: "FILE", subject: "file", help: "Write to a file" },
    { name: "quiet", short: "q", type: "boolean", help: "Only check the files, print nothing" },
    { name: "services", type: "boolean", help: "Print the names of services" },
    { name: "volumes", type: "boolean", help: "Print the names of volumes" },
    { name: "networks", type: "boolean", help: "Print the names of networks" },
    { name: "models", type: "boolean", help: "Print the names of language models" },
    { name: "profiles", type: "boolean", help: "Print the names of profiles" },
    { name: "images", type: "boolean", help: "Print the names of images" },
    { name: "hash", type: "string", placeholder: "SERVICE,...", help: "Print the hashes of services, or of all with '*'" },
    { name: "environment", type: "boolean", help: "Print the variables that are there for interpolation" },
    { name: "variables", type: "boolean", help: "Print the variables that the files use, and their defaults" },
    { name: "no-interpolate", type: "boolean", help: "Leave variables as they are" },
    { name: "no-normalize", type: "boolean", help: "Add no defaults" },
    { name: "no-path-resolution", type: "boolean", help: "Leave relative paths" },
    { name: "no-consistency", type: "boolean", help: "Do not check that what is named is there" },
    { name: "no-env-resolution", type: "boolean", help: "Do not read the services' env_file" },
    { name: "resolve-image-digests", type: "boolean", help: "Pin images to the digests that their registries have now" },
    { name: "lock-image-digests", type: "boolean", help: "Print an override file that pins the images" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const aspect = aspects.find(({ flag }) => isSet(input, flag) || textOf(input, flag));
    if (aspect) return { Text: yield* aspect.print(context, input, optionsOf(input)) };
    const config = isSet(input, "no-interpolate") ? yield* documentOf(context, input) : yield* projectOf(context, input);
    const quiet = isSet(input, "quiet");
    const file = textOf(input, "output");
    if (file !== undefined && !quiet) write(resolve(context.io.cwd, file), config.Text);
    return { ...config, Text: quiet || file !== undefined ? "" : config.Text };
  },
  present: ({ Text }) => ({ kind: "text", text: Text }),
});

/** The verb's own part of what to load. */
function optionsOf(input: Input): Partial<LoadOptions> {
  return {
    withoutInterpolation: isSet(input, "no-interpolate"),
    withoutNormalization: isSet(input, "no-normalize") || isSet(groupInput(input), "compatibility"),
    withoutPathResolution: isSet(input, "no-path-resolution"),
    withoutConsistency: isSet(input, "no-consistency"),
    withoutEnvironmentFiles: isSet(input, "no-env-resolution"),
    withoutDefaultPlatform: true,
  };
}

function formatOf(input: Input): "json" | "yaml" {
  const format = textOf(input, "format") || "yaml";
  if (format === "json" || format === "yaml") return format;
  throw new EngineError("usage", `unsupported format "${format}"`, { hint: "there are yaml and json", exit: 1 });
}

const pins = (input: Input) => isSet(input, "resolve-image-digests") || isSet(input, "lock-image-digests");

async function* projectOf(context: Context, input: Input): AsyncGenerator<ProgressEvent, Config> {
  const { printProject } = await import("../../../engine/compose/index.ts");
  const face = formatOf(input);
  const { model: all } = yield* loadFor(context, input, { ...optionsOf(input), services: input.args });
  if (pins(input)) await pinImages(context, all.services);
  const model = isSet(input, "lock-image-digests") ? lockOf(all) : all;
  return { Project: model, Text: exact(withDollars(printProject(model, face)), face) };
}

/** A file that says of each service its image alone. */
function lockOf(model: Project["model"]): Project["model"] {
  const images = Object.entries(model.services).map(([name, { image }]) => [name, image === undefined ? {} : { image }]);
  return { services: Object.fromEntries(images) } as Project["model"];
}

async function* documentOf(context: Context, input: Input): AsyncGenerator<ProgressEvent, Config> {
  const { loadDocument, printDocument } = await import("../../../engine/compose/index.ts");
  const face = formatOf(input);
  const loaded = await loadDocument({ ...(await loadOptions(context, input)), ...optionsOf(input) });
  yield* warningsOf(loaded);
  const services = (loaded.root["services"] ?? {}) as Record<string, { image?: string }>;
  if (pins(input)) await pinImages(context, services);
  const images = Object.entries(services).map(([name, { image }]) => [name, image === undefined ? {} : { image }]);
  const root = isSet(input, "lock-image-digests") ? { services: Object.fromEntries(images) } : loaded.root;
  return { Text: exact(printDocument(root, face), face) };
}

/** Signs that would do something to a terminal have escapes in JSON that lose nothing; YAML's are written so already. */
function exact(text: string, face: "json" | "yaml"): string {
  return face === "json" ? neutraliseJson(text) : text;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new EngineError("system", `cannot write "${path}": ${(cause as Error).message}`, { cause, exit: 1 });
  }
}

export default spec;
