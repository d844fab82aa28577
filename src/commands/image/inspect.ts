/** `berth image inspect`: everything about images, as JSON. */
import type { ImageInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

const spec: CommandSpec<ImageInspect[]> = command<ImageInspect[]>({
  summary: "Display detailed information on one or more images",
  examples: [{ line: "berth image inspect -f '{{.Config.Cmd}}' python:3.9", does: "Print one field" }],
  flags: [formatFlag],
  args: [{ name: "IMAGE", variadic: true, subject: "image" }],
  async *run({ engine }, input) {
    return yield* inspectEach(input.args, (name) => engine.images.inspect(name));
  },
  ...asInspected,
});

export default spec;
