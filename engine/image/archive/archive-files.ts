/** What an image archive holds, and its files by name, out of its table of contents: links followed, documents bounded, blobs verified. */
import { readSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { type Refuse, sha256 } from "../documents/index.ts";
import type { StoredDocument } from "../store/index.ts";
import type { ScannedEntry } from "../tar/index.ts";
import type { Descriptor } from "../types.ts";

/** JSON documents of an archive are small; a larger one is not meant to be read. */
const documentLimit = 16 << 20;

/** Where a file's bytes are in the archive. */
export type Extent = Pick<ScannedEntry, "offset" | "size">;

/** An image in an archive that is to be unpacked: where its pieces are. */
export interface ArchivedImage {
  /** The config's exact bytes. */
  config: string;
  names: string[];
  /** Lowest first. `blob` where the layout says what it is. */
  layers: (Extent & { blob?: Descriptor })[];
  annotations?: Record<string, string>;
  /** Id of the image it was made from, which the archive holds too. */
  parent?: string;
  /** Digests of its manifest, and of what its names stand for: an index, or the same. */
  manifest?: string;
  top?: string;
}

export interface Archived {
  images: ArchivedImage[];
  /** Manifests and indexes that are to be kept. */
  documents: StoredDocument[];
  /** What is kept as it is of that which is not unpacked: other platforms, attestations, referrers. */
  blobs: (Extent & { blob: Descriptor })[];
}

/** Makes the errors about a document of the archive. */
export function malformed(name: string): Refuse {
  return (why, cause) => new EngineError("archive", `cannot load the archive: "${name}" is malformed: ${why}`, { cause });
}

export class ArchiveFiles {
  #fd: number;
  #entries: Map<string, ScannedEntry>;

  constructor(fd: number, entries: Map<string, ScannedEntry>) {
    this.#fd = fd;
    this.#entries = entries;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  hasBlob(digest: string): boolean {
    return this.has(blobName(digest));
  }

  /** Old archives store a layer once and point to it by symbolic links. @throws EngineError `archive` */
  find(name: string, depth = 0): Extent {
    const entry = this.#entries.get(name.replace(/^(\.?\/)+/, ""));
    if (!entry || depth > 10) throw new EngineError("archive", `cannot load the archive: "${name}" is missing from it`);
    if (entry.type === "symlink") return this.find(resolveLink(name, entry.linkName), depth + 1);
    if (entry.type === "hardlink") return this.find(entry.linkName, depth + 1);
    if (entry.type !== "file") throw new EngineError("archive", `cannot load the archive: "${name}" is not a file`);
    return entry;
  }

  findBlob(digest: string): Extent {
    return this.find(blobName(digest));
  }

  text(name: string): string {
    const { offset, size } = this.find(name);
    if (size > documentLimit)
      throw new EngineError("archive", `cannot load the archive: "${name}" has ${size} bytes, far too many for what it is`);
    const bytes = Buffer.alloc(size);
    readSync(this.#fd, bytes, 0, size, offset);
    return bytes.toString("utf8");
  }

  /** @throws EngineError `corrupt` when the content is not the digest's */
  blobText(digest: string): string {
    const text = this.text(blobName(digest));
    const actual = sha256(text);
    if (actual !== digest)
      throw new EngineError("corrupt", `cannot load the archive: blob ${digest} is damaged (its content is ${actual})`);
    return text;
  }
}

/** Where an OCI image layout has a blob. */
export function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** "a/b/layer.tar" → "../c/layer.tar" is "a/c/layer.tar". */
function resolveLink(from: string, target: string): string {
  const parts = target.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
