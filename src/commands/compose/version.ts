/** `berth compose version`: which docker compose this one does the work of. */
import { version } from "../../version.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

/** The release of docker compose whose model, flags and output these are. */
const composeVersion = "v2.40.3";

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
  args: [],
  async *run() {
    return { version: composeVersion };
  },
  present(result, input) {
    const number = result.version.slice(1);
    if (isSet(input, "short")) return { kind: "lines", lines: [number] };
    if (textOf(input, "format") === "json") return { kind: "lines", lines: [JSON.stringify(result)] };
    return { kind: "lines", lines: [`Docker Compose version ${result.version} (berth ${version})`] };
  },
});

export default spec;
