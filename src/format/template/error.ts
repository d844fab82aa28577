/** Errors of a template, with their place in it. */
import { EngineError } from "../../../engine/errors.ts";

/** docker's exit status for a template that cannot be parsed. */
const parseExit = 64;

export function templateError(
  message: string,
  source: string,
  offset: number,
  options: { suggestion?: string; executing?: boolean } = {},
): EngineError {
  const before = source.slice(0, offset).split("\n");
  const location = { file: "format", line: before.length, column: before.at(-1)!.length + 1, source };
  return new EngineError("usage", `template: ${message}`, {
    location,
    suggestion: options.suggestion,
    exit: options.executing ? 1 : parseExit,
    hint: "see https://pkg.go.dev/text/template for the language, and the plain output with '--format json' for the fields",
  });
}
