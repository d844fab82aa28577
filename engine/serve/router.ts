/**
 * From a method and a path to a route. path-to-regexp does the matching: names of images hold slashes and stand in the middle of a
 * path, which routers that walk a tree of segments cannot tell from the next segment.
 */
import { type MatchFunction, match, type ParamData } from "path-to-regexp";
import type { Route } from "./route.ts";

export interface Found {
  route: Route;
  /** The variable parts, decoded. */
  path: Record<string, string>;
}

interface Entry {
  route: Route;
  matches: MatchFunction<ParamData>;
}

export class Router {
  /** By method and first part of the path, so that few are tried. */
  readonly #entries = new Map<string, Entry[]>();

  /** @param routes of two that fit, the first is taken */
  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const key = keyOf(route.method, route.path);
      const entry = { route, matches: match<ParamData>(patternOf(route.path), { sensitive: true, trailing: false }) };
      this.#entries.set(key, [...(this.#entries.get(key) ?? []), entry]);
    }
  }

  /** @param path without a version */
  find(method: string, path: string): Found | undefined {
    for (const { route, matches } of this.#entries.get(keyOf(method, path)) ?? []) {
      const found = tryMatch(matches, path);
      if (found) return { route, path: Object.fromEntries(Object.entries(found).map(([name, value]) => [name, toText(value)])) };
    }
    return undefined;
  }
}

const keyOf = (method: string, path: string) => `${method} ${path.split("/", 2)[1] ?? ""}`;

/** "/images/{name...}/json" is "/images/*name/json". */
function patternOf(path: string): string {
  return path.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, isLong?: string) => `${isLong ? "*" : ":"}${name}`);
}

function tryMatch(matches: MatchFunction<ParamData>, path: string): ParamData | undefined {
  try {
    const found = matches(path);
    return found ? found.params : undefined;
  } catch {
    return undefined; // "%" without two digits behind it
  }
}

const toText = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join("/") : (value ?? ""));
