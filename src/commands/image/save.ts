/** `berth save`: write images to an archive. */
import type { ProgressEvent } from "../../../engine/index.ts";
import type { CommandSpec } from "../command.ts";
import { command } from "../command.ts";
import { writeStream } from "../container/output-file.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<undefined> = command({
  summary: "Save images to an archive",
  description:
    "The archive is an OCI image layout that also has docker's manifest.json: docker, podman, skopeo and berth load it. What was pulled, loaded or pushed keeps its manifest and its digest: compressed layers come from here, or from the registry that they came from; without any, the layers go uncompressed, under another digest, and a warning says so. Of a multi-platform image all that is here goes.",
  examples: [
    { line: "berth save -o app.tar app:1.0 app:2.0", does: "Write two images, shared layers once" },
    { line: "berth save app | gzip > app.tar.gz", does: "Write all tags of a repository, compressed" },
  ],
  flags: [
    {
      name: "format",
      type: "string",
      placeholder: "FORMAT",
      choices: ["docker", "oci"],
      default: "docker",
      help: "'oci' leaves docker's manifest.json out",
    },
    {
      name: "output",
      short: "o",
      type: "string",
      placeholder: "FILE",
      help: "Write to a file instead of standard output",
      subject: "file",
    },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Save only an image for this platform" },
  ],
  args: [{ name: "IMAGE", variadic: true, subject: "image" }],
  async *run(context, input) {
    const format = textOf(input, "format") === "oci" ? "oci" : "docker";
    const said: ProgressEvent[] = [];
    const { engine, signal } = context;
    const options = {
      format,
      platform: textOf(input, "platform"),
      onEvent: (event: ProgressEvent) => void said.push(event),
      signal,
    } as const;
    await writeStream(context, () => engine.images.save(input.args, options), textOf(input, "output"));
    for (const event of said) if (event.type !== "transfer" || event.done) yield event;
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

export default spec;
