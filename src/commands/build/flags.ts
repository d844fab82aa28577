/** The flags of `berth build`. */
import type { FlagSpec } from "../command.ts";

/** Of `--call`. */
export const methods = ["build", "check", "outline", "targets"];

/** What follows `--sbom` as its value: docker's needs one, and takes it apart, too. */
const attestValue = /^(?:true|false|[a-z-]+=.+)$/;

/** Limits and the like, with their short forms. */
const ofOldBuilder: [name: string, short?: string][] = [
  ["memory", "m"],
  ["memory-swap"],
  ["cpu-shares", "c"],
  ["cpu-period"],
  ["cpu-quota"],
  ["cpuset-cpus"],
  ["cpuset-mems"],
  ["isolation"],
  ["security-opt"],
];

export const flags: FlagSpec[] = [
  { name: "tag", short: "t", type: "list", placeholder: "NAME[:TAG]", help: "Name the image, and optionally its tag; may be repeated" },
  {
    name: "file",
    short: "f",
    type: "string",
    placeholder: "FILE",
    subject: "file",
    help: "Dockerfile to build (default PATH/Dockerfile; '-' is standard input, a URL is fetched)",
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
  { name: "no-verify", type: "boolean", help: "Skip what this host's policies ask of base images, if they permit that" },
  { name: "pull", type: "boolean", help: "Fetch base images even when they are there" },
  {
    name: "platform",
    type: "string",
    placeholder: "OS/ARCH[/VARIANT]",
    help: "Platform of the image; of several, with commas between them, each is built and the name stands for all",
  },
  { name: "label", type: "list", placeholder: "KEY=VALUE", help: "Set a label of the image" },
  { name: "annotation", type: "list", placeholder: "KEY=VALUE", help: "Add an annotation to the image's manifest" },
  {
    name: "network",
    type: "string",
    placeholder: "MODE",
    default: "default",
    suggestions: ["default", "none", "host"],
    help: "Network of RUN steps: none, host, container:NAME for that of a running container, or a network",
  },
  {
    name: "allow",
    type: "list",
    placeholder: "ENTITLEMENT",
    suggestions: ["network.host", "security.insecure"],
    help: "Let RUN --network=host or RUN --security=insecure leave its sandbox",
  },
  { name: "add-host", type: "list", placeholder: "HOST:IP", help: "Add a line to /etc/hosts of RUN steps" },
  { name: "shm-size", type: "bytes", placeholder: "BYTES", help: "Size of /dev/shm in RUN steps" },
  { name: "ulimit", type: "list", placeholder: "NAME=SOFT[:HARD]", help: "Resource limit of RUN steps" },
  {
    name: "secret",
    type: "list",
    placeholder: "id=ID[,src=FILE|,env=NAME]",
    help: "Give a secret to RUN --mount=type=secret; GIT_AUTH_TOKEN and HTTP_AUTH_TOKEN_HOST are what servers are told",
  },
  { name: "ssh", type: "list", placeholder: "default|ID[=SOCKET|KEY,…]", help: "Let RUN --mount=type=ssh use an SSH agent, or keys" },
  {
    name: "build-context",
    type: "list",
    placeholder: "NAME=DIRECTORY|URL|docker-image://IMAGE|oci-layout://DIRECTORY",
    help: "Another place for FROM and COPY --from to take files from, by name",
  },
  {
    name: "output",
    short: "o",
    type: "list",
    placeholder: "DIRECTORY|type=TYPE[,dest=PATH]",
    help: "Where the result goes: type=local, tar, oci, docker or image (the default); a directory alone is type=local",
  },
  {
    name: "cache-from",
    type: "list",
    placeholder: "IMAGE|type=local,src=DIRECTORY|type=registry,ref=IMAGE",
    help: "Take cached steps from what --cache-to wrote",
  },
  {
    name: "cache-to",
    type: "list",
    placeholder: "type=local,dest=DIRECTORY|type=registry,ref=IMAGE|type=inline",
    help: "Write the steps of this build and their layers to a directory or a registry, or note them in the image itself; mode=min leaves out the steps of other stages",
  },
  {
    name: "attest",
    type: "list",
    placeholder: "type=TYPE[,NAME=VALUE…]",
    suggestions: ["type=sbom", "type=provenance,mode=max"],
    help: "Attest something of the image, beside it in an index: type=sbom or type=provenance",
  },
  {
    name: "provenance",
    type: "optional",
    implied: "true",
    apart: attestValue,
    placeholder: "true|false|mode=min|mode=max",
    help: "Attest how the image was made (SLSA v1; version=v0.2 for the form before); the same as --attest type=provenance",
  },
  {
    name: "sbom",
    type: "optional",
    implied: "true",
    apart: attestValue,
    placeholder: "true|false|format=FORMAT",
    help: "Attest what the image is made of: format=spdx (the default), cyclonedx, or spdx+cyclonedx; the same as --attest type=sbom",
  },
  { name: "max-size", type: "bytes", placeholder: "BYTES", help: "Fail when the layers hold more; the tags stay where they were" },
  {
    name: "security-profile",
    type: "string",
    placeholder: "FILE",
    subject: "file",
    help: "Demand what the '# berth:' directives of this file do, whatever the Dockerfile says",
  },
  { name: "check", type: "boolean", help: "Check the Dockerfile and build nothing; the same as --call=check" },
  {
    name: "call",
    type: "string",
    placeholder: "METHOD[,format=json]",
    default: "build",
    suggestions: methods,
    help: "What to do with the Dockerfile: build, check, outline (its arguments and secrets), targets",
  },
  {
    name: "format",
    type: "string",
    placeholder: "text|json",
    default: "text",
    choices: ["text", "json"],
    help: "Format of --check and --call",
  },
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
  { name: "push", type: "boolean", help: "Send the tags to their registries; the same as --output type=image,push=true" },
  { name: "load", type: "boolean", help: "Accepted for docker's sake: the image is always in the store", hidden: true },
  // Of docker's old builder; buildx takes them without a word, and no effect.
  ...ofOldBuilder.map(([name, short]) => ({
    name,
    ...(short && { short }),
    type: "string" as const,
    help: "Accepted for docker's sake: limits of the old builder",
    hidden: true,
  })),
  { name: "compress", type: "boolean", help: "Accepted for docker's sake: there is nothing to send", hidden: true },
];
