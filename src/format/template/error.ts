/** Errors of a template, with their place in it. */
import { EngineError } from "../../../engine/errors.ts";

/** docker's exit status for a template that cannot be parsed. */
const parseExit = 64;

export interface TemplateErrorOptions {
  suggestion?: string | undefined;
  /** What was being evaluated; without it, the template cannot be parsed. */
  executing?: string;
  /** The name of a field that is not there. */
  field?: string;
}

/** In Go's words, with docker's in front, and its place for the excerpt. */
export function templateError(message: string, source: string, offset: number, options: TemplateErrorOptions = {}): EngineError {
  const { suggestion, executing, field } = options;
  const before = source.slice(0, offset).split("\n");
  const [line, column] = [before.length, before.at(-1)!.length];
  const where = executing === undefined ? `:${line}:` : `:${line}:${column}: executing "" at <${executing}>:`;
  return new EngineError("usage", `template parsing error: template: ${where} ${message}`, {
    location: { file: "format", line, column: column + 1, source },
    suggestion,
    exit: executing === undefined ? parseExit : 1,
    ...(field !== undefined && { details: { field } }),
    hint: "see https://pkg.go.dev/text/template for the language, and the plain output with '--format json' for the fields",
  });
}
