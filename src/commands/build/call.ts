/** `berth build --check` and `--call`: what is said of a Dockerfile that is not built. */
import type { EngineError } from "../../../engine/errors.ts";
import type { Builder, BuildOptions, BuildResult, LintFinding, ProgressEvent } from "../../../engine/index.ts";
import { excerpt } from "../../excerpt.ts";
import { neutralise } from "../../format/neutral.ts";
import { alignRows } from "../../format/table.ts";
import { hasColour, type Paint, painter } from "../../print.ts";
import type { Presentation } from "../command.ts";

/** Docker's JSON of `--call=check,format=json`. */
export interface CheckAnswer {
  warnings: {
    ruleName: string;
    description: string;
    url?: string;
    detail: string;
    level: "warning" | "error";
    location: { sourceIndex: 0; ranges: { start: Position; end: Position }[] };
  }[];
  sources: { filename: string; data: string }[];
  buildError?: { message: string; location?: { sourceIndex: 0; ranges: { start: Position; end: Position }[] } };
}

interface Position {
  /** From 1. */
  line: number;
  /** From 0, as docker's. */
  character: number;
}

type Outline = Awaited<ReturnType<Builder["outline"]>>;
export type TargetsAnswer = { default: string; targets: Outline["targets"] };
export type OutlineAnswer = Pick<Outline, "target" | "args" | "secrets">;
export type Answer = BuildResult | CheckAnswer | TargetsAnswer | OutlineAnswer;

/** @param method "check", "outline" or "targets" */
export async function* askDockerfile(
  builder: Builder,
  method: string,
  options: BuildOptions,
  format: string | undefined,
): AsyncGenerator<ProgressEvent, Answer> {
  if (method !== "check") {
    const { target, args, secrets, targets } = await builder.outline(options);
    return method === "targets" ? { default: target, targets } : { target, args, secrets };
  }
  const { findings, source, file, error } = await builder.check(options);
  const answer = checkAnswer(findings, { file, source }, error);
  // What no build gets past is an error of the command, after all that was found besides.
  if (!error || format === "json") return answer;
  for (const { message, rule, line, column } of findings)
    yield { type: "warning", text: message, rule, location: { file, line, column, source } };
  throw error;
}

function checkAnswer(
  findings: readonly LintFinding[],
  { file, source }: { file: string; source: string },
  error: EngineError | undefined,
): CheckAnswer {
  const rangeAt = (line: number, column: number, endLine = line) => ({
    sourceIndex: 0 as const,
    ranges: [{ start: { line, character: column - 1 }, end: { line: endLine, character: column - 1 } }],
  });
  return {
    warnings: findings.map(({ rule, description, url, message, severity, line, column, endLine }) => ({
      ruleName: rule,
      description,
      ...(url ? { url } : {}),
      detail: message,
      level: severity,
      location: rangeAt(line, column, endLine),
    })),
    sources: [{ filename: file, data: Buffer.from(source).toString("base64") }],
    ...(error
      ? {
          buildError: {
            message: error.message,
            ...(error.location ? { location: rangeAt(error.location.line, error.location.column) } : {}),
          },
        }
      : {}),
  };
}

/** A check that found something ends with status 1, as docker's. */
export function isFaulty(answer: Answer): boolean {
  return "warnings" in answer && (answer.warnings.length > 0 || answer.buildError !== undefined);
}

export function presentAnswer(answer: Exclude<Answer, BuildResult>, format: string | undefined): Presentation {
  if (format === "json") return { kind: "text", text: `${JSON.stringify(answer, undefined, 2)}\n` };
  if ("warnings" in answer) return { kind: "text", text: describeCheck(answer, painter(hasColour("stdout"))) };
  return { kind: "text", text: "targets" in answer ? describeTargets(answer) : describeOutline(answer) };
}

/** Docker's words, with berth's excerpts. */
function describeCheck({ warnings, sources }: CheckAnswer, paint: Paint): string {
  const count = warnings.length;
  if (count === 0) return "Check complete, no warnings found.\n";
  const file = sources[0]?.filename ?? "";
  const source = Buffer.from(sources[0]?.data ?? "", "base64").toString();
  const blocks = warnings.map(({ ruleName, url, detail, location }) => {
    const { line, character } = location.ranges[0]?.start ?? { line: 1, character: 0 };
    const heading = `${paint("yellow", "WARNING:")} ${ruleName}${url ? ` - ${url}` : ""}`;
    return `\n${heading}\n${neutralise(`${file}:${line}:${character + 1}: ${detail}`)}\n${excerpt({ file, line, column: character + 1, source }, paint)}\n`;
  });
  return `Check complete, ${count === 1 ? "1 warning has" : `${count} warnings have`} been found!\n${blocks.join("")}`;
}

function describeTargets({ default: wanted, targets }: TargetsAnswer): string {
  const rows = targets.map(({ name, base, description }) => [name === wanted ? `${name} (default)` : name, base, description ?? ""]);
  return neutralise(alignRows([["TARGET", "BASE", "DESCRIPTION"], ...rows]));
}

function describeOutline({ target, args, secrets }: OutlineAnswer): string {
  const parts = [`TARGET: ${target}\n`];
  if (args.length > 0)
    parts.push(
      alignRows([["BUILD ARG", "VALUE", "DESCRIPTION"], ...args.map((arg) => [arg.name, arg.default ?? "", arg.description ?? ""])]),
    );
  if (secrets.length > 0) parts.push(alignRows([["SECRET"], ...secrets.map((secret) => [secret])]));
  return neutralise(parts.join("\n"));
}
