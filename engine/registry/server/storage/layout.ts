/**
 * Where everything of a registry is on disk. docs/registry.md has the same for its users: the format is a promise.
 *
 *   ROOT/
 *     registry.json                  {"formatVersion":1}: the directory is a registry's
 *     lock                           flock file: one server at a time
 *     blobs/ALGORITHM/HEX            contents, once each whoever has them: blobs and manifests, as in an OCI image layout
 *     repositories/NAME/             one directory for each component of a name; what begins with "_" is no component
 *       _blobs/ALGORITHM/HEX         empty: the repository has this blob
 *       _manifests/ALGORITHM/HEX     JSON {mediaType,size,subject?}: the repository has this manifest
 *       _tags/TAG                    JSON {digest}: what the tag stands for
 *     uploads/ID, uploads/ID.name    what has come of a blob, and the repository it is for
 *     staging/ID                     files on their way to their names
 *     damaged/ALGORITHM-HEX          contents that were not what their names said
 */
import { join } from "node:path";
import { isDigest, isRepository, isTag } from "../protocol/names.ts";

const uploadForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isUploadId = (text: string): boolean => uploadForm.test(text);

/** The paths below a root. Every part that comes from outside is judged here once more: nothing leads out of the directory. */
export class Layout {
  readonly root: string;
  readonly format: string;
  readonly lock: string;
  readonly repositories: string;
  readonly uploads: string;
  readonly staging: string;
  readonly damaged: string;

  constructor(root: string) {
    this.root = root;
    this.format = join(root, "registry.json");
    this.lock = join(root, "lock");
    this.repositories = join(root, "repositories");
    this.uploads = join(root, "uploads");
    this.staging = join(root, "staging");
    this.damaged = join(root, "damaged");
  }

  content(digest: string): string {
    return join(this.root, "blobs", ...partsOf(digest));
  }

  repository(name: string): string {
    return join(this.repositories, judged(isRepository, name));
  }

  blob(name: string, digest: string): string {
    return join(this.repository(name), "_blobs", ...partsOf(digest));
  }

  manifest(name: string, digest: string): string {
    return join(this.repository(name), "_manifests", ...partsOf(digest));
  }

  tag(name: string, tag: string): string {
    return join(this.repository(name), "_tags", judged(isTag, tag));
  }

  upload(id: string): string {
    return join(this.uploads, judged(isUploadId, id));
  }
}

const partsOf = (digest: string) => judged(isDigest, digest).split(":");

function judged(isGood: (text: string) => boolean, text: string): string {
  if (!isGood(text)) throw new Error(`no part of a path: ${JSON.stringify(text)}`);
  return text;
}
