/** `--format` before anything is done: whether it can be read, and names only what there is. Pure. */
import { EngineError } from "../../engine/errors.ts";
import type { Column, Presentation } from "../commands/command.ts";
import { blankRow, templateOf } from "./rows.ts";
import { asGo } from "./template/go-shape.ts";
import { compileTemplate } from "./template/index.ts";

/**
 * @param blank how something without content is presented, where the command can tell
 * @throws EngineError located in the template
 */
export function checkFormat(format: string, blank?: Presentation): void {
  const template = compileTemplate(blank?.kind === "table" ? templateOf(format) : format);
  const data = blank && dataOf(blank);
  if (data === undefined) return;
  try {
    template(data);
  } catch (error) {
    // Other errors, such as an index out of range, come of there being no content.
    if (error instanceof EngineError && error.details?.["field"] !== undefined) throw error;
  }
}

function dataOf(blank: Presentation): unknown {
  if (blank.kind === "table") return blank.format === undefined ? undefined : blankRow(blank.columns as Column<unknown>[], blank.methods);
  if (blank.kind === "json") return asGo(blank.values[0], blank.shape?.(blank.values[0]));
  return undefined;
}
