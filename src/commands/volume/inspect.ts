/** `berth volume inspect`: everything about volumes, as JSON. */
import type { VolumeInspect } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<VolumeInspect[]> = command({
  name: "volume inspect",
  group: "volume",
  summary: "Display detailed information on one or more volumes",
  examples: [{ line: "berth volume inspect -f '{{.Mountpoint}}' data", does: "Print where a volume's data lies" }],
  flags: [{ name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" }],
  args: [{ name: "VOLUME", variadic: true, subject: "volume" }],
  async *run({ engine }, input) {
    return Promise.all(input.args.map((name) => engine.volumes.inspect(name)));
  },
  present: (values, input) => ({ kind: "json", values, format: textOf(input, "format") }),
});

export default spec;
