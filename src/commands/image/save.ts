/** `berth save`: write images to an archive. */
import type { CommandSpec } from "../command.ts";
import { command } from "../command.ts";
import { writeStream } from "../container/output-file.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<undefined> = command({
  summary: "Save images to an archive",
  description: "The archive is an OCI image layout that also has docker's manifest.json: docker, podman, skopeo and berth load it.",
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
    await writeStream(
      context,
      () => context.engine.images.save(input.args, { format, platform: textOf(input, "platform") }),
      textOf(input, "output"),
    );
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

export default spec;
