/**
 * The files of this host, as a project reads them: whole, regular, and no larger than they may be. At once: the promises of
 * node:fs take as long to load as a file of 50 services takes to read.
 */
import { realpathSync, statSync } from "node:fs";
import { EngineError, toEngineError } from "../../errors.ts";
import { readLimited } from "../../sys/limited-file.ts";
import type { Reader } from "../project.ts";
import type { SourceFile } from "./places.ts";

/** Bytes of a compose file: some ten thousand services. */
export const largestFile = 4 << 20;

export const hostReader: Reader = {
  async read(path, limit) {
    try {
      return readLimited(path, { limit, name: `"${path}"`, pipes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
      throw toEngineError(error);
    }
  },
  async kind(path) {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats && (stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other");
    } catch {
      return undefined; // it cannot be looked at: as if it were not there
    }
  },
  async real(path) {
    try {
      return realpathSync.native(path);
    } catch {
      return path;
    }
  },
};

/** The text of a file that is named by what it is. @throws EngineError `not-found`, or what the reader says */
export async function readText(reader: Reader, path: string, what: string): Promise<SourceFile> {
  const bytes = await reader.read(path, largestFile);
  if (!bytes) throw new EngineError("not-found", `cannot read the ${what} "${path}": there is no such file`, { hint: "check the path" });
  return { name: path, text: textOf(bytes) };
}

/** Without the mark that some editors put before UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
