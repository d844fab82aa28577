/** `berth rename`: give a container another name. */
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  name: "container rename",
  aliases: ["rename"],
  group: "container",
  summary: "Rename a container",
  examples: [{ line: "berth rename web old-web", does: "Free the name web, keeping the container" }],
  flags: [],
  args: [
    { name: "CONTAINER", subject: "container" },
    { name: "NEW_NAME", subject: "none" },
  ],
  async *run({ engine }, input) {
    await engine.containers.rename(input.args[0]!, input.args[1]!);
  },
});

export default spec;
