/** `berth volume inspect`: everything about volumes, as JSON. */
import type { VolumeInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";

const spec: CommandSpec<VolumeInspect[]> = command<VolumeInspect[]>({
  summary: "Display detailed information on one or more volumes",
  examples: [{ line: "berth volume inspect -f '{{.Mountpoint}}' data", does: "Print where a volume's data lies" }],
  flags: [formatFlag],
  args: [{ name: "VOLUME", variadic: true, subject: "volume" }],
  async *run({ engine }, input) {
    return yield* inspectEach(input.args, (name) => engine.volumes.inspect(name));
  },
  ...asInspected,
});

export default spec;
