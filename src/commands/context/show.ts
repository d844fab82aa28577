/** `berth context show`: the name of the context in use. */
import { type CommandSpec, command } from "../command.ts";
import { currentName } from "./current.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Print the name of the current context",
  examples: [{ line: "berth context show", does: "Print it, 'default' when there is none" }],
  flags: [],
  args: [],
  place: "anywhere",
  async *run({ io }) {
    return currentName(io.env);
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

export default spec;
