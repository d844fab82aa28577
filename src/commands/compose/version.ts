/** `berth compose version`: which docker compose this one does the work of. */
import { version } from "../../version.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<{ version: string }> = command({
  summary: "Show the version of docker compose that berth compose follows",
  examples: [
    { line: "berth compose version", does: "Print it with berth's own" },
    { line: "berth compose version --short", does: "Print the number alone" },
  ],
  flags: [
    { name: "format", short: "f", type: "string", choices: ["pretty", "json"], default: "pretty", help: "Format of the output" },
    { name: "short", type: "boolean", help: "Print the number alone" },
  ],
  place: "anywhere",
  args: [],
  async *run() {
    const { composeVersion } = await import("../../../engine/compose/index.ts");
    return { version: `v${composeVersion}` };
  },
  present(result, input) {
    const number = result.version.slice(1);
    if (isSet(input, "short")) return { kind: "lines", lines: [number] };
    if (textOf(input, "format") === "json") return { kind: "lines", lines: [JSON.stringify(result)] };
    return { kind: "lines", lines: [`Docker Compose version ${result.version} (berth ${version})`] };
  },
});

export default spec;
