/** `berth repl --check FILE`: what is wrong with a script, as text or, for editors, as JSON with the ranges of the words. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { hasColour, put } from "../../print.ts";
import { reportError } from "../../report.ts";
import type { Problem } from "../check/index.ts";
import { statusOf } from "../frame/index.ts";
import { locate, parse } from "../language/index.ts";
import type { Session } from "../session.ts";

/** Checks a source and prints what it found. @returns exit status: 0, or 2 when there are errors @throws what keeps it from being read */
export async function reportCheck(session: Session, read: () => Promise<string>, file: string, json: boolean): Promise<number> {
  const problems = await problemsOf(session, read, file);
  const isWrong = problems.some(({ severity }) => severity === "error");
  if (json) await put("stdout", `${JSON.stringify({ v: 1, file, ok: !isWrong, problems: problems.map(asJson) })}\n`);
  else for (const problem of problems) await put("stdout", asText(problem));
  return isWrong ? 2 : 0;
}

async function problemsOf(session: Session, read: () => Promise<string>, file: string): Promise<Problem[]> {
  try {
    const source = await read();
    return await session.check(parse(source, file), session.textOf(source, file), { isStrict: true });
  } catch (thrown) {
    const error = toEngineError(thrown);
    if (!error.location) throw error;
    const start = offsetOf(error);
    return [{ severity: "error", error, start, end: Math.min(error.location.source?.length ?? 0, start + 1) }];
  }
}

function offsetOf({ location }: EngineError): number {
  const { source = "", line = 1, column = 1 } = location ?? {};
  const before = source.split("\n").slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}

function asText({ severity, error }: Problem): string {
  const { code, message, hint, suggestion, location } = error;
  const told = severity === "warning" ? new EngineError(code, `warning: ${message}`, { hint, suggestion, location }) : error;
  return reportError(told, { colour: hasColour("stdout") });
}

function asJson({ severity, error, start, end }: Problem) {
  const { code, message, hint, suggestion, location } = error;
  const { source = "", file = "", line = 1, column = 1, through } = location ?? {};
  const isHere = locate(source, file, start).line === line;
  const last = locate(source, file, isHere ? end : start);
  const range = isHere ? { endLine: last.line, endColumn: last.column } : { endLine: line, endColumn: column + 1 };
  return { severity, code, exit: statusOf(error), message, file, line, column, ...range, hint, suggestion, through };
}
