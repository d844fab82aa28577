/** Archives as the contract looks at them. */
import type { Readable } from "node:stream";
import { entryBytes, readTar } from "../../../engine/image/tar/reader.ts";

/** Regular files of a tar stream: name to content. */
export async function entriesOf(archive: Readable): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of readTar(archive))
    if (entry.header.type === "file") files[entry.header.name] = (await entryBytes(entry)).toString();
  return files;
}
