/**
 * in-toto statements in DSSE envelopes, alone or in sigstore's bundles (in-toto attestation framework, "Statement v1"; DSSE v1.0;
 * sigstore protobuf-specs, "bundle v0.3"). cosign 3 signs images with a statement that says nothing but which image. Pure.
 */
import { EngineError } from "../errors.ts";
import { listOf, mapOf, object, parseShaped, required, text } from "../image/documents/index.ts";
import { signatureTypes } from "./evidence.ts";
import type { Signer } from "./keys.ts";

const payloadType = "application/vnd.in-toto+json";

/** What a statement that is only a signature predicates. */
export const signaturePredicate = "https://sigstore.dev/cosign/sign/v1";

export interface Statement {
  _type: string;
  subject: { name?: string; digest: Record<string, string>; annotations?: Record<string, unknown> }[];
  predicateType: string;
  predicate?: unknown;
}

export interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { sig: string; keyid?: string }[];
}

export interface Bundle {
  envelope: Envelope;
  /** DER of the certificate that signed, and of others that may help. */
  certificates: Buffer[];
}

const shapeOfEnvelope = object({
  payload: required(text),
  payloadType: required(text),
  signatures: required(listOf(object({ sig: required(text), keyid: text }))),
});
const shapeOfCertificate = object({ rawBytes: required(text) });
const shapeOfBundle = object({
  mediaType: required(text),
  verificationMaterial: required(
    object({
      publicKey: object({ hint: text }),
      certificate: shapeOfCertificate,
      x509CertificateChain: object({ certificates: listOf(shapeOfCertificate) }),
    }),
  ),
  dsseEnvelope: shapeOfEnvelope,
});
const shapeOfStatement = object({
  _type: required(text),
  subject: required(listOf(object({ name: text, digest: required(mapOf(text)), annotations: mapOf(() => undefined) }))),
  predicateType: required(text),
});

const refuse = (why: string, cause?: unknown) => new EngineError("corrupt", `it is malformed: ${why}`, { cause });

interface WrittenBundle {
  mediaType: string;
  verificationMaterial: {
    publicKey?: { hint?: string };
    certificate?: { rawBytes: string };
    x509CertificateChain?: { certificates?: { rawBytes: string }[] };
  };
  dsseEnvelope?: Envelope | null;
}

/** @throws EngineError `corrupt`, `unsupported` for a bundle of something else than a statement */
export function readBundle(source: string): Bundle {
  const { mediaType, verificationMaterial: material, dsseEnvelope } = parseShaped<WrittenBundle>(source, shapeOfBundle, refuse);
  if (!/^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[1-3])$/.test(mediaType))
    throw new EngineError("unsupported", `it is of a version that is not known: "${mediaType}"`);
  if (!dsseEnvelope) throw new EngineError("unsupported", "it holds no statement, but a signature of bytes");
  const chain = material.certificate ? [material.certificate] : (material.x509CertificateChain?.certificates ?? []);
  return { envelope: dsseEnvelope, certificates: chain.map(({ rawBytes }) => Buffer.from(rawBytes, "base64")) };
}

/** @throws EngineError `corrupt` */
export function readEnvelope(source: string): Envelope {
  return parseShaped<Envelope>(source, shapeOfEnvelope, refuse);
}

/** What an envelope's signatures are of (DSSE, "PAE"). */
export function signedBytes({ payload, payloadType: type }: Envelope): Buffer {
  const body = Buffer.from(payload, "base64");
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);
}

/** @throws EngineError `corrupt`, `unsupported` */
export function readStatement({ payload, payloadType: type }: Envelope): Statement {
  if (type !== payloadType) throw new EngineError("unsupported", `it holds "${type}", no statement`);
  const statement = parseShaped<Statement>(Buffer.from(payload, "base64").toString("utf8"), shapeOfStatement, refuse);
  if (!/^https:\/\/in-toto\.io\/Statement\/v(0\.1|1)$/.test(statement._type)) throw refuse(`it is a "${statement._type}"`);
  return statement;
}

/** The statement with which cosign 3 signs an image. */
export function signatureStatement(digest: string, annotations: Record<string, string>): Statement {
  const sorted = Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: digest.slice("sha256:".length) }, ...(Object.keys(sorted).length > 0 && { annotations: sorted }) }],
    predicateType: signaturePredicate,
    predicate: {},
  };
}

/** Signs a statement. @param payload its exact bytes */
export function signEnvelope(payload: string, signer: Signer): Envelope {
  const envelope = { payload: Buffer.from(payload).toString("base64"), payloadType, signatures: [] };
  return { ...envelope, signatures: [{ sig: signer.sign(signedBytes(envelope)).toString("base64") }] };
}

/** A bundle whose verifier has the key: it is only told which. @returns its text */
export function writeBundle(envelope: Envelope, { key }: Signer): string {
  return JSON.stringify({
    mediaType: signatureTypes.bundle,
    verificationMaterial: { publicKey: { hint: Buffer.from(key.id, "hex").toString("base64") } },
    dsseEnvelope: envelope,
  });
}
