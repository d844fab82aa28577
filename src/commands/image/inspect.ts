/** `berth image inspect`: everything about images, as JSON. */
import type { ImageInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

const spec: CommandSpec<ImageInspect[]> = command<ImageInspect[]>({
  summary: "Display detailed information on one or more images",
  examples: [{ line: "berth image inspect -f '{{.Config.Cmd}}' python:3.9", does: "Print one field" }],
  flags: [
    formatFlag,
    {
      name: "platform",
      type: "string",
      placeholder: "OS/ARCH[/VARIANT]",
      help: "Of a multi-platform image show the one for this platform",
    },
  ],
  args: [{ name: "IMAGE", variadic: true, subject: "image" }],
  async *run({ engine }, input) {
    return yield* inspectEach(input.args, (name) => engine.images.inspect(name, { platform: textOf(input, "platform") }));
  },
  ...asInspected,
});

export default spec;
