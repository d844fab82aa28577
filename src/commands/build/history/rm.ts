/** `berth builder history rm`: take builds out of the list. */
import { EngineError } from "../../../../engine/errors.ts";
import { type CommandSpec, command } from "../../command.ts";
import { isSet } from "../../flag-values.ts";

const spec: CommandSpec<string[]> = command<string[]>({
  summary: "Remove builds from the history; their images stay",
  examples: [{ line: "berth builder history rm --all", does: "Forget all builds that are over" }],
  flags: [{ name: "all", type: "boolean", help: "All builds that are over" }],
  args: [{ name: "REF", optional: true, variadic: true, help: "Ids or their beginnings; ^1 is the build before the newest" }],
  async *run({ engine }, input) {
    if (!isSet(input, "all") && input.args.length === 0) throw new EngineError("usage", "cannot remove builds: name some, or say --all");
    const over = async () => (await engine.builder.list()).filter(({ Status }) => Status !== "running").map(({ ID }) => ID);
    return engine.builder.forget(isSet(input, "all") ? await over() : input.args);
  },
  present: () => ({ kind: "none" }),
});

export default spec;
