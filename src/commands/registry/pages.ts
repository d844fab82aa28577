/** Lists that registries give in parts, taken as far as they are wanted. */
import { EngineError } from "../../../engine/errors.ts";
import type { Input } from "../command.ts";
import { numberOf, textOf } from "../flag-values.ts";

/** Names at a time: what most registries give at most. */
const usualCount = 1000;

/** What `--limit` and `--last` ask for. @throws EngineError `usage` */
export function pagingOf(input: Input): { limit: number; paging: { count: number; last?: string } } {
  const limit = numberOf(input, "limit") ?? Number.POSITIVE_INFINITY;
  if (limit < 1) throw new EngineError("usage", `invalid argument "${limit}" for "--limit" flag: it is less than 1`);
  const last = textOf(input, "last");
  return { limit, paging: { count: Math.min(limit, usualCount), ...(last !== undefined && { last }) } };
}

/** In lexical order, also where a registry gives all of its names at once, in an order of its own. */
export async function takeNames(
  pages: AsyncIterable<string[]>,
  { limit, paging: { last } }: ReturnType<typeof pagingOf>,
): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) {
    for (const name of page) if (last === undefined || name > last) names.push(name);
    if (names.length >= limit) break;
  }
  return names.sort().slice(0, limit);
}
