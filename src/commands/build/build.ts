/** `berth build`: build an image from a Dockerfile. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { BuildOptions, BuildResult } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet, listOf, numberOf, pairsOf, splitPair, textOf } from "../flag-values.ts";

const spec: CommandSpec<BuildResult> = command({
  name: "build",
  aliases: ["image build", "builder build", "buildx build"],
  group: "image",
  summary: "Build an image from a Dockerfile",
  description:
    "Runs the instructions of the Dockerfile and keeps the result as an image. Steps whose instruction and inputs have not changed are taken from the cache. " +
    "PATH is the build context: the directory whose files COPY and ADD can use, less what its .dockerignore leaves out. With '-' the Dockerfile is read from standard input, without a context.",
  examples: [
    { line: "berth build -t myimage .", does: "Build ./Dockerfile with this directory as the context and name the result myimage:latest" },
    {
      line: "berth build -f docker/prod.Dockerfile --target app --build-arg VERSION=1.2 -t app:1.2 .",
      does: "Build one stage of another Dockerfile, with a build argument",
    },
    { line: "echo 'FROM busybox' | berth build -", does: "Build a Dockerfile from standard input" },
  ],
  flags: [
    { name: "tag", short: "t", type: "list", placeholder: "NAME[:TAG]", help: "Name the image, and optionally its tag; may be repeated" },
    {
      name: "file",
      short: "f",
      type: "string",
      placeholder: "FILE",
      subject: "file",
      help: "Dockerfile to build (default PATH/Dockerfile; '-' is standard input)",
    },
    {
      name: "build-arg",
      type: "list",
      placeholder: "KEY[=VALUE]",
      help: "Give an ARG its value; without one, that of the environment variable of the same name",
    },
    { name: "target", type: "string", placeholder: "STAGE", help: "Build up to this stage" },
    { name: "no-cache", type: "boolean", help: "Run every step, whatever the cache holds" },
    { name: "no-cache-filter", type: "list", placeholder: "STAGE", help: "Run every step of these stages" },
    { name: "pull", type: "boolean", help: "Fetch base images even when they are there" },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Platform of the base images" },
    { name: "label", type: "list", placeholder: "KEY=VALUE", help: "Set a label of the image" },
    { name: "annotation", type: "list", placeholder: "KEY=VALUE", help: "Add an annotation to the image's manifest" },
    {
      name: "network",
      type: "string",
      placeholder: "MODE",
      default: "default",
      choices: ["default", "none", "host"],
      help: "Network of RUN steps",
    },
    { name: "add-host", type: "list", placeholder: "HOST:IP", help: "Add a line to /etc/hosts of RUN steps" },
    { name: "shm-size", type: "bytes", placeholder: "BYTES", help: "Size of /dev/shm in RUN steps" },
    { name: "ulimit", type: "list", placeholder: "NAME=SOFT[:HARD]", help: "Resource limit of RUN steps" },
    { name: "secret", type: "list", placeholder: "id=ID[,src=FILE|,env=NAME]", help: "Give a secret to RUN --mount=type=secret" },
    { name: "ssh", type: "list", placeholder: "default|ID[=SOCKET]", help: "Let RUN --mount=type=ssh use an SSH agent" },
    { name: "iidfile", type: "string", placeholder: "FILE", subject: "file", help: "Write the image's id to a file" },
    { name: "metadata-file", type: "string", placeholder: "FILE", subject: "file", help: "Write what was built to a file, as JSON" },
    {
      name: "progress",
      type: "string",
      placeholder: "MODE",
      default: "auto",
      choices: ["auto", "plain", "tty", "rawjson", "quiet"],
      help: "How progress is shown",
    },
    { name: "quiet", short: "q", type: "boolean", help: "Show no progress; print only the image's id" },
    { name: "rm", type: "boolean", default: true, help: "Accepted for docker's sake: nothing is left behind", hidden: true },
    { name: "force-rm", type: "boolean", help: "Accepted for docker's sake: nothing is left behind", hidden: true },
    { name: "load", type: "boolean", help: "Accepted for docker's sake: the image is always in the store", hidden: true },
  ],
  args: [{ name: "PATH", subject: "directory", help: "Directory of the build context, or '-'" }],
  async *run(context, input) {
    const result = yield* context.engine.builder.build(optionsOf(context, input));
    const at = (file: string) => resolve(context.io.cwd, file);
    writeResult(textOf(input, "iidfile"), result.ImageID ?? "", at);
    writeResult(textOf(input, "metadata-file"), `${JSON.stringify(result.Metadata, undefined, 2)}\n`, at);
    return result;
  },
  present(result, input) {
    return isSet(input, "quiet") && result.ImageID ? { kind: "lines", lines: [result.ImageID] } : { kind: "none" };
  },
});

function optionsOf({ io, signal }: Context, input: Input): BuildOptions {
  const given = <T>(value: T | undefined, name: keyof BuildOptions) => (value === undefined ? {} : { [name]: value });
  return {
    context: input.args[0] ?? ".",
    cwd: io.cwd,
    signal,
    tags: listOf(input, "tag"),
    buildArgs: buildArgs(listOf(input, "build-arg"), io.env),
    labels: pairsOf(listOf(input, "label")),
    annotations: pairsOf(listOf(input, "annotation")),
    noCache: isSet(input, "no-cache"),
    noCacheFilter: listOf(input, "no-cache-filter"),
    pull: isSet(input, "pull"),
    addHosts: listOf(input, "add-host"),
    secrets: listOf(input, "secret").map(parseSecret),
    ssh: listOf(input, "ssh").map(parseSsh),
    ulimits: listOf(input, "ulimit").map(parseUlimit),
    network: networkOf(textOf(input, "network")),
    ...given(io.streams.stdin, "stdin"),
    ...given(textOf(input, "file"), "file"),
    ...given(textOf(input, "target"), "target"),
    ...given(textOf(input, "platform"), "platform"),
    ...given(numberOf(input, "shm-size"), "shmSize"),
  };
}

/** A bare name is taken from the environment, and left out when it is not there; SOURCE_DATE_EPOCH comes by itself. */
function buildArgs(words: readonly string[], env: Record<string, string | undefined>): Record<string, string> {
  const args: Record<string, string> = {};
  if (env["SOURCE_DATE_EPOCH"]) args["SOURCE_DATE_EPOCH"] = env["SOURCE_DATE_EPOCH"];
  for (const word of words) {
    const [key, value] = splitPair(word);
    if (key === "") throw new EngineError("usage", `invalid build argument "${word}": the name is missing`);
    if (word.includes("=")) args[key] = value;
    else if (env[key] !== undefined) args[key] = env[key];
  }
  return args;
}

