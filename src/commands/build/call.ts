/** `berth build --check` and `--call`: what is said of a Dockerfile that is not built. */
import { EngineError } from "../../../engine/errors.ts";
import type {
  Builder,
  BuildOptions,
  BuildResult,
  Answer as DocumentAnswer,
  Outline,
  ProgressEvent,
  TargetList,
} from "../../../engine/index.ts";
import { excerpt } from "../../excerpt.ts";
import { neutralise } from "../../format/neutral.ts";
import { hasColour, type Paint, painter } from "../../print.ts";
import type { Presentation } from "../command.ts";
import { splitPair } from "../flag-values.ts";
import { methods } from "./flags.ts";

type Checked = Awaited<ReturnType<Builder["check"]>> & Pick<Call, "ignoreStatus">;
export type DockerfileAnswer = Checked | DocumentAnswer<Outline> | DocumentAnswer<TargetList>;
export type Answer = BuildResult | DockerfileAnswer;

/** What `--call` says: "check,format=json". */
export interface Call {
  method: string;
  format: string | undefined;
  /** The status is 0 whatever was found. */
  ignoreStatus: boolean;
}

/** @throws EngineError `usage` */
export function parseCall(text: string, format: string | undefined): Call {
  const call: Call = { method: "", format, ignoreStatus: false };
  for (const field of text.split(",")) {
    const [name, value] = splitPair(field);
    if (!field.includes("=")) call.method = call.method === "" ? name : refuse(`invalid print value: ${text}`);
    else if (name === "format") call.format = value;
    else if (name === "ignorestatus") call.ignoreStatus = /^(?:1|t|true)$/i.test(value);
    else refuse(`invalid print field: ${field}`);
  }
  if (call.method === "") call.method = "build";
  if (call.method === "lint") call.method = "check"; // its first name
  if (!methods.includes(call.method)) refuse(`invalid argument "${text}" for "--call" flag: there is no method "${call.method}"`);
  return call;
}

function refuse(message: string): never {
  throw new EngineError("usage", message, { hint: `the methods are ${methods.join(", ")}; format=json and ignorestatus=true may follow` });
}

export async function* askDockerfile(
  builder: Builder,
  { method, format, ignoreStatus }: Call,
  options: BuildOptions,
): AsyncGenerator<ProgressEvent, DockerfileAnswer> {
  if (method !== "check") return method === "targets" ? builder.targets(options) : builder.outline(options);
  const checked = { ...(await builder.check(options)), ignoreStatus };
  const { findings, source, error } = checked;
  // What no build gets past is an error of the command, after all that was found besides.
  if (!error || format === "json") return checked;
  for (const { message, rule, file, line, column } of findings)
    yield { type: "warning", text: message, rule, location: { file, line, column, source } };
  throw error;
}

/** A check that found something ends with status 1, as docker's. */
export function isFaulty(answer: Answer): boolean {
  return "findings" in answer && !answer.ignoreStatus && (answer.findings.length > 0 || answer.error !== undefined);
}

export function presentAnswer(answer: DockerfileAnswer, format: string | undefined): Presentation {
  if (format === "json") return { kind: "text", text: `${JSON.stringify(answer.document, undefined, 2)}\n` };
  if ("findings" in answer) return { kind: "text", text: describeCheck(answer, painter(hasColour("stdout"))) };
  return { kind: "text", text: neutralise(answer.text) };
}

/** Docker's words, with berth's excerpts. */
function describeCheck({ findings, source }: Checked, paint: Paint): string {
  const count = findings.length;
  if (count === 0) return "Check complete, no warnings found.\n";
  const blocks = findings.map(({ rule, url, message, file, line, column }) => {
    const heading = `${paint("yellow", "WARNING:")} ${rule}${url ? ` - ${url}` : ""}`;
    return `\n${heading}\n${neutralise(`${file}:${line}:${column}: ${message}`)}\n${excerpt({ file, line, column, source }, paint)}\n`;
  });
  return `Check complete, ${count === 1 ? "1 warning has" : `${count} warnings have`} been found!\n${blocks.join("")}`;
}
