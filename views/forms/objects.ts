/** The forms of pull, build, and of new volumes and networks. */
import { resolve } from "node:path";
import type { FieldScene, FormSpec, Values } from "./form.ts";

export const pullForm: FormSpec = {
  title: "Pull an image",
  verb: ["pull"],
  needs: ["images.pull"],
  fields: [
    {
      name: "image",
      label: "Image",
      hint: "registry.example/team/name:tag",
      kind: "word",
      required: "an image",
      completes: () => ["pull"],
    },
    { name: "platform", label: "Platform", hint: "this machine's", kind: "flag", flag: "--platform" },
    { name: "tags", label: "Tags", hint: "", kind: "choice", choices: [["this one"], ["all of the repository", "--all-tags"]] },
  ],
};

export const buildForm: FormSpec = {
  title: "Build an image",
  verb: ["build"],
  needs: ["builder.build"],
  fields: [
    { name: "context", label: "Context", hint: ".", kind: "word", required: "a directory: . is this one", completes: () => ["build"] },
    { name: "tags", label: "Tags", hint: "name:tag", kind: "flags", flag: "-t", completes: () => ["build", "-t"] },
    { name: "file", label: "Dockerfile", hint: "Dockerfile", kind: "flag", flag: "-f", completes: () => ["build", "-f"] },
    { name: "target", label: "Target", hint: "the last stage", kind: "flag", flag: "--target", candidates: targets },
    { name: "args", label: "Arguments", hint: "NAME=value", kind: "flags", flag: "--build-arg", candidates: argumentsOf },
    { name: "cache", label: "Cache", hint: "", kind: "choice", choices: [["used"], ["not used", "--no-cache"]] },
    { name: "other", label: "Other flags", hint: "--platform linux/arm64 --secret id=token", kind: "raw" },
  ],
};

/** A context that would have to be fetched, or is read from standard input. */
const isElsewhere = /^\s*-$|:\/\/|^git@|^[\w-]+\.\w+\//;

/** The Dockerfile of the form, where it can be read. */
function dockerfileOf({ values: { context = "", file = "" }, cwd }: FieldScene) {
  if (isElsewhere.test(context)) return undefined;
  return { context: resolve(cwd, context.trim() || "."), ...(file.trim() && { file: resolve(cwd, file.trim()) }) };
}

/** A Dockerfile with an error has none; the build says so. */
async function targets(scene: FieldScene): Promise<readonly string[]> {
  const options = dockerfileOf(scene);
  const answer = options && (await scene.engine.builder.targets(options).catch(() => undefined));
  return answer?.document.targets.flatMap(({ name }) => name ?? []) ?? [];
}

async function argumentsOf(scene: FieldScene): Promise<readonly string[]> {
  const options = dockerfileOf(scene);
  const answer = options && (await scene.engine.builder.outline(options).catch(() => undefined));
  return answer?.document.args?.map(({ name, value = "" }) => `${name}=${value}`) ?? [];
}

export const volumeForm: FormSpec = {
  title: "Create a volume",
  verb: ["volume", "create"],
  needs: ["volumes.create"],
  fields: [
    { name: "name", label: "Name", hint: "one is made up", kind: "word" },
    { name: "options", label: "Options", hint: "type=tmpfs device=tmpfs o=size=64m", kind: "flags", flag: "-o" },
    { name: "labels", label: "Labels", hint: "key=value", kind: "flags", flag: "--label" },
  ],
};

export const networkForm: FormSpec = {
  title: "Create a network",
  verb: ["network", "create"],
  needs: ["networks.create"],
  fields: [
    { name: "name", label: "Name", hint: "front", kind: "word", required: "a name" },
    { name: "subnet", label: "Subnets", hint: "a free one, or 10.7.0.0/24", kind: "flags", flag: "--subnet" },
    { name: "gateway", label: "Gateways", hint: "the first address", kind: "flags", flag: "--gateway" },
    { name: "way", label: "Way out", hint: "", kind: "choice", choices: [["through the host"], ["none", "--internal"]] },
    { name: "ipv6", label: "IPv6", hint: "", kind: "choice", choices: [["no"], ["yes", "--ipv6"]] },
    { name: "labels", label: "Labels", hint: "key=value", kind: "flags", flag: "--label" },
    {
      name: "other",
      label: "Other flags",
      hint: "--ip-range 10.7.0.128/25 -o name=value",
      kind: "raw",
      completes: () => ["network", "create"],
    },
  ],
};

/** Of a build in the directory that berth was opened in. */
export const buildHere: Values = { context: "." };
