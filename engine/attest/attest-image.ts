/** `image attest`: a statement about an image, kept as a manifest that refers to the image's own (image-spec, "subject"). */
import { EngineError } from "../errors.ts";
import { mediaTypes } from "../image/documents/index.ts";
import type { Descriptor, Manifest, SignStatement } from "../image/index.ts";
import {
  attachReferrer,
  chooseVariant,
  type Found,
  readDocument,
  referencesOf,
  requireImage,
  topOf,
  variantsOf,
} from "../image/store/index.ts";
import { parsePlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { type Piece, pieceOf } from "./index-document.ts";
import { predicateTypeOf } from "./predicate.ts";
import { bundleType, predicateAnnotation, statementOf, statementType } from "./statement.ts";

export interface AttestOptions {
  /** A URI, or one of cosign's short names. */
  predicateType: string;
  predicate: unknown;
  platform?: string;
  sign?: SignStatement;
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
  const content = contentOf(JSON.stringify(statement), predicateType, options.sign);
  const config = pieceOf(emptyType, "{}");
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: content.piece.descriptor.mediaType,
    config: config.descriptor,
    layers: [content.piece.descriptor],
    subject,
    annotations: content.annotations,
  };
  const blobs = [config, content.piece].map(({ text }) => Buffer.from(text));
  const digest = await attachReferrer(ground, { text: JSON.stringify(manifest), blobs });
  return { Digest: content.piece.descriptor.digest, Manifest: digest };
}

/** As it is, or signed, as cosign 3 writes it. */
function contentOf(
  statement: string,
  predicateType: string,
  sign: SignStatement | undefined,
): { piece: Piece; annotations: Record<string, string> } {
  if (!sign) {
    const annotations = { [predicateAnnotation]: predicateType };
    return { piece: pieceOf(statementType, statement, annotations), annotations };
  }
  const { bundle, annotations } = sign(statement);
  return { piece: pieceOf(bundleType, bundle), annotations };
}

/** What the name stands for, an index or a manifest. An image that was made here, and never left, gets one now, as a push would send it. */
async function subjectOf(ground: Ground, found: Found, { platform, signal }: AttestOptions): Promise<Descriptor> {
  const { id } = found.image;
  if (topOf(ground, found) === "") {
    const { giveManifest } = await import("../registry/give-manifest.ts");
    const names = referencesOf(ground, id).filter(({ tag }) => tag !== undefined);
    await giveManifest(ground, id, names, { compression: "gzip", report: () => {}, ...(signal && { signal }) });
  }
  const top = topOf(ground, found);
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const chosen = wanted ? chooseVariant(variantsOf(ground, top), wanted)?.document : readDocument(ground, top);
  if (chosen) return { mediaType: chosen.mediaType, digest: chosen.digest, size: Buffer.byteLength(chosen.text) };
  throw new EngineError("not-found", `image "${id}" has no manifest here${platform ? ` for ${platform}` : ""}`, {
    hint: "see what is there with 'berth images --tree'",
  });
}

/** Repositories, without tags: a tag moves, a statement does not. */
function namesOf(ground: Ground, { image }: Found): string[] {
  const names = referencesOf(ground, image.id).map(({ domain, path }) => `${domain}/${path}`);
  return [...new Set(names)];
}