/** Without a source, the environment variable of the secret's name where there is one, else the file of that name. */
function parseSecret(text: string): { id: string; file?: string; env?: string } {
  const fields = pairsOf(text.split(","));
  const { id, src = fields["source"], env, type } = fields;
  if (!id || (type !== undefined && type !== "file" && type !== "env")) {
    throw new EngineError("usage", `invalid secret "${text}"`, { hint: "write id=ID,src=FILE or id=ID,env=NAME" });
  }
  if (env !== undefined) return { id, env };
  if (type === "env") return { id, env: src ?? id };
  return src === undefined && process.env[id] !== undefined ? { id, env: id } : { id, file: src ?? id };
}

function parseSsh(text: string): { id: string; paths: string[] } {
  const [id, path] = splitPair(text);
  return { id, paths: path === "" ? [] : path.split(",") };
}

function networkOf(mode: string | undefined): "default" | "none" | "host" {
  return mode === "none" || mode === "host" ? mode : "default";
}

function parseUlimit(text: string): { Name: string; Soft: number; Hard: number } {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) throw new EngineError("usage", `invalid ulimit "${text}"`, { hint: "write NAME=SOFT[:HARD], for instance nofile=1024:4096" });
  const [, Name = "", soft, hard = soft] = match;
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function writeResult(file: string | undefined, text: string, at: (file: string) => string): void {
  if (file === undefined) return;
  try {
    writeFileSync(at(file), text);
  } catch (cause) {
    throw new EngineError("invalid", `cannot write "${file}": ${(cause as Error).message}`, {
      cause,
      hint: "the image was built; check the path",
    });
  }
}

export default spec;
