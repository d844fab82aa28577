/** Wildcards in COPY and ADD sources: Go's path/filepath.Match, applied component by component. */
import { EngineError } from "../../errors.ts";

/** True when a source needs matching rather than a look. */
export function hasWildcard(path: string): boolean {
  return /[*?[\\]/.test(path);
}

/**
 * Compiles one component of a pattern: `*`, `?`, `[a-z]`, `[^a]`, and `\` to take the next character as it is.
 * Throws `invalid` for a malformed one, as filepath.ErrBadPattern.
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string;
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const end = endOfClass(pattern, i);
      source += classSource(pattern.slice(i + 1, end), pattern);
      i = end;
    } else if (character === "\\") {
      if (++i >= pattern.length) throw badPattern(pattern);
      source += escapeRegExp(pattern[i] as string);
    } else source += escapeRegExp(character);
  }
  const expression = new RegExp(`^${source}$`, "su");
  return (name) => expression.test(name);
}

function endOfClass(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern[i] === "^") i++;
  for (let first = true; i < pattern.length; i++, first = false) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]" && !first) return i;
  }
  throw badPattern(pattern);
}

function classSource(body: string, pattern: string): string {
  const negated = body.startsWith("^");
  const inner = (negated ? body.slice(1) : body).replace(/\\(.)|([\]^[&|~])/gsu, (_, escaped, plain) => `\\${escaped ?? plain}`);
  if (inner === "") throw badPattern(pattern);
  try {
    new RegExp(`[${inner}]`, "u");
  } catch {
    throw badPattern(pattern);
  }
  return `(?!/)[${negated ? "^" : ""}${inner}]`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function badPattern(pattern: string): EngineError {
  return new EngineError("invalid", `cannot use source pattern "${pattern}": syntax error in pattern`);
}
