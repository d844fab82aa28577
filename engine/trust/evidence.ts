/**
 * What may speak for an image: signatures and attestations as they were found, not yet judged. Documents that hold them are taken
 * apart here, wherever they come from; what cannot be read is told, and speaks for nothing. Pure.
 */

import { EngineError } from "../errors.ts";
import { parseManifest, type Refuse } from "../image/documents/index.ts";
import type { StoredDocument } from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";

/** cosign's tag, sigstore's bundle, cosign's older attestations, the Notary Project's envelope. */
export type SignatureFormat = "simple" | "bundle" | "dsse" | "notation";

interface Found {
  format: SignatureFormat;
  /** Digest of the manifest that holds it. */
  place: string;
}

export type Evidence = Found &
  (
    | { format: "simple"; payload: Buffer; signature: string; certificates: string }
    | { format: Exclude<SignatureFormat, "simple">; text: string }
    | { problem: string }
  );

export const signatureTypes = {
  simple: "application/vnd.dev.cosign.simplesigning.v1+json",
  bundle: "application/vnd.dev.sigstore.bundle.v0.3+json",
  dsse: "application/vnd.dsse.envelope.v1+json",
  notation: "application/vnd.cncf.notary.signature",
  jws: "application/jose+json",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

export const annotationNames = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  chain: "dev.sigstore.cosign/chain",
} as const;

/** A manifest that holds signatures, with the blobs it names that are not too large. */
export interface Carrier {
  document: StoredDocument;
  blobs: { descriptor: Descriptor; bytes: Buffer }[];
}

/** Bytes of one signature with its payload: an attestation with a large SBOM is some megabytes. */
export const largestSignature = 16 << 20;

/** Signatures of one manifest, and manifests with signatures of one image, that are looked at. */
export const mostSignatures = 100;

/** "sha256-….sig": where cosign keeps signatures of a digest, and its older attestations. */
export const signatureTag = (digest: string, suffix: "sig" | "att"): string => `${digest.replace(":", "-")}.${suffix}`;

/** How cosign calls what it keeps behind those tags where it refers to the image instead. */
export const cosignArtifact = (suffix: "sig" | "att"): string => `application/vnd.dev.cosign.artifact.${suffix}.v1+json`;

/** Whether a list of referrers says that one may hold signatures. Some registries do not say what their referrers are. */
export function mayHoldSignatures({ artifactType = "" }: Descriptor): boolean {
  if (artifactType === "" || artifactType.startsWith("application/vnd.dev.sigstore.bundle")) return true;
  return [signatureTypes.notation, cosignArtifact("sig"), cosignArtifact("att")].includes(artifactType);
}

/** The blobs of a manifest that hold signatures. */
export function signatureLayers(manifest: Manifest): Descriptor[] {
  return manifest.layers.filter(({ mediaType }) => formatOf(mediaType, manifest) !== undefined).slice(0, mostSignatures);
}

function formatOf(mediaType: string, manifest: Manifest): SignatureFormat | undefined {
  if (mediaType === signatureTypes.simple) return "simple";
  if (mediaType === signatureTypes.dsse) return "dsse";
  if (mediaType.startsWith("application/vnd.dev.sigstore.bundle")) return "bundle";
  const artifactType = manifest.artifactType ?? manifest.config.mediaType;
  return artifactType === signatureTypes.notation ? "notation" : undefined;
}

/** The manifest of a carrier. @throws EngineError `corrupt` */
export function readCarrier({ digest, text }: StoredDocument): Manifest {
  const refuse: Refuse = (why, cause) => new EngineError("corrupt", `cannot use the signatures in ${digest}: ${why}`, { cause });
  return parseManifest(text, refuse);
}

/** What a carrier holds. Never throws: what is malformed is told. */
export function evidenceOf({ document, blobs }: Carrier): Evidence[] {
  const place = document.digest;
  try {
    const manifest = readCarrier(document);
    return signatureLayers(manifest).map((layer) => {
      const format = formatOf(layer.mediaType, manifest)!;
      const bytes = blobs.find(({ descriptor }) => descriptor.digest === layer.digest)?.bytes;
      if (!bytes) return { format, place, problem: `its blob ${layer.digest} could not be had` };
      if (format === "notation" && layer.mediaType !== signatureTypes.jws)
        return { format, place, problem: `its envelope is "${layer.mediaType}"; only "${signatureTypes.jws}" is read` };
      return format === "simple" ? simpleEvidence(place, layer, bytes) : { format, place, text: bytes.toString("utf8") };
    });
  } catch (error) {
    return [{ format: "bundle", place, problem: (error as Error).message }];
  }
}

function simpleEvidence(place: string, { annotations = {} }: Descriptor, payload: Buffer): Evidence {
  const signature = annotations[annotationNames.signature];
  const certificates = [annotationNames.certificate, annotationNames.chain].map((name) => annotations[name] ?? "").join("\n");
  if (!signature) return { format: "simple", place, problem: "it has a payload, but no signature" };
  return { format: "simple", place, payload, signature, certificates };
}
