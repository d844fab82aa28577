/** What refers to a manifest of the store: signatures, attestations (image-spec, "subject"; distribution-spec, "Listing Referrers"). */
import { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { isIndexType, mediaTypes, parseIndex, parseManifest, type Refuse, sha256 } from "../documents/index.ts";
import type { Descriptor, Index, Manifest, Referrer } from "../types.ts";
import { BlobHolds, findBlob, readDocument, referrersOf, type StoredDocument } from "./blobs.ts";

/** What refers to a digest, as a registry lists it. */
export function listReferrers(ground: Ground, digest: string): Descriptor[] {
  return referrersOf(ground, digest).map((each) => {
    const document = readDocument(ground, each.digest);
    return document ? describeReferrer(document).descriptor : each;
  });
}

/** @returns what a list of referrers says of a document, and what that refers to */
export function describeReferrer(document: StoredDocument): { descriptor: Descriptor; subject: Descriptor | undefined } {
  const { digest, mediaType, text } = document;
  const { subject, annotations, ...about } = parse(document);
  const artifactType = about.artifactType ?? about.config?.mediaType;
  return {
    descriptor: {
      ...{ mediaType, digest, size: Buffer.byteLength(text) },
      ...(artifactType && { artifactType }),
      ...(annotations && { annotations }),
    },
    subject,
  };
}

function parse({
  digest,
  mediaType,
  text,
}: StoredDocument): Partial<Pick<Manifest, "config">> & Pick<Index, "subject" | "annotations" | "artifactType"> {
  const refuse: Refuse = (why, cause) =>
    new EngineError("corrupt", `cannot use the manifest ${digest}: it is malformed: ${why}`, { cause });
  return isIndexType(mediaType) ? parseIndex(text, refuse) : parseManifest(text, refuse);
}

/**
 * Keeps a manifest that refers to one of the store, with its blobs, as long as that is kept.
 * @returns its digest
 * @throws EngineError `invalid` without a subject, `not-found` when that is not in the store, `corrupt` for blobs it does not name
 */
export async function attachReferrer(ground: Ground, { text, blobs }: Referrer): Promise<string> {
  const document = { digest: sha256(text), mediaType: mediaTypes.ociManifest, text };
  const { subject } = describeReferrer(document);
  if (!subject) throw new EngineError("invalid", "cannot keep a manifest as a referrer: it has no subject");
  if (!findBlob(ground, subject.digest)) throw new EngineError("not-found", `cannot refer to ${subject.digest}: it is not in the store`);
  const named = parseManifest(text, (why) => new EngineError("invalid", `cannot keep a referrer: its manifest is malformed: ${why}`));
  const given = new Map(blobs.map((bytes) => [sha256(bytes), bytes]));
  using holds = new BlobHolds(ground);
  for (const blob of [named.config, ...named.layers]) {
    const bytes = given.get(blob.digest);
    if (!bytes && !findBlob(ground, blob.digest))
      throw new EngineError("not-found", `cannot keep a referrer: its blob ${blob.digest} is missing`);
    await holds.keepStream(blob, () => Readable.from([bytes], { objectMode: false }));
  }
  holds.keep(document);
  return document.digest;
}

/** A manifest or an index of the store. @throws EngineError `not-found` */
export function requireDocument(ground: Ground, digest: string): StoredDocument {
  const document = readDocument(ground, digest);
  if (!document) throw new EngineError("not-found", `no manifest ${digest} in the store`);
  return document;
}
