/** `berth image inspect`: everything about images, as JSON. */
import type { ImageInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<ImageInspect[]> = command({
  name: "image inspect",
  group: "image",
  summary: "Display detailed information on one or more images",
  examples: [{ line: "berth image inspect -f '{{.Config.Cmd}}' python:3.9", does: "Print one field" }],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [{ name: "IMAGE", variadic: true, subject: "image" }],
  async *run({ engine }, input) {
    return Promise.all(input.args.map((name) => engine.images.inspect(name)));
  },
  present: (values, input) => ({ kind: "json", values, format: textOf(input, "format") }),
});

export default spec;
