/** `berth diff`: what changed in a container's file system since its image. */
import type { FilesystemChange } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";

const letters = ["C", "A", "D"] as const;

const spec: CommandSpec<FilesystemChange[]> = command({
  summary: "Inspect changes to files or directories on a container's file system",
  description: "A stands for added, C for changed, D for deleted.",
  examples: [{ line: "berth diff web", does: "List what the container wrote" }],
  flags: [],
  args: [{ name: "CONTAINER", subject: "container" }],
  async *run({ engine }, input) {
    return engine.containers.changes(input.args[0]!);
  },
  present: (changes) => ({ kind: "lines", lines: changes.map(({ Kind, Path }) => `${letters[Kind]} ${Path}`) }),
});

export default spec;
