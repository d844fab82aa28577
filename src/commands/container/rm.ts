/** `berth rm`: remove containers. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Remove one or more containers",
  examples: [
    { line: "berth rm web", does: "Remove a stopped container" },
    { line: "berth rm -f -v web", does: "Kill it first if it runs, and remove its anonymous volumes too" },
  ],
  flags: [
    { name: "force", short: "f", type: "boolean", help: "Kill and remove a running container; do not mind a missing one" },
    { name: "volumes", short: "v", type: "boolean", help: "Remove anonymous volumes of the container" },
    { name: "link", short: "l", type: "boolean", help: "Remove a link (CONTAINER/ALIAS) instead of a container" },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    const options = { force: isSet(input, "force"), volumes: isSet(input, "volumes"), link: isSet(input, "link") };
    const missing: string[] = [];
    const removed = yield* forEach(input.args, async (name) => {
      try {
        await engine.containers.remove(name, options);
        return undefined;
      } catch (error) {
        // docker rm -f says so and goes on: the wish is fulfilled.
        if (!options.force || !(error instanceof EngineError) || error.code !== "not-found") throw error;
        missing.push(error.message);
        return null;
      }
    });
    for (const text of missing) yield { type: "message", text: `berth: ${text}` };
    return removed;
  },
  ...namesAsRows,
});

export default spec;
