/**
 * Comments that mean something: BuildKit's parser directives at the top of the file (Dockerfile reference, "Parser
 * directives") and berth's own budget directives, which may stand on any comment line and which docker ignores.
 */
import type { SourceLocation } from "../errors.ts";
import { nearestName } from "../suggest.ts";
import type { Comment } from "./lines.ts";
import { fail, locate, type Source } from "./source.ts";
import { trimSpace, trimStart } from "./space.ts";

/** Parser directives: `# key=value` at the very top (Dockerfile reference, "Parser directives"). */
export interface Directives {
  syntax?: Directive;
  /** The escape character; "\\" when there is no directive. */
  escape: "\\" | "`";
  check?: Directive;
}

export interface Directive {
  value: string;
  location: SourceLocation;
}

/** The image's budget; a build over it fails and keeps the previous tag. */
export interface BerthDirectives {
  /** Bytes of all layers, uncompressed. */
  maxSize?: BerthDirective;
  maxLayers?: BerthDirective;
  /** Share of the layers' bytes that is visible in the final file system, 0 to 1. */
  minEfficiency?: BerthDirective;
}

export interface BerthDirective {
  value: number;
  /** As written: "120MB". */
  text: string;
  location: SourceLocation;
}

const form = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=(.*)$/s;
const keys = new Set(["syntax", "escape", "check"]);

/**
 * Reads the directives of a file. Scanning stops at the first line that is not a known directive, a blank one included.
 * @returns the directives and the numbers of the lines that hold them
 * @throws EngineError for a repeated directive or a bad escape token
 */
export function readDirectives(source: Source): { directives: Directives; lines: Set<number> } {
  const directives: Directives = { escape: "\\" };
  const lines = new Set<number>();
  const seen = new Set<string>();
  // A shebang ends the scan for `escape`, yet `syntax` and `check` are looked for behind it: so does BuildKit.
  const shebang = source.lines[0]?.text.startsWith("#!") ?? false;
  for (let index = shebang ? 1 : 0; index < source.lines.length; index++) {
    const text = source.lines[index]!.text;
    const match = form.exec(trimStart(text));
    const key = match?.[1]?.toLowerCase() ?? "";
    const value = trimSpace(match?.[2] ?? "");
    if (!keys.has(key) || value === "") break;
    const number = index + 1;
    const location = locate(source, number, text.length - trimStart(text).length + 1);
    if (seen.has(key)) fail(`only one ${key} parser directive can be used`, location);
    seen.add(key);
    lines.add(number);
    if (key === "escape") {
      if (!shebang) directives.escape = escapeToken(source, value, number);
    } else {
      directives[key as "syntax" | "check"] = { value: value.split(" ", 1)[0]!, location } satisfies Directive;
    }
  }
  return { directives, lines };
}

function escapeToken(source: Source, value: string, line: number): "\\" | "`" {
  if (value === "\\" || value === "`") return value;
  const column = source.lines[line - 1]!.text.indexOf(value, source.lines[line - 1]!.text.indexOf("=")) + 1;
  return fail(`invalid escape token '${value}' does not match \` or \\`, locate(source, line, column));
}

const berthForm = /^berth:([A-Za-z][A-Za-z-]*)\s*=(.*)$/s;

const berthKeys = { "max-size": "maxSize", "max-layers": "maxLayers", "min-efficiency": "minEfficiency" } as const;

/**
 * Takes a comment that is a `berth:` directive into `into`.
 * @returns false for any other comment
 * @throws EngineError for an unknown directive or a bad value
 */
export function readBerthDirective(source: Source, comment: Comment, into: BerthDirectives): boolean {
  const match = berthForm.exec(comment.text);
  if (!match) return false;
  const location = locate(source, comment.line, comment.column);
  const name = match[1]!;
  const text = trimSpace(match[2]!);
  if (!Object.hasOwn(berthKeys, name)) {
    fail(`unknown berth directive "${name}"`, location, { suggestion: suggestDirective(name, text) });
  }
  const field = berthKeys[name as keyof typeof berthKeys];
  if (into[field]) fail(`only one berth:${name} directive can be used`, location);
  const value = parseBudget[field](text);
  if (value === undefined) fail(`invalid value "${text}" for berth:${name}`, location, { hint: budgetHints[field] });
  into[field] = { value, text, location } satisfies BerthDirective;
  return true;
}

function suggestDirective(name: string, text: string): string | undefined {
  const near = nearestName(name, Object.keys(berthKeys));
  return near && `# berth:${near}=${text}`;
}

const parseBudget: Record<keyof BerthDirectives, (text: string) => number | undefined> = {
  maxSize: parseSize,
  maxLayers: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  minEfficiency(text) {
    if (/^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(text)) return Number(text);
    return /^(\d{1,2}(\.\d+)?|100)%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
  },
};

const budgetHints: Record<keyof BerthDirectives, string> = {
  maxSize: "write a size such as 120MB or 1.5GiB",
  maxLayers: "write a positive whole number",
  minEfficiency: "write a share between 0 and 1, such as 0.9",
};

const units: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 };

/** "120MB" is decimal, as image lists show sizes; "120MiB" is binary. Bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text);
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * units[(match[2] ?? "").toLowerCase()]!);
}
