/** `berth update`: change limits and the restart policy of containers. */

import { EngineError } from "../../../engine/errors.ts";
import type { UpdateConfig } from "../../../engine/index.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { forEach, namesAsRows } from "./each.ts";
import { parseRestart } from "./flags/lifecycle.ts";
import { limitFlags, parseLimits } from "./flags/resources.ts";
import { refusalAs } from "./refused.ts";

const spec: CommandSpec<string[]> = command({
  summary: "Update the limits and the restart policy of one or more containers",
  examples: [
    { line: "berth update -m 512m --memory-swap 1g web", does: "Change the memory limit of a running container" },
    { line: "berth update --restart unless-stopped web", does: "Change what happens after it ends" },
  ],
  flags: [
    ...limitFlags,
    {
      name: "restart",
      type: "string",
      placeholder: "POLICY",
      suggestions: ["no", "on-failure", "always", "unless-stopped"],
      help: "Restart policy: no, on-failure[:MAX], always, unless-stopped",
    },
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "container" }],
  async *run({ engine }, input) {
    const config = changesOf(input);
    if (Object.keys(config).length === 0)
      throw new EngineError("usage", "you must provide one or more flags when using this command", {
        hint: "see 'berth update --help'",
        exit: 1,
      });
    const warnings: string[] = [];
    const names = yield* forEach(input.args, async (name) => {
      warnings.push(...(await refusalAs(1, engine.containers.update(name, config))).Warnings);
    });
    for (const text of warnings) yield { type: "warning", text };
    return names;
  },
  ...namesAsRows,
});

/** docker's client passes these on unread: its daemon's refusal ends with 1. */
function changesOf(input: Input): UpdateConfig {
  try {
    const config: UpdateConfig = parseLimits(input);
    const restart = textOf(input, "restart");
    return restart === undefined ? config : { ...config, RestartPolicy: parseRestart(restart) };
  } catch (error) {
    throw error instanceof EngineError ? error.withExit(1) : error;
  }
}

export default spec;
