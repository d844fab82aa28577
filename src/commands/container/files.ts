/** `berth container files`: see list-files.ts. */
import { command } from "../command.ts";
import { filesCommand } from "../list-files.ts";

const spec = command(
  filesCommand("container", {
    summary: "List a directory of a container, running or not",
    description: "A stands for added, C for changed and D for removed, against the container's image. Docker has no such command.",
    examples: [{ line: "berth container files web /etc", does: "List /etc of a container, with what it changed there" }],
  }),
);

export default spec;
