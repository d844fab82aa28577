/**
 * The Notary Project's signatures: a JWS envelope (notaryproject/specifications, "signature-envelope-jws"), whose certificate stands
 * in it. Read strictly: what the specification does not allow is no signature.
 */
import { constants, type KeyObject, type X509Certificate } from "node:crypto";
import { EngineError } from "../errors.ts";
import { listOf, mapOf, object, parseShaped, required, text, whole } from "../image/documents/index.ts";
import type { Descriptor } from "../image/types.ts";
import { keyOf, parseCertificate } from "./certificates.ts";
import { textsOf } from "./simple-signing.ts";

const payloadType = "application/vnd.cncf.notary.payload.v1+json";
const names = {
  scheme: "io.cncf.notary.signingScheme",
  time: "io.cncf.notary.signingTime",
  expiry: "io.cncf.notary.expiry",
  agent: "io.cncf.notary.signingAgent",
} as const;

/** By "RSA 2048", "ECDSA P-256" … (specifications, "signature-specification", "Signature Algorithm Requirements"). */
const algorithms: Readonly<Record<string, { name: string; hash: string }>> = {
  "RSA 2048": { name: "PS256", hash: "sha256" },
  "RSA 3072": { name: "PS384", hash: "sha384" },
  "RSA 4096": { name: "PS512", hash: "sha512" },
  "ECDSA P-256": { name: "ES256", hash: "sha256" },
  "ECDSA P-384": { name: "ES384", hash: "sha384" },
  "ECDSA P-521": { name: "ES512", hash: "sha512" },
};

interface Written {
  payload: string;
  protected: string;
  header: { x5c: string[] };
  signature: string;
}

interface Protected {
  alg: string;
  cty: string;
  crit: string[];
  [names.scheme]: string;
  [names.expiry]?: string;
}

interface Payload {
  targetArtifact: Descriptor;
}

const shapeOfEnvelope = object({
  payload: required(text),
  protected: required(text),
  header: required(object({ x5c: required(listOf(text)) })),
  signature: required(text),
});
const shapeOfProtected = object({
  alg: required(text),
  cty: required(text),
  crit: required(listOf(text)),
  [names.scheme]: required(text),
  [names.expiry]: text,
});
const shapeOfPayload = object({
  targetArtifact: required(object({ mediaType: text, digest: required(text), size: whole, annotations: mapOf(() => undefined) })),
});

const refuse = (why: string, cause?: unknown) => new EngineError("corrupt", `it is malformed: ${why}`, { cause });

export interface NotationSignature {
  digest: string;
  annotations: Record<string, string>;
  /** The certificate that signed, then those that lead to an authority. */
  certificates: X509Certificate[];
}

/**
 * Reads an envelope whose signature fits its certificate; whether that is to be trusted is another question.
 * @throws EngineError `corrupt`, `unsupported`
 */
export function readJws(source: string, now: Date): NotationSignature {
  const envelope = parseShaped<Written>(source, shapeOfEnvelope, refuse);
  const header = parseShaped<Protected>(decode(envelope.protected), shapeOfProtected, refuse);
  checkHeader(header, now);
  const certificates = envelope.header.x5c.map((each) => parseCertificate(Buffer.from(each, "base64")));
  const [leaf] = certificates;
  if (!leaf || certificates.includes(undefined)) throw refuse("a certificate in it is none");
  if (!isSigned(envelope, header, leaf)) throw new EngineError("corrupt", "its certificate's key did not sign it");
  const { targetArtifact } = parseShaped<Payload>(decode(envelope.payload), shapeOfPayload, refuse);
  return {
    digest: targetArtifact.digest,
    annotations: textsOf(targetArtifact.annotations),
    certificates: certificates as X509Certificate[],
  };
}

function decode(part: string): string {
  return Buffer.from(part, "base64url").toString("utf8");
}

function checkHeader(header: Protected, now: Date): void {
  const { crit, cty } = header;
  if (cty !== payloadType) throw refuse(`it is of "${cty}"`);
  const unknown = crit.find((name) => name !== names.scheme && name !== names.expiry);
  if (unknown !== undefined) throw new EngineError("unsupported", `it says that "${unknown}" must be understood, which is not`);
  if (!crit.includes(names.scheme)) throw refuse("its signing scheme is not marked as critical");
  if (header[names.scheme] !== "notary.x509") throw new EngineError("unsupported", `its signing scheme is "${header[names.scheme]}"`);
  const expiry = header[names.expiry];
  if (expiry === undefined) return;
  if (!crit.includes(names.expiry)) throw refuse("its expiry is not marked as critical");
  if (!(Date.parse(expiry) >= now.getTime())) throw new EngineError("corrupt", `the signature expired at ${expiry}`);
}

function isSigned({ protected: header, payload, signature }: Written, { alg }: Protected, leaf: X509Certificate): boolean {
  const algorithm = algorithms[keyOf(leaf).kind];
  if (algorithm?.name !== alg) throw refuse(`its algorithm "${alg}" is not that of its certificate's key`);
  const data = Buffer.from(`${header}.${payload}`);
  try {
    return process
      .getBuiltinModule("node:crypto")
      .verify(algorithm.hash, data, { key: leaf.publicKey, ...parameters }, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

/** Of RSASSA-PSS (RFC 7518, section 3.5) and of ECDSA (section 3.4): each looks at its own. */
const parameters = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  dsaEncoding: "ieee-p1363" as const,
};

export interface JwsRequest {
  target: Descriptor;
  annotations: Record<string, string>;
  key: KeyObject;
  /** The signer's certificate first. */
  certificates: readonly X509Certificate[];
  now: Date;
  agent: string;
}

/** @returns the envelope's text. @throws EngineError `unsupported` for a key that the specification does not have */
export function writeJws({ target, annotations, key, certificates, now, agent }: JwsRequest): string {
  const { kind } = keyOf(certificates[0]!);
  const algorithm = algorithms[kind];
  if (!algorithm)
    throw new EngineError("unsupported", `cannot sign for notation with a key that is ${kind}`, { exit: 1, hint: "use RSA or ECDSA" });
  const { mediaType, digest, size } = target;
  const artifact = { ...(Object.keys(annotations).length > 0 && { annotations }), digest, mediaType, size };
  const header = {
    alg: algorithm.name,
    crit: [names.scheme],
    cty: payloadType,
    [names.scheme]: "notary.x509",
    [names.time]: now.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const [payload, protectedPart] = [{ targetArtifact: artifact }, header].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const data = Buffer.from(`${protectedPart}.${payload}`);
  const signature = process.getBuiltinModule("node:crypto").sign(algorithm.hash, data, { key, ...parameters });
  return JSON.stringify({
    payload,
    protected: protectedPart,
    header: { x5c: certificates.map(({ raw }) => raw.toString("base64")), [names.agent]: agent },
    signature: signature.toString("base64url"),
  });
}
