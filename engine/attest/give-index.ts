/**
 * Images that were made here get an index: one for each platform, and what is attested of each. The names stand for the index from
 * then on, and for the image that this host runs; the images of other platforms go with the last of the names.
 */
import { Readable } from "node:stream";
import type { Reference } from "../image/documents/index.ts";
import { familiar, satisfies } from "../image/documents/index.ts";
import { addManifest, type BlobHolds, emitImage, imageById, keepImage, parseConfig, setReference } from "../image/store/index.ts";
import type { Descriptor, Statement } from "../image/types.ts";
import { hostPlatform } from "../platform.ts";
import { type Giving, giveManifest } from "../registry/give-manifest.ts";
import type { Ground } from "../state/ground.ts";
import { attestationManifestOf, indexDocumentOf } from "./index-document.ts";

export interface IndexedImage {
  id: string;
  /** What is attested of it. @param manifest the digest of its manifest, which statements are about */
  attest(manifest: string): Promise<Statement[]>;
}

export interface GivenIndex {
  /** Its digest. */
  digest: string;
  /** Of the image that the names stand for. */
  id: string;
}

/**
 * @param images one for each platform, in their order in the index
 * @param giving `holds` keep it all until a name does
 */
export async function giveIndex(
  ground: Ground,
  images: readonly IndexedImage[],
  references: readonly Reference[],
  giving: Omit<Giving, "oci"> & { holds: BlobHolds },
): Promise<GivenIndex> {
  const { holds } = giving;
  const manifests: { id: string; digest: string }[] = [];
  const listed: Descriptor[] = [];
  const attested: Descriptor[] = [];
  for (const { id, attest } of images) {
    const { digest, mediaType, size } = await giveManifest(ground, id, [], { ...giving, oci: true });
    holds.hold(digest);
    manifests.push({ id, digest });
    const { os, architecture, variant } = parseConfig(imageById(ground, id)!);
    listed.push({ mediaType, digest, size, platform: { architecture, os, ...(variant && { variant }) } });
    const statements = await attest(digest);
    if (statements.length === 0) continue;
    const { document, pieces, descriptor } = attestationManifestOf(digest, statements);
    for (const piece of pieces)
      await holds.keepStream(piece.descriptor, () => Readable.from([Buffer.from(piece.text)], { objectMode: false }));
    holds.keep(document);
    attested.push(descriptor);
  }
  const index = indexDocumentOf([...listed, ...attested]);
  holds.keep(index);
  const id = chosen(ground, images).id;
  ground.db.transaction(() => {
    for (const { id: image, digest } of manifests) addManifest(ground, image, digest);
    for (const reference of references) {
      setReference(ground, reference, id, index.digest);
      setReference(ground, { domain: reference.domain, path: reference.path, digest: index.digest }, id);
    }
  });
  for (const image of images) keepImage(ground, image.id);
  for (const reference of references) emitImage(ground, "tag", id, familiar(reference));
  return { digest: index.digest, id };
}

/** What this host runs, else the first. */
function chosen(ground: Ground, images: readonly IndexedImage[]): IndexedImage {
  const host = hostPlatform();
  return images.find(({ id }) => satisfies(parseConfig(imageById(ground, id)!), host)) ?? images[0]!;
}
