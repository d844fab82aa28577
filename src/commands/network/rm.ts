/** `berth network rm`: remove networks. */
import { toEngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { forEach, namesAsRows } from "../container/each.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Remove one or more networks",
  examples: [{ line: "berth network rm backend", does: "Remove a network that no running container is connected to" }],
  flags: [{ name: "force", short: "f", type: "boolean", help: "Do not mind a missing network" }],
  args: [{ name: "NETWORK", variadic: true, subject: "network" }],
  async *run({ engine }, input) {
    return yield* forEach(input.args, async (name) => {
      try {
        await engine.networks.remove(name);
        return undefined;
      } catch (error) {
        if (!isSet(input, "force") || toEngineError(error).code !== "not-found") throw error;
        return null; // as docker: what was not there is not named
      }
    });
  },
  ...namesAsRows,
});

export default spec;
