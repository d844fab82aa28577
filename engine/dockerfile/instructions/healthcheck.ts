import type { Flags } from "../flags.ts";
import type { Statement } from "../statement.ts";
import type { HealthcheckInstruction } from "../types.ts";
import { parseDuration } from "./duration.ts";
import { instruction } from "./instruction.ts";

/** Says how to find out whether a container works. */
export default instruction({
  kind: "healthcheck",
  keyword: "HEALTHCHECK",
  summary: "say how to test that a container still works, or turn an inherited test off",
  usage: ["HEALTHCHECK [OPTIONS] CMD COMMAND", 'HEALTHCHECK [OPTIONS] CMD ["EXECUTABLE", "ARGUMENT"…]', "HEALTHCHECK NONE"],
  example: "HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost/ || exit 1",
  url: "https://docs.docker.com/reference/dockerfile/#healthcheck",
  shape: "health",
  flags: [
    { name: "interval", type: "text", value: "DURATION", summary: "time between tests; default 30s" },
    { name: "timeout", type: "text", value: "DURATION", summary: "a test that takes longer has failed; default 30s" },
    { name: "start-period", type: "text", value: "DURATION", summary: "failures do not count for so long after the start; default 0s" },
    { name: "start-interval", type: "text", value: "DURATION", summary: "time between tests during the start period; default 5s" },
    { name: "retries", type: "text", value: "N", summary: "consecutive failures that make a container unhealthy; default 3" },
  ],
  expands: "nothing",
  parse(statement, flags) {
    const [type, ...command] = statement.args;
    if (!type) return statement.fail("HEALTHCHECK requires at least one argument");
    const base: HealthcheckInstruction = { ...statement.base, kind: "healthcheck", test: ["NONE"] };
    const kind = type.text.toUpperCase();
    if (kind === "NONE") return command.length === 0 ? base : statement.fail("HEALTHCHECK NONE takes no arguments", command[0]);
    if (kind !== "CMD") {
      return statement.fail(`Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`, type, {
        suggestion: `HEALTHCHECK CMD ${statement.rest.text}`,
      });
    }
    if (command.length === 0) statement.fail("Missing command after HEALTHCHECK CMD", type);
    return {
      ...base,
      test: [statement.json ? "CMD" : "CMD-SHELL", ...command.map((word) => word.text)],
      interval: duration(statement, flags, "interval"),
      timeout: duration(statement, flags, "timeout"),
      startPeriod: duration(statement, flags, "start-period"),
      startInterval: duration(statement, flags, "start-interval"),
      retries: retries(statement, flags),
    };
  },
});

/** Nanoseconds; zero means the default, as an absent flag does. */
function duration(statement: Statement, flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (!text) return undefined;
  const word = flags.words(name)[0];
  const value =
    parseDuration(text) ??
    statement.fail(`invalid duration ${JSON.stringify(text)} for --${name}`, word, {
      hint: "write a number and a unit: 500ms, 30s, 1m30s, 2h",
    });
  if (value === 0) return undefined;
  if (value < 1_000_000) statement.fail(`Interval ${JSON.stringify(name)} cannot be less than 1ms`, word);
  return value;
}

function retries(statement: Statement, flags: Flags): number | undefined {
  const text = flags.text("retries");
  if (!text) return undefined;
  const word = flags.words("retries")[0];
  if (!/^[+-]?\d+$/.test(text) || Math.abs(Number(text)) > 0x7fffffff)
    statement.fail(`invalid value ${JSON.stringify(text)} for --retries`, word, { hint: "write a whole number" });
  if (Number(text) < 0) statement.fail(`--retries cannot be negative (${Number(text)})`, word);
  return Number(text) || undefined;
}
