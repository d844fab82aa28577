/** Go templates (text/template with docker's functions) over plain data: what `--format` takes. */
import { evaluate } from "./evaluate.ts";
import { functions, type TemplateFunction } from "./functions.ts";
import { parseTemplate } from "./parser.ts";

/** Renders one value. @throws EngineError located in the template */
export type Template = (data: unknown) => string;

/**
 * Compiles a template.
 * @param overrides functions that replace docker's (the header line of a table uses its own)
 * @throws EngineError `usage`, located in the template
 */
export function compileTemplate(source: string, overrides: Record<string, TemplateFunction> = {}): Template {
  const known = { ...functions, ...overrides };
  const template = parseTemplate(source, new Set(Object.keys(known)));
  return (data) => evaluate(template, data, known, source);
}
