/** `berth push`: send an image to a registry. */
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<{ Digest: string }> = command({
  summary: "Send an image to a registry",
  description:
    "The image's name says where: tag it first with the registry's address. Credentials are those of 'berth login' and 'docker login' (~/.docker/config.json). Layers that the registry has are not sent again. What was pulled, loaded or pushed before keeps its digest, as long as its layers are to be had as they were compressed: from here, or from the registry that they came from. A multi-platform image goes whole where all of it is here or there, with its attestations and what refers to it; else this host's image goes alone.",
  examples: [
    { line: "berth push localhost:5000/app:1.0", does: "Send one tag" },
    { line: "berth push -a localhost:5000/app", does: "Send all tags of a repository" },
  ],
  flags: [
    { name: "all-tags", short: "a", type: "boolean", help: "Send every tag of the repository" },
    { name: "disable-content-trust", type: "boolean", default: true, help: "Accepted; images are not signed", hidden: true },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Send only the manifest for this platform" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only the digest" },
  ],
  args: [{ name: "NAME[:TAG]", subject: "image" }],
  async *run({ engine, signal }, input) {
    const [name = ""] = input.args;
    if (!isSet(input, "quiet") && !isSet(input, "all-tags") && !/[:@][^/]*$/.test(name))
      yield { type: "message", text: "Using default tag: latest" };
    const pushing = engine.images.push(name, { allTags: isSet(input, "all-tags"), platform: textOf(input, "platform"), signal });
    if (!isSet(input, "quiet")) return yield* pushing;
    for (;;) {
      const { done, value } = await pushing.next();
      if (done) return value;
      if (value.type === "warning") yield value;
    }
  },
  present: ({ Digest }, input) => (isSet(input, "quiet") ? { kind: "lines", lines: [Digest] } : { kind: "none" }),
});

export default spec;
