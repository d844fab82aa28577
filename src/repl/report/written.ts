/** Statements as they were written, for those who read of them. Pure. */
import type { Parsed } from "../language/index.ts";

/** It runs others, each of which is told of by itself. */
export function holdsOthers(statement: Parsed): boolean {
  return "body" in statement || statement.kind === "source";
}

/** A statement's text; of one that holds others, its first line. */
export function writtenAs(statement: Parsed, source: string): string {
  const text = source.slice(statement.start, statement.end);
  return holdsOthers(statement) ? text.split("\n", 1)[0]! : text;
}
