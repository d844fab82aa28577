/** `berth volume create`: make a volume. */
import { type CommandSpec, command } from "../command.ts";
import { labelsOf, listOf, pairsOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<string> = command({
  summary: "Create a volume",
  description: "A volume that exists under the name is left as it is. The local driver's options type, device and o are those of mount(8).",
  examples: [
    { line: "berth volume create data", does: "Make a volume" },
    { line: "berth volume create -o type=tmpfs -o device=tmpfs -o o=size=64m scratch", does: "Make one in memory" },
    { line: "berth volume create -o type=none -o device=/srv/www -o o=bind site", does: "Make one that is a directory of the host" },
  ],
  flags: [
    {
      name: "driver",
      short: "d",
      type: "string",
      placeholder: "DRIVER",
      default: "local",
      help: "Driver of the volume",
    },
    { name: "label", type: "list", placeholder: "KEY=VALUE", help: "Label of the volume" },
    { name: "name", type: "string", hidden: true, help: "Name of the volume" },
    { name: "opt", short: "o", type: "list", placeholder: "KEY=VALUE", help: "Driver option: type, device, o" },
  ],
  args: [{ name: "VOLUME", optional: true }],
  async *run({ engine }, input) {
    const made = await engine.volumes.create({
      Name: input.args[0] ?? textOf(input, "name"),
      Driver: textOf(input, "driver"),
      Labels: labelsOf(input),
      DriverOpts: pairsOf(listOf(input, "opt")),
    });
    return made.Name;
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

export default spec;
