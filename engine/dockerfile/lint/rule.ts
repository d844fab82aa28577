/** What a lint rule is, and what it is given: a record per rule, so that docs, `# check=` and tests derive from the table. */
import type { SourceLocation } from "../../errors.ts";
import type { Dockerfile } from "../types.ts";
import type { Analysis, BaseImage } from "./analysis.ts";

/** One violation. Line and column count from 1. */
export interface Finding {
  rule: string;
  severity: "warning" | "error";
  message: string;
  /** What the rule wants in general. */
  description: string;
  url?: string;
  file: string;
  line: number;
  column: number;
  endLine?: number;
}

export interface LintOptions {
  /** --build-arg */
  buildArgs?: Record<string, string>;
  target?: string;
  /** Target platform "os/arch[/variant]"; default this host's. */
  platform?: string;
  /** What is known of a base image; undefined where nothing is, and then rules that need it keep quiet. */
  base?: (image: string) => BaseImage | undefined;
  /** .dockerignore: true for a path that is not in the context. */
  ignored?: (path: string) => boolean;
  /** Replaces the file's `# check=` directive (BUILDKIT_DOCKERFILE_CHECK). */
  check?: string;
  /** Also berth's own rules; off in builds, on in `--check`. */
  berth?: boolean;
  /** Only these stages, by index; default all. */
  stages?: ReadonlySet<number>;
}

export interface LintContext {
  dockerfile: Dockerfile;
  analysis: Analysis;
  options: LintOptions;
  report(location: SourceLocation, message: string): void;
}

export interface Rule {
  /** BuildKit's name, or berth's own with the prefix "berth/". */
  name: string;
  origin: "buildkit" | "berth";
  description: string;
  url?: string;
  /** Off unless `# check=experimental=` names it. */
  experimental?: boolean;
  /** It looks at stages that a build does not need, too, as BuildKit does with what it finds before it knows them. */
  everywhere?: boolean;
  /** It is about the file or several instructions: a comment above one of them does not silence it. */
  ofFile?: boolean;
  /** A whole Dockerfile that violates the rule, and one that does not. */
  bad: string;
  good: string;
  check(context: LintContext): void;
}

/** A rule of BuildKit's linter; its page is named after it. */
export function buildkitRule(rule: Omit<Rule, "origin" | "url">): Rule {
  const slug = rule.name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
  return { ...rule, origin: "buildkit", url: `https://docs.docker.com/go/dockerfile/rule/${slug}/` };
}

/** A rule of berth's own; on only in `--check`. */
export function berthRule(rule: Omit<Rule, "origin" | "url">): Rule {
  return { ...rule, name: `berth/${rule.name}`, origin: "berth" };
}
