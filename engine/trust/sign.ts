/** `sign`: an image's digest in a registry, in the format of cosign 2, of cosign 3, or of notation. A tag is resolved once, and never signed. */
import type { X509Certificate } from "node:crypto";
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import {
  familiarRepository,
  isDocumentType,
  isIndexType,
  parseIndex,
  parseReference,
  refuseReserved,
  repository,
  withTag,
} from "../image/documents/index.ts";
import type { StoredDocument } from "../image/store/index.ts";
import type { Descriptor } from "../image/types.ts";
import { type ClientOptions, RegistryClient } from "../registry/client.ts";
import { fetchDocument, refusing } from "../registry/manifest.ts";
import { keyOf } from "./certificates.ts";
import { annotationNames, signatureTypes } from "./evidence.ts";
import { writeJws } from "./jws.ts";
import type { Signer } from "./keys.ts";
import { addReferrer, addSimpleSignature } from "./registry-signatures.ts";
import { writeSimplePayload } from "./simple-signing.ts";
import { readStatement, type Statement, signatureStatement, signEnvelope, writeBundle } from "./statement.ts";

/** simple: cosign's tag, which every version of it reads; bundle: what cosign 3 writes; notation: the Notary Project's. */
export type SigningFormat = "bundle" | "simple" | "notation";

export interface SignOptions extends Access {
  signer: Signer;
  formats: readonly SigningFormat[];
  annotations?: Readonly<Record<string, string>>;
  /** Of an index, what it names, too. */
  recursive?: boolean;
  /** For notation: the signer's certificate first, then those that lead to an authority. */
  certificates?: readonly X509Certificate[];
}

export interface SignedImage {
  /** "localhost:5000/team/app@sha256:…" */
  Reference: string;
  Digest: string;
  KeyId: string;
  /** A signature each: of which digest, and the manifest that holds it. */
  Signatures: { Digest: string; Format: SigningFormat; Manifest: string }[];
}

const indexDepth = 5;

/** @throws EngineError `registry`, `registry-auth`, `not-found`, `conflict`, `usage`, `unsupported` */
export async function* signImage(ref: string, options: SignOptions): AsyncGenerator<ProgressEvent, SignedImage> {
  checkCertificates(options);
  const { client, top } = await openTarget(ref, "pull,push", options);
  const name = `${familiarRepository(client.reference)}@${top.digest}`;
  if (client.reference.digest === undefined)
    yield { type: "message", text: `${ref} is ${top.digest}: this digest is signed, whatever becomes of the tag` };
  const signatures: SignedImage["Signatures"] = [];
  for (const document of options.recursive ? await allOf(client, top) : [top]) {
    for (const Format of options.formats) {
      const Manifest = await signers[Format](client, document, options);
      signatures.push({ Digest: document.digest, Format, Manifest });
      yield { type: "message", text: `Signed ${document.digest} (${Format}): ${Manifest}` };
    }
  }
  return { Reference: name, Digest: top.digest, KeyId: options.signer.key.id, Signatures: signatures };
}

function checkCertificates({ formats, certificates: [leaf] = [], signer }: SignOptions): void {
  if (!formats.includes("notation")) return;
  if (!leaf)
    throw new EngineError("usage", "a notation signature needs the signer's certificate", {
      exit: 1,
      hint: "give it, and those that issued it, with --certificate FILE",
    });
  if (keyOf(leaf).id !== signer.key.id)
    throw new EngineError("invalid", `the first certificate is not that of the key "${signer.key.name}"`);
}

export type Access = Pick<ClientOptions, "insecure" | "credentials" | "signal">;

/** What a reference stands for now, image or not, and the client for more about it. */
export async function openTarget(
  ref: string,
  actions: "pull" | "pull,push",
  { insecure, credentials, signal }: Access,
): Promise<{ client: RegistryClient; top: StoredDocument }> {
  const reference = withTag(parseReference(ref));
  refuseReserved(reference);
  const client = new RegistryClient(reference, { actions, insecure, credentials, signal });
  return { client, top: await fetchDocument(client, reference.digest ?? reference.tag!, reference.digest) };
}

async function allOf(client: RegistryClient, top: StoredDocument, depth = 0): Promise<StoredDocument[]> {
  if (!isIndexType(top.mediaType)) return [top];
  if (depth === indexDepth) throw refusing(client)("its indexes are nested too deeply");
  const below: StoredDocument[] = [];
  for (const { digest, mediaType } of parseIndex(top.text, refusing(client)).manifests)
    if (isDocumentType(mediaType)) below.push(...(await allOf(client, await fetchDocument(client, digest, digest), depth + 1)));
  return [top, ...below];
}

type SignOne = (client: RegistryClient, document: StoredDocument, options: SignOptions) => Promise<string>;

const signers: Readonly<Record<SigningFormat, SignOne>> = {
  async simple(client, { digest }, { signer, annotations = {} }) {
    const payload = Buffer.from(writeSimplePayload({ digest, identity: repository(client.reference), annotations }));
    return addSimpleSignature(client, digest, payload, { [annotationNames.signature]: signer.sign(payload).toString("base64") });
  },
  bundle: (client, document, { signer, annotations = {} }) =>
    attachStatement(client, document, JSON.stringify(signatureStatement(document.digest, annotations)), signer),
  async notation(client, document, { signer, annotations = {}, certificates = [] }) {
    const now = new Date();
    const jws = writeJws({ target: descriptorOf(document), annotations, key: signer.object, certificates, now, agent: "berth" });
    const { createHash } = process.getBuiltinModule("node:crypto");
    const thumbprints = certificates.map(({ raw }) => createHash("sha256").update(raw).digest("hex"));
    return addReferrer(client, {
      ...{ configType: signatureTypes.notation, subject: descriptorOf(document) },
      blob: { mediaType: signatureTypes.jws, bytes: Buffer.from(jws) },
      annotations: { "io.cncf.notary.x509chain.thumbprint#S256": JSON.stringify(thumbprints), ...createdAt(now) },
    });
  },
};

function descriptorOf({ mediaType, digest, text }: StoredDocument): Descriptor {
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

/** In whole seconds, as the others write it. */
const createdAt = (now: Date) => ({ "org.opencontainers.image.created": now.toISOString().replace(/\.\d+Z$/, "Z") });

/**
 * Signs an in-toto statement about a document of a registry, and puts it there as a bundle that refers to it.
 * @param statement its exact bytes
 * @returns the digest of the manifest that holds it
 * @throws EngineError `registry`, `registry-auth`, `corrupt` for what is no statement
 */
async function attachStatement(client: RegistryClient, document: StoredDocument, statement: string, signer: Signer): Promise<string> {
  const { bundle, annotations } = signStatement(statement, signer);
  return addReferrer(client, {
    ...{ artifactType: signatureTypes.bundle, configType: signatureTypes.empty, subject: descriptorOf(document) },
    ...{ blob: { mediaType: signatureTypes.bundle, bytes: Buffer.from(bundle) }, annotations },
  });
}

/** A signed statement as a bundle's text, with the annotations that its manifest is to have. @throws EngineError `corrupt` */
export function signStatement(statement: string, signer: Signer): { bundle: string; annotations: Record<string, string> } {
  const envelope = signEnvelope(statement, signer);
  const { predicateType }: Statement = readStatement(envelope);
  return {
    bundle: writeBundle(envelope, signer),
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": predicateType,
      ...createdAt(new Date()),
    },
  };
}
