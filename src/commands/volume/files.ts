/** `berth volume files`: see list-files.ts. */
import { command } from "../command.ts";
import { filesCommand } from "../list-files.ts";

const spec = command(
  filesCommand("volume", {
    summary: "List a directory of a volume",
    description: "No container has to have the volume. Docker has no such command.",
    examples: [{ line: "berth volume files data", does: "List what is in a volume" }],
  }),
);

export default spec;
