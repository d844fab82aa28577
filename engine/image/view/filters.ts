/** Docker's `--filter` for images: which keys there are and what they test. Pure but for the records handed in. */

import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { hasLabel } from "../../state/matching.ts";
import { familiar, familiarRepository, type Reference } from "../documents/index.ts";

/**
 * Checks that only known keys are used.
 * @throws EngineError `invalid`
 */
export function checkFilters(filters: Filters, known: readonly string[]): void {
  for (const key of Object.keys(filters)) {
    if (!known.includes(key))
      throw new EngineError("invalid", `invalid filter '${key}'`, { hint: `the filters here are ${known.join(", ")}` });
  }
}

/** A boolean filter's value; undefined when it is not given. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters[key];
  if (!values?.length) return undefined;
  const isAll = (words: readonly string[]) => values.every((value) => words.includes(value));
  if (isAll(["true", "1", "t", "True", "TRUE"])) return true;
  if (isAll(["false", "0", "f", "False", "FALSE"])) return false;
  throw new EngineError("invalid", `invalid filter '${key}=[${values.join(" ")}]'`, { hint: "it is true or false" });
}

/** `label=KEY` or `label=KEY=VALUE`; all of them must hold. */
export function matchesLabels(labels: Record<string, string>, wanted: readonly string[] = []): boolean {
  return wanted.every((each) => hasLabel(labels, each));
}

/** True when a pattern (Go path.Match: `*` and `?` stop at slashes) fits the reference's name, with or without its tag. */
export function matchesReference(reference: Reference, pattern: string): boolean {
  const expression = globExpression(pattern);
  const name = familiarRepository(reference);
  return expression.test(familiar(reference)) || expression.test(name);
}

function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[[^\]]*\]|\\?[\s\S]/g, (token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token.length > 1 && token.startsWith("[")) return token.replaceAll("\\", "\\\\");
    return (token.length > 1 ? token.slice(1) : token).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`);
  } catch (cause) {
    throw new EngineError("invalid", "syntax error in pattern", { cause, hint: `correct the pattern "${pattern}"` });
  }
}
