/** `berth load`: bring the images of an archive into the store. */
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { openInput } from "./input-file.ts";

const spec: CommandSpec<{ References: string[]; Ids: string[] }> = command({
  summary: "Load images from an archive",
  description:
    "Reads what 'docker save', 'podman save' and 'berth save' write, and OCI image layouts, plain or compressed. Manifests, other platforms, attestations and signatures of an OCI layout are kept as they are, so that a push or a save gives the same digests.",
  examples: [
    { line: "berth load -i app.tar", does: "Load the images of a file" },
    { line: "docker save app | berth load", does: "Take an image over from docker" },
  ],
  flags: [
    { name: "input", short: "i", type: "string", placeholder: "FILE", help: "Read from a file instead of standard input", subject: "file" },
    { name: "no-verify", type: "boolean", help: "Skip what this host's policies ask of loaded images, if they permit that" },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Load only the image for this platform" },
    { name: "quiet", short: "q", type: "boolean", help: "Show no progress" },
  ],
  args: [],
  async *run({ engine, io, signal }, input) {
    const tar = await openInput(io, textOf(input, "input"), "load");
    for await (const event of watch(
      engine.images.load(tar, { platform: textOf(input, "platform"), noVerify: isSet(input, "no-verify"), signal }),
    )) {
      if ("result" in event) return event.result;
      if (!isSet(input, "quiet") || event.event.type !== "transfer") yield event.event;
    }
    return { References: [], Ids: [] };
  },
  present({ References, Ids }) {
    return { kind: "lines", lines: [...References.map((name) => `Loaded image: ${name}`), ...Ids.map((id) => `Loaded image ID: ${id}`)] };
  },
});

/** A generator's events and its result, in one stream. */
async function* watch<Event, Result>(operation: AsyncGenerator<Event, Result>): AsyncGenerator<{ event: Event } | { result: Result }> {
  for (;;) {
    const { done, value } = await operation.next();
    if (done) return yield { result: value };
    yield { event: value };
  }
}

export default spec;
