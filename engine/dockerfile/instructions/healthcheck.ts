import type { HealthcheckConfig } from "../../docker.ts";
import { goDuration, parseDuration } from "../../duration.ts";
import { goQuote, goQuoteList } from "../../go-quote.ts";
import type { Flags } from "../flags.ts";
import { isSpace } from "../space.ts";
import { type InstructionBase, type Statement, takeJson } from "../statement.ts";
import { trim } from "../words.ts";
import { instruction } from "./instruction.ts";

export interface HealthcheckInstruction extends InstructionBase {
  kind: "healthcheck";
  /** Docker's Test: ["NONE"], ["CMD", …argv] or ["CMD-SHELL", script]. */
  test: string[];
  /** Durations in nanoseconds, as in the image configuration; undefined: inherit. */
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
}

/** Says how to find out whether a container works. */
export default instruction<HealthcheckInstruction>({
  kind: "healthcheck",
  keyword: "HEALTHCHECK",
  summary: "say how to test that a container still works, or turn an inherited test off",
  usage: ["HEALTHCHECK [OPTIONS] CMD COMMAND", 'HEALTHCHECK [OPTIONS] CMD ["EXECUTABLE", "ARGUMENT"…]', "HEALTHCHECK NONE"],
  example: "HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost/ || exit 1",
  url: "https://docs.docker.com/reference/dockerfile/#healthcheck",
  shape: typeAndCommand,
  // BuildKit looks at them only with CMD.
  ignoresFlags: ({ args }) => args[0]?.text.toUpperCase() === "NONE",
  flags: [
    { name: "interval", type: "text", value: "DURATION", summary: "time between tests; default 30s" },
    { name: "timeout", type: "text", value: "DURATION", summary: "a test that takes longer has failed; default 30s" },
    { name: "start-period", type: "text", value: "DURATION", summary: "failures do not count for so long after the start; default 0s" },
    { name: "start-interval", type: "text", value: "DURATION", summary: "time between tests during the start period; default 5s" },
    { name: "retries", type: "text", value: "N", summary: "consecutive failures that make a container unhealthy; default 3" },
  ],
  change: true,
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
  configure({ config }, instruction) {
    config.Healthcheck = healthcheckOf(instruction);
  },
  history: (_, { Healthcheck }) => `HEALTHCHECK ${describe(Healthcheck ?? {})}`,
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

/** The shape: the type ends at any white space, and what follows is a command. */
function typeAndCommand(statement: Statement): void {
  const { text, offset } = statement.rest;
  let end = 0;
  while (end < text.length && !isSpace(text[end]!)) end++;
  if (end === 0) return;
  statement.args = [{ text: text.slice(0, end), offset }];
  const rest = trim({ text: text.slice(end), offset: offset + end });
  if (rest.text !== "" && !takeJson(statement, rest)) statement.args.push(rest);
}

function healthcheckOf({ test, interval, timeout, startPeriod, startInterval, retries }: HealthcheckInstruction): HealthcheckConfig {
  return {
    Test: test,
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
}

/** Go's %q of docker's HealthcheckConfig: durations as text, the retries as a character literal. */
function describe(check: HealthcheckConfig): string {
  const durations = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval].map((each) => `"${goDuration(each ?? 0)}"`);
  return `&{${goQuoteList(check.Test ?? [])} ${durations.join(" ")} ${goCharacter(check.Retries ?? 0)}}`;
}

function goCharacter(code: number): string {
  const quoted = goQuote(String.fromCodePoint(code)).slice(1, -1);
  return quoted === "'" ? "'\\''" : quoted === '\\"' ? "'\"'" : `'${quoted}'`;
}
