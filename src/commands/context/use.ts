/** `berth context use`: which host is meant when none is named. */
import { type CommandSpec, command } from "../command.ts";
import { completeContexts, overrideWarning } from "./current.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Set the current context",
  description: "It is docker's current context, too, as both programs keep it in the same place. 'default' is this machine's own engine.",
  examples: [
    { line: "berth context use build", does: "Let commands be about that host from now on" },
    { line: "berth context use default", does: "Let them be about this machine again" },
  ],
  flags: [],
  args: [{ name: "CONTEXT" }],
  place: "anywhere",
  complete: completeContexts,
  async *run({ io }, input) {
    const { noContext, readContext, keepCurrent } = await import("../../../engine/remote/index.ts");
    const [name = ""] = input.args;
    if (name !== noContext) readContext(name);
    keepCurrent(name);
    yield { type: "message", text: `Current context is now "${name}"` };
    const warning = name === noContext ? undefined : overrideWarning(io.env, name);
    if (warning !== undefined) yield { type: "warning", text: warning };
    return name;
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

export default spec;
