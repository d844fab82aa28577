/** `image attest`: a statement about an image, kept as a manifest that refers to the image's own (image-spec, "subject"). */
import { EngineError } from "../errors.ts";
import { mediaTypes } from "../image/documents/index.ts";
import type { Descriptor, Manifest } from "../image/index.ts";
import { attachReferrer, chooseVariant, type Found, referencesOf, requireImage, topOf, variantsOf } from "../image/store/index.ts";
import { formatPlatform, parsePlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { usualPlatform } from "./attestations.ts";
import { pieceOf } from "./index-document.ts";
import { predicateTypeOf } from "./predicate.ts";
import { predicateAnnotation, statementOf, statementType } from "./statement.ts";

export interface AttestOptions {
  /** A URI, or one of cosign's short names. */
  predicateType: string;
  predicate: unknown;
  platform?: string;
  signal?: AbortSignal;
}

/** OCI image-spec, "Guidance for an Empty Descriptor". */
const emptyType = "application/vnd.oci.empty.v1+json";

/** @throws EngineError `not-found`, `invalid`, `no-space` */
export async function attestImage(ground: Ground, ref: string, options: AttestOptions): Promise<{ Digest: string; Manifest: string }> {
  const predicateType = predicateTypeOf(options.predicateType);
  const found = requireImage(ground, ref);
  const subject = await subjectOf(ground, found, options);
  const statement = statementOf(subject.digest, namesOf(ground, found), predicateType, options.predicate);
  const annotations = { [predicateAnnotation]: predicateType };
  const content = pieceOf(statementType, JSON.stringify(statement), annotations);
  const config = pieceOf(emptyType, "{}");
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: statementType,
    config: config.descriptor,
    layers: [content.descriptor],
    subject,
    annotations,
  };
  const blobs = [config, content].map(({ text }) => Buffer.from(text));
  const digest = await attachReferrer(ground, { text: JSON.stringify(manifest), blobs });
  return { Digest: content.descriptor.digest, Manifest: digest };
}

/** The image's manifest. One that was made here, and never left, has none yet: it gets it now, as a push would send it. */
async function subjectOf(ground: Ground, found: Found, { platform, signal }: AttestOptions): Promise<Descriptor> {
  const { id } = found.image;
  if (topOf(ground, found) === "") {
    const { giveManifest } = await import("../registry/give-manifest.ts");
    const names = referencesOf(ground, id).filter(({ tag }) => tag !== undefined);
    await giveManifest(ground, id, names, { compression: "gzip", report: () => {}, ...(signal && { signal }) });
  }
  const variants = variantsOf(ground, topOf(ground, found));
  const wanted = platform === undefined ? usualPlatform(found, variants) : parsePlatform(platform);
  const chosen = chooseVariant(variants, wanted)?.document;
  if (chosen) return { mediaType: chosen.mediaType, digest: chosen.digest, size: Buffer.byteLength(chosen.text) };
  throw new EngineError("not-found", `image "${id}" has no manifest here for ${formatPlatform(wanted)}`, {
    hint: "see what is there with 'berth images --tree'",
  });
}

/** Repositories, without tags: a tag moves, a statement does not. */
function namesOf(ground: Ground, { image }: Found): string[] {
  const names = referencesOf(ground, image.id).map(({ domain, path }) => `${domain}/${path}`);
  return [...new Set(names)];
}
