/** Rules on the source tree: what breaks one, as lines that an assertion compares with none. */
import type { Import, SourceFile } from "./source-tree.ts";

/** "a.ts imports b.ts" for every import that a rule forbids. */
export function violations(files: readonly SourceFile[], isForbidden: (file: SourceFile, imported: Import) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((each) => isForbidden(file, each)).map(({ target }) => `${file.path} imports ${target}`),
  );
}

/** "a.ts: text" for every match of a pattern in code (not in comments). */
export function occurrences(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, code }) => [...code.matchAll(pattern)].map(([text]) => `${path}: ${text}`));
}

/** Whether a path is one of some folders or files, or inside of one. */
export const below =
  (...folders: string[]) =>
  (path: string) =>
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
