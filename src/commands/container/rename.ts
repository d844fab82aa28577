/** `berth rename`: give a container another name. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { refusalAs } from "./refused.ts";

const spec: CommandSpec<void> = command({
  summary: "Rename a container",
  examples: [{ line: "berth rename web old-web", does: "Free the name web, keeping the container" }],
  flags: [],
  args: [
    { name: "CONTAINER", subject: "container" },
    { name: "NEW_NAME", subject: "none" },
  ],
  async *run({ engine }, input) {
    const [from = "", to = ""] = input.args;
    if (from === "" || to === "") throw new EngineError("usage", "Neither old nor new names may be empty", { exit: 1 });
    await refusalAs(1, engine.containers.rename(from, to));
  },
});

export default spec;
