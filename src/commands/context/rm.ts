/** `berth context rm`: forget hosts. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { completeContexts, currentName } from "./current.ts";

const spec: CommandSpec<string[]> = command<string[]>({
  summary: "Remove one or more contexts",
  examples: [{ line: "berth context rm old", does: "Forget a host, and the certificates for it" }],
  flags: [{ name: "force", short: "f", type: "boolean", help: "Though it is in use, or is not there" }],
  args: [{ name: "CONTEXT", variadic: true }],
  place: "anywhere",
  complete: completeContexts,
  async *run({ io }, input) {
    const { currentContext, hasContext, noContext, readContext, removeContext, keepCurrent } = await import(
      "../../../engine/remote/index.ts"
    );
    const force = isSet(input, "force");
    const current = await currentName(io.env);
    for (const name of input.args) {
      if (name === noContext) throw new EngineError("invalid", `context "${noContext}" cannot be removed`);
      if (!hasContext(name)) {
        if (!force) readContext(name); // throws
        continue;
      }
      if (name === current && !force)
        throw new EngineError("in-use", `context "${name}" is in use, set -f flag to force remove`, { hint: "berth context use default" });
      removeContext(name);
      if (name === currentContext()) keepCurrent(noContext);
      yield { type: "row", value: name };
    }
    return input.args;
  },
  presentRow: (name: string) => ({ kind: "lines", lines: [name] }),
  present: () => ({ kind: "none" }),
});

export default spec;
