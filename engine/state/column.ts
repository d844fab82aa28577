/**
 * JSON in columns of rows. One that was damaged must not keep the others from being shown, nor itself from being removed: it reads
 * as empty, and lists say so. Commands that would act on such a record are refused.
 */
import { EngineError } from "../errors.ts";

/** @param like an empty value of the same kind: {} or [] @returns undefined when the text is something else */
export function parseColumn<T extends object>(text: unknown, like: T): T | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null && Array.isArray(value) === Array.isArray(like) ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

/** What a damaged record is called, in lists and errors. */
export function damage(kind: string, name: string, column: string): string {
  return `the record of ${kind} "${name}" is damaged: "${column}" cannot be read`;
}

/** @param remove the command that takes the record away */
export function damagedRecord(text: string, remove: string): EngineError {
  return new EngineError("corrupt", `cannot use it: ${text}`, { exit: 125, hint: `remove it with '${remove}', and make it again` });
}
