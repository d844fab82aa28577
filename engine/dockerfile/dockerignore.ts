/**
 * .dockerignore: which files of a context a build does not see. The rules are moby/patternmatcher's, quirks included
 * (Docker build manual, "Build context", ".dockerignore files"): a pattern that matches a directory matches all below it,
 * the last matching pattern wins, `!` re-includes, `**` crosses directories.
 */
import { posix } from "node:path";
import { fail, locate, readSource, type Source } from "./source.ts";
import { trimSpace } from "./space.ts";

export interface IgnorePattern {
  /** Cleaned, without "!". */
  text: string;
  /** Began with "!": what it matches is not ignored after all. */
  exception: boolean;
  matches(path: string): boolean;
}

/** Which patterns a directory matched; its children inherit the matches. */
type Inherited = readonly boolean[];

export class Dockerignore {
  readonly patterns: readonly IgnorePattern[];
  /** Some pattern is an exception, so an ignored directory may hold files that are not. */
  readonly exceptions: boolean;
  private readonly directories = new Map<string, Inherited>();

  constructor(patterns: readonly IgnorePattern[]) {
    this.patterns = patterns;
    this.exceptions = patterns.some((pattern) => pattern.exception);
  }

  /**
   * True when a build does not see the path: decided as BuildKit does while it walks a context, directory by directory.
   * @param path relative to the context, slashes between, clean
   */
  ignores(path: string): boolean {
    if (path === "" || path === "." || this.patterns.length === 0) return false;
    const slash = path.lastIndexOf("/");
    return this.decide(path, slash === -1 ? undefined : this.inheritedOf(path.slice(0, slash))).ignored;
  }

  /**
   * True when the path or a directory above it is matched, each pattern looked at on its own: what checks of a single
   * path use. It differs from `ignores` only where an exception for a directory meets a pattern that matches its files alone.
   */
  matches(path: string): boolean {
    const clean = cleanPath(path).replace(/^\/+/, "");
    if (clean === "." || clean === "") return false;
    const above = parents(clean);
    let ignored = false;
    for (const pattern of this.patterns) {
      if (pattern.exception !== ignored) continue;
      if (pattern.matches(clean) || above.some((directory) => pattern.matches(directory))) ignored = !pattern.exception;
    }
    return ignored;
  }

  private inheritedOf(directory: string): Inherited {
    const known = this.directories.get(directory);
    if (known) return known;
    const slash = directory.lastIndexOf("/");
    const { inherited } = this.decide(directory, slash === -1 ? undefined : this.inheritedOf(directory.slice(0, slash)));
    this.directories.set(directory, inherited);
    return inherited;
  }

  private decide(path: string, above: Inherited | undefined): { ignored: boolean; inherited: Inherited } {
    let ignored = false;
    const inherited = this.patterns.map((pattern, index) => {
      let match = above?.[index] ?? false;
      if (!match) {
        // An exception matters only to what is ignored so far, and a plain pattern only to what is not.
        if (pattern.exception !== ignored) return false;
        match = pattern.matches(path);
      }
      if (match) ignored = !pattern.exception;
      return match;
    });
    return { ignored, inherited };
  }
}

/** "a/b/c" has "a" and "a/b" above it. */
function parents(path: string): string[] {
  const result: string[] = [];
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) result.push(path.slice(0, slash));
  return result;
}

/** @throws EngineError at the line of a pattern that is none */
export function parseDockerignore(text: string, options: { file?: string } = {}): Dockerignore {
  const source = readSource(text, options.file ?? ".dockerignore");
  const patterns: IgnorePattern[] = [];
  for (const [index, line] of source.lines.entries()) {
    // Only a "#" in the first column makes a comment.
    if (line.text.startsWith("#")) continue;
    const pattern = parsePattern(source, trimSpace(line.text), index + 1);
    if (pattern) patterns.push(pattern);
  }
  return new Dockerignore(patterns);
}

function parsePattern(source: Source, line: string, number: number): IgnorePattern | undefined {
  if (line === "") return undefined;
  const exception = line.startsWith("!");
  const written = exception ? trimSpace(line.slice(1)) : line;
  if (written === "") fail('illegal exclusion pattern: "!"', locate(source, number), { hint: "write what to re-include behind the !" });
  const clean = cleanPath(written);
  const text = clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
  const matches = isWellFormed(text) ? compile(text) : undefined;
  if (!matches)
    return fail(`syntax error in pattern ${JSON.stringify(line)}`, locate(source, number), { hint: "check its brackets and backslashes" });
  return { text, exception, matches };
}

/** Go's filepath.Clean. */
function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Go's filepath.Match syntax: brackets closed and not empty, no backslash at the end. */
function isWellFormed(pattern: string): boolean {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === "\\" && ++at === pattern.length) return false;
    if (pattern[at] !== "[") continue;
    const end = endOfClass(pattern, at);
    if (end === -1) return false;
    at = end;
  }
  return true;
}

/** Index of the bracket that closes the class which opens at `from`; -1 when it is malformed. */
function endOfClass(pattern: string, from: number): number {
  let at = from + (pattern[from + 1] === "^" ? 2 : 1);
  const first = at;
  for (; at < pattern.length; at++) {
    if (pattern[at] === "]") return at === first ? -1 : at;
    if (pattern[at] === "\\") at++;
  }
  return -1;
}

type Kind = "exact" | "prefix" | "suffix" | "expression";

/** Most patterns need no regular expression: an exact path, `dir/**`, or `**` and an ending. */
function compile(pattern: string): ((path: string) => boolean) | undefined {
  const { kind, expression } = translate(pattern);
  if (kind === "exact") return (path) => path === pattern;
  if (kind === "prefix") {
    const prefix = pattern.slice(0, -2);
    return (path) => path.startsWith(prefix);
  }
  if (kind === "suffix") {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
  }
  const regular = regularExpression(`^${expression}$`);
  return regular && ((path) => regular.test(path));
}

/** Walks a pattern's characters; `first` is whether none came before. */
function translate(pattern: string): { kind: Kind; expression: string } {
  const characters = [...pattern];
  let expression = "";
  let kind: Kind = "exact";
  for (let at = 0, first = true; at < characters.length; at++, first = false) {
    const character = characters[at]!;
    if (character === "*" && characters[at + 1] === "*") {
      at++;
      if (characters[at + 1] === "/") at++;
      if (at + 1 < characters.length) {
        expression += "(.*/)?";
        kind = "expression";
      } else if (kind === "exact") {
        kind = "prefix";
      } else {
        expression += ".*";
        kind = "expression";
      }
      if (first) kind = "suffix";
    } else if (character === "\\") {
      expression += `\\${characters[++at] ?? ""}`;
      kind = "expression";
    } else {
      expression += translateOne(character);
      if ("*?[]".includes(character)) kind = "expression";
    }
  }
  return { kind, expression };
}

function translateOne(character: string): string {
  if (character === "*") return "[^/]*";
  if (character === "?") return "[^/]";
  return ".+()|{}$".includes(character) ? `\\${character}` : character;
}

/** Unicode mode counts characters as Go does, but refuses escapes that Go lets pass. */
function regularExpression(expression: string): RegExp | undefined {
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(expression, flags);
    } catch {
      // Tried in the other mode, then reported as a bad pattern by the caller.
    }
  }
  return undefined;
}
