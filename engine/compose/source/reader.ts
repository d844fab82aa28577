/** The files of this host, as a project reads them: whole, regular, and no larger than they may be. */
import { promises as fs } from "node:fs";
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
    const stats = await fs.stat(path).catch(() => undefined);
    return stats && (stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other");
  },
  real: (path) => fs.realpath(path).catch(() => path),
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
