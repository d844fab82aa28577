/**
 * Attestations as BuildKit stores them (its "Image Attestation Storage"): beside each image of an index stands a manifest for the
 * platform unknown/unknown, whose layers are statements, and which says by annotations which manifest it is about. Pure.
 */
import { mediaTypes, sha256 } from "../image/documents/index.ts";
import type { Descriptor, Index, Manifest, Statement, StoredDocument } from "../image/types.ts";
import { predicateAnnotation, statementType } from "./statement.ts";

const referenceType = "vnd.docker.reference.type";
export const referenceDigest = "vnd.docker.reference.digest";
/** What such a manifest's `referenceType` says. */
const attestationManifest = "attestation-manifest";

/** Bytes that become a blob. */
export interface Piece {
  descriptor: Descriptor;
  text: string;
}

export interface AttestationManifest {
  document: StoredDocument;
  /** The config, then the statements. */
  pieces: Piece[];
  /** As an index lists it. */
  descriptor: Descriptor;
}

/** @param about digest of the image's manifest */
export function attestationManifestOf(about: string, statements: readonly Statement[]): AttestationManifest {
  const layers = statements.map((statement) =>
    pieceOf(statementType, JSON.stringify(statement), { [predicateAnnotation]: statement.predicateType }),
  );
  const rootfs = { type: "layers", diff_ids: layers.map(({ descriptor }) => descriptor.digest) };
  const config = pieceOf(mediaTypes.ociConfig, JSON.stringify({ architecture: "unknown", os: "unknown", config: {}, rootfs }));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const { descriptor, text } = pieceOf(mediaTypes.ociManifest, JSON.stringify(manifest, null, 2));
  return {
    document: { digest: descriptor.digest, mediaType: mediaTypes.ociManifest, text },
    pieces: [config, ...layers],
    descriptor: {
      ...descriptor,
      annotations: { [referenceDigest]: about, [referenceType]: attestationManifest },
      platform: { architecture: "unknown", os: "unknown" },
    },
  };
}

/** @param manifests of images with their platforms, then their attestations */
export function indexDocumentOf(manifests: Descriptor[], annotations: Record<string, string> = {}): StoredDocument {
  const index: Index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  const text = JSON.stringify(index, null, 2);
  return { digest: sha256(text), mediaType: mediaTypes.ociIndex, text };
}

export function pieceOf(mediaType: string, text: string, annotations?: Record<string, string>): Piece {
  return { descriptor: { mediaType, digest: sha256(text), size: Buffer.byteLength(text), ...(annotations && { annotations }) }, text };
}
