/**
 * .dockerignore: which files of a context a build does not see. The rules are moby/patternmatcher's, quirks included
 * (Docker build manual, "Build context", ".dockerignore files"): a pattern that matches a directory matches all below it,
 * the last matching pattern wins, `!` re-includes, `**` crosses directories.
 */
import { posix } from "node:path";
import { compilePattern, type PathPredicate } from "./ignore-pattern.ts";
import { fail, locate, readSource, type Source } from "./source.ts";
import { trimSpace } from "./space.ts";

export interface IgnorePattern {
  /** Cleaned, without "!". */
  text: string;
  /** Began with "!": what it matches is not ignored after all. */
  exception: boolean;
  matches: PathPredicate;
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
  const matches = compilePattern(text);
  if (!matches)
    return fail(`syntax error in pattern ${JSON.stringify(line)}`, locate(source, number), { hint: "check its brackets and backslashes" });
  return { text, exception, matches };
}

/** Go's filepath.Clean. */
function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
