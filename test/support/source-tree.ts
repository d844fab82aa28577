/** The source tree as data, for the tests that keep the architecture: files, and what each imports. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const home = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

export interface Import {
  /** As written. */
  specifier: string;
  /** Path from the project's folder for relative imports, else the specifier. */
  target: string;
  /** `import type`: gone at run time. */
  typeOnly: boolean;
  /** A statement, not `import("…")` on demand. */
  isStatic: boolean;
  /** What a static import takes by name. */
  names: string[];
}

export interface SourceFile {
  /** From the project's folder: "engine/image/room.ts". */
  path: string;
  text: string;
  /** Text without comments. */
  code: string;
  imports: Import[];
}

/** All TypeScript and JavaScript files below some folders. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
      .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
      .filter((path) => !path.includes("testdata/") && !path.includes("node_modules/"))
      .sort()
      .map(readSource),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(home, path), "utf8");
  const code = withoutComments(text);
  return { path, text, code, imports: importsIn(code, path) };
}

/** Comments become blanks, so that lines keep their numbers; strings and patterns stay. */
export function withoutComments(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|(?<![:\\"'`])\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(token, (match) => (match.startsWith("/") ? match.replace(/[^\n]/g, " ") : match));
}

const patterns: readonly RegExp[] = [
  /^\s*(?:import|export)\s(?<type>type\s)?[^;]*?\sfrom\s+"(?<specifier>[^"]+)"/gm,
  /^\s*import\s+"(?<specifier>[^"]+)"/gm,
  /\bimport\(\s*"(?<specifier>[^"]+)"\s*\)/g,
  /(?:const\s*\{[^}]*\}\s*=\s*process\.|\b)getBuiltinModule\(\s*"(?<specifier>[^"]+)"\s*\)(?:\.\w+)?/g,
  /\brequire\(\s*"(?<specifier>[^"]+)"\s*\)/g,
];

export function importsIn(code: string, path: string): Import[] {
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(({ groups, 0: statement }) => {
      const specifier = groups!["specifier"]!;
      const target = specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier;
      // `import("…").Name` and `typeof import("…")` name types only.
      const isTypeQuery = statement.startsWith("import(") && isInTypePosition(code, statement);
      return {
        specifier,
        target,
        isStatic: /^\s*(?:import|export)\s/.test(statement),
        typeOnly: groups!["type"] !== undefined || isTypeQuery || hasOnlyTypes(statement),
        names: namesIn(statement),
      };
    }),
  );
}

function isInTypePosition(code: string, statement: string): boolean {
  const uses = code.split(statement).length - 1;
  const typeUses = code.split(`typeof ${statement}`).length - 1;
  return uses > 0 && uses === typeUses;
}

/** Of `import { a, type B } from`: "a", "type B"; of `getBuiltinModule("node:net").isIP`: "isIP". */
function namesIn(statement: string): string[] {
  const list = /\{([^}]*)\}/.exec(statement)?.[1] ?? /\)\.(\w+)$/.exec(statement)?.[1] ?? "";
  return list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

/** `import { type A, type B } from` */
function hasOnlyTypes(statement: string): boolean {
  if (/(?:import|export)\s+\w+\s*,/.test(statement)) return false;
  const names = namesIn(statement);
  return names.length > 0 && names.every((name) => name.startsWith("type "));
}
