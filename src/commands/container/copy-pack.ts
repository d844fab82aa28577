/** Packs a host path as a tar stream for `cp`. */
import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Readable } from "node:stream";
import { Packer } from "../../../engine/image/layer/pack.ts";
import { decodeName, fsPath } from "../../../engine/image/tar/names.ts";

export interface PackOptions {
  /** Name of the root entry; "." packs a directory's contents. */
  name: string;
  /** Keep user and group ids; else everything is root's. */
  archive: boolean;
  /** The source itself is followed when it is a symbolic link; links below never are. */
  followLink: boolean;
}

/** A stream of the archive; it fails with the system's error when a file cannot be read. */
export function packPath(path: string, options: PackOptions): Readable {
  return Readable.from(pieces(path, options), { objectMode: false });
}

function* pieces(path: string, { name, archive, followLink }: PackOptions): Generator<Buffer> {
  const source = followLink || name === "." ? decodeName(realpathSync(fsPath(path), { encoding: "buffer" })) : path;
  const packer = new Packer({
    base: dirname(source),
    path: basename(source),
    name,
    root: true,
    overlay: false,
    nanoseconds: true,
    sparse: true,
    live: true, // one that grows is cut to what its header says, one that shrinks filled up with zeros
    ...(!archive && { owner: { uid: 0, gid: 0 } }),
  });
  for (const piece of packer.pack()) if (!("file" in piece)) yield Buffer.from("raw" in piece ? piece.raw : piece.content); // its buffer is used again
}
