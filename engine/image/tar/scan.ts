/** The table of contents of a tar in an open file: only headers are read, contents are passed over. */
import { readSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { blockSize, type TarHeader } from "./header.ts";
import { TarReader } from "./reader.ts";

export interface ScannedEntry {
  type: TarHeader["type"];
  linkName: string;
  /** Where the content begins in the file, and its bytes. */
  offset: number;
  size: number;
}

/**
 * Entries by name, without a leading "./"; a later one of the same name wins.
 * @throws EngineError `archive`
 */
export function scanTar(fd: number, start: number, end: number): Map<string, ScannedEntry> {
  const entries = new Map<string, ScannedEntry>();
  let position = start;
  const reader = new TarReader({
    entry: ({ name, type, linkName, size }) =>
      void entries.set(name.replace(/^(\.?\/)+/, "").replace(/\/+$/, ""), { type, linkName, size, offset: position }),
    data: () => {},
    end: () => {},
  });
  const block = Buffer.alloc(blockSize);
  while (position < end) {
    const read = readSync(fd, block, 0, Math.min(blockSize, end - position), position);
    if (read === 0) break;
    position += read;
    reader.push(block.subarray(0, read));
    position += reader.skipContent();
    if (position > end) throw new EngineError("archive", "invalid tar: unexpected end of the archive");
  }
  reader.finish();
  return entries;
}
