/** BuildKit's parser directives at the top of the file (Dockerfile reference, "Parser directives"). berth's own: berth-directives.ts. */
import type { SourceLocation } from "../errors.ts";
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
