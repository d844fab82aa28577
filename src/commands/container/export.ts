/** `berth export`: a container's file system as a tar archive. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { writeStream } from "./output-file.ts";

const spec: CommandSpec<void> = command({
  summary: "Export a container's file system as a tar archive",
  examples: [
    { line: "berth export -o web.tar web", does: "Write the archive to a file" },
    { line: "berth export web | berth import - web:flat", does: "Make a one-layer image of it" },
  ],
  flags: [
    {
      name: "output",
      short: "o",
      type: "string",
      placeholder: "FILE",
      subject: "file",
      help: "Write to a file, instead of standard output",
    },
  ],
  args: [{ name: "CONTAINER", subject: "container" }],
  async *run(context, input) {
    await writeStream(context, () => context.engine.containers.export(input.args[0]!), textOf(input, "output"));
  },
});

export default spec;
