/** `berth pull`: fetch an image from a registry. */
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

type Pulled = { Id: string; Reference: string; Digest: string };

const spec: CommandSpec<Pulled> = command({
  summary: "Fetch an image from a registry",
  description:
    "Names without a registry are docker.io's. Credentials are those of 'berth login' and 'docker login' (~/.docker/config.json). HTTPS_PROXY and NO_PROXY are honoured. Registries on this machine may speak plain HTTP.",
  examples: [
    { line: "berth pull nginx", does: "Fetch docker.io/library/nginx:latest" },
    { line: "berth pull --platform linux/arm64 python:3.9", does: "Fetch the image for another machine" },
    {
      line: "berth pull localhost:5000/app@sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
      does: "Fetch exactly this content",
    },
    { line: "berth pull --all-platforms alpine:3.20", does: "Fetch all of a multi-platform image, to push or save it whole" },
  ],
  flags: [
    {
      name: "all-platforms",
      type: "boolean",
      help: "Keep all that the name leads to: every platform, attestations and signatures; this host's image can run",
    },
    { name: "all-tags", short: "a", type: "boolean", help: "Fetch every tag of the repository" },
    { name: "disable-content-trust", type: "boolean", default: true, help: "Accepted; signatures are not checked", hidden: true },
    { name: "insecure", type: "boolean", help: "Allow plain HTTP and unknown certificates" },
    { name: "no-verify", type: "boolean", help: "Skip what this host's policies ask of the image, if they permit that" },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Fetch the image for this platform" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only the name" },
  ],
  args: [{ name: "NAME[:TAG|@DIGEST]", subject: "image" }],
  async *run({ engine, signal }, input) {
    const [name = ""] = input.args;
    const quiet = isSet(input, "quiet");
    if (!quiet && !isSet(input, "all-tags") && !/[:@][^/]*$/.test(name)) yield { type: "message", text: "Using default tag: latest" };
    const pulling = engine.images.pull(name, {
      platform: textOf(input, "platform"),
      allTags: isSet(input, "all-tags"),
      allPlatforms: isSet(input, "all-platforms"),
      insecure: isSet(input, "insecure"),
      noVerify: isSet(input, "no-verify"),
      signal,
    });
    if (!quiet) return yield* pulling;
    for (;;) {
      const { done, value } = await pulling.next();
      if (done) return value;
      if (value.type === "warning") yield value;
    }
  },
  present: ({ Reference }) => ({ kind: "lines", lines: [Reference] }),
});

export default spec;
