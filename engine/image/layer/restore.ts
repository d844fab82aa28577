/**
 * Making one file of an archive on the host, for who does not unpack in a confined thread (`cp` out of a container): its
 * content with holes where the content is zeros, its attributes, its times to the nanosecond. Where it goes, and that
 * nothing on the way there is a link, is the caller's business.
 */
import { chmodSync, closeSync, ftruncateSync, lchownSync, openSync } from "node:fs";
import { setTimes } from "../../sys/files.ts";
import { dataRuns } from "../../sys/holes.ts";
import type { TarHeader } from "../tar/header.ts";
import { fsPath } from "../tar/names.ts";
import { writeAttributes } from "./attributes.ts";
import { writeAll } from "./split.ts";

/** @throws the system error, EEXIST when there is something at the path */
export async function restoreContent(path: string, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const fd = openSync(fsPath(path), "wx", 0o600);
  try {
    let position = 0;
    for await (const chunk of content) {
      for (const { offset, length } of dataRuns(chunk, position)) writeAll(fd, chunk.subarray(offset, offset + length), position + offset);
      position += chunk.length;
    }
    ftruncateSync(fd, position); // a hole at its end
  } finally {
    closeSync(fd);
  }
}

/** @param owner whether the archive's owner becomes the file's */
export function restoreAttributes(path: string, header: TarHeader, owner: boolean): void {
  const at = fsPath(path);
  if (owner) lchownSync(at, header.uid, header.gid);
  if (header.type !== "symlink") chmodSync(at, header.mode);
  writeAttributes(at, header.xattrs);
  setTimes(at, header.mtime, header.mtimeNs);
}
