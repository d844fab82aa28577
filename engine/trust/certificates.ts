/**
 * Certificates that sign images: a chain from the one that signed to one that is trusted (RFC 5280), and who it was given to. Nobody is
 * asked whether it was revoked, and it has to be valid now: no timestamp or log tells when a signature was made.
 */
import type { X509Certificate } from "node:crypto";
import { EngineError } from "../errors.ts";
import { type Extensions, extensionsOf } from "./der.ts";
import { type PublicKey, toPublicKey } from "./keys.ts";
import { pemBlocks } from "./pem.ts";

/** Intermediate certificates in use: one or two. */
const longestChain = 8;

const codeSigning = "1.3.6.1.5.5.7.3.3";
const anyUsage = "2.5.29.37.0";

/** The certificates of a PEM file. @throws EngineError `invalid` when there are none, or one of them is malformed */
export function readCertificates(pem: string, name: string): X509Certificate[] {
  const blocks = pemBlocks(pem).filter(({ label }) => label === "CERTIFICATE");
  if (blocks.length === 0)
    throw new EngineError("invalid", `cannot read "${name}": there is no certificate in it`, { hint: "give certificates in PEM" });
  return blocks.map(({ bytes }) => {
    const certificate = parseCertificate(bytes);
    if (!certificate) throw new EngineError("invalid", `cannot read "${name}": a certificate in it is malformed`);
    return certificate;
  });
}

/** undefined for bytes that are none. */
export function parseCertificate(bytes: Uint8Array): X509Certificate | undefined {
  const { X509Certificate: Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new Certificate(bytes);
  } catch {
    return undefined;
  }
}

/** "CN=Release,O=Example": the subject, the most special first, as people write it. */
export function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? "").split("\n").reverse().join(",");
}

/** Names that it was given to: its subject, and the URIs and mail addresses of its alternative names. */
export function identitiesOf(certificate: X509Certificate): string[] {
  const others = [...(certificate.subjectAltName ?? "").matchAll(/(?:^|, )(?:URI|email):("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  return [subjectOf(certificate), ...others.map(([, text = ""]) => (text.startsWith('"') ? (JSON.parse(text) as string) : text))];
}

/** Of its holder. @throws EngineError `unsupported` */
export function keyOf(certificate: X509Certificate): PublicKey {
  return toPublicKey(certificate.publicKey, subjectOf(certificate));
}

/**
 * Why a chain does not lead to what is trusted; undefined when it does.
 * @param chain the certificate that signed, then others that may help, in any order
 * @param trusted certificates of authorities, or the very certificate that signed
 */
export function chainProblem(chain: readonly X509Certificate[], trusted: readonly X509Certificate[], now: Date): string | undefined {
  const [leaf, ...others] = chain;
  if (!leaf) return "it has no certificate";
  const unfit = leafProblem(leaf, now);
  if (unfit) return unfit;
  if (trusted.some((each) => each.raw.equals(leaf.raw))) return undefined;
  let current = leaf;
  for (let below = 0; below < longestChain; below++) {
    const anchor = trusted.find((each) => issued(each, current));
    if (anchor) return authorityProblem(anchor, below, now);
    const next = others.find((each) => issued(each, current) && !each.raw.equals(current.raw));
    if (!next) return `no trusted certificate issued "${subjectOf(current)}"`;
    const problem = authorityProblem(next, below, now);
    if (problem) return problem;
    current = next;
  }
  return "its chain of certificates is too long";
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function leafProblem(leaf: X509Certificate, now: Date): string | undefined {
  const name = subjectOf(leaf);
  const extensions = readExtensions(leaf);
  if (!extensions) return `the certificate "${name}" is malformed`;
  if (extensions.keyUsage && !extensions.keyUsage.digitalSignature) return `the certificate "${name}" is not for signatures`;
  const usages = leaf.keyUsage as string[] | undefined;
  if (usages && !usages.includes(codeSigning) && !usages.includes(anyUsage)) return `the certificate "${name}" is not for signing code`;
  return commonProblem(leaf, extensions, now);
}

/** @param below how many authorities stand between it and the certificate that signed */
function authorityProblem(certificate: X509Certificate, below: number, now: Date): string | undefined {
  const name = subjectOf(certificate);
  const extensions = readExtensions(certificate);
  if (!extensions) return `the certificate "${name}" is malformed`;
  const { basicConstraints: limits, keyUsage } = extensions;
  if (!limits?.ca || (keyUsage && !keyUsage.certSign)) return `the certificate "${name}" may not issue others`;
  if (limits.pathLength !== undefined && limits.pathLength < below) return `the certificate "${name}" may not issue so long a chain`;
  return commonProblem(certificate, extensions, now);
}

function commonProblem(certificate: X509Certificate, { unknown }: Extensions, now: Date): string | undefined {
  const name = subjectOf(certificate);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (unknown.length > 0) return `the certificate "${name}" has the critical extension ${unknown[0]}, which is not understood`;
  if (!(now.getTime() >= from)) return `the certificate "${name}" is not valid before ${new Date(from).toISOString()}`;
  if (!(now.getTime() <= to)) return `the certificate "${name}" expired at ${new Date(to).toISOString()}`;
  return undefined;
}

function readExtensions({ raw }: X509Certificate): Extensions | undefined {
  try {
    return extensionsOf(raw);
  } catch {
    return undefined;
  }
}
