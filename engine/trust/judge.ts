/**
 * Whether what was found speaks for an image: for its digest, made by whom is trusted, saying what is asked for. All that does not count
 * is told with its reason. Pure but for the clock it is given.
 */
import type { X509Certificate } from "node:crypto";
import { EngineError } from "../errors.ts";
import type { Reference } from "../image/documents/index.ts";
import { chainProblem, identitiesOf, keyOf, parseCertificate, subjectOf } from "./certificates.ts";
import type { Evidence, SignatureFormat } from "./evidence.ts";
import { readJws } from "./jws.ts";
import { hasSigned, type PublicKey } from "./keys.ts";
import { isLike } from "./like.ts";
import { pemBlocks } from "./pem.ts";
import { readSimplePayload, textsOf } from "./simple-signing.ts";
import { type Envelope, readBundle, readEnvelope, readStatement, signaturePredicate, signedBytes } from "./statement.ts";

/** Who is trusted: the holder of a key, or whom an authority gave a certificate. */
export type Anchor = { name: string } & (
  | { kind: "key"; key: PublicKey }
  | {
      kind: "authority";
      certificates: readonly X509Certificate[];
      /** Of those it gave certificates to; any when there are none. `*` stands for any text. */
      identities: readonly string[];
    }
);

/** What one signature or attestation is worth. */
export interface Finding {
  format: SignatureFormat;
  /** Digest of the manifest that holds it. */
  place: string;
  /** Predicate type of an attestation; "" for a signature. */
  attests: string;
  annotations: Record<string, string>;
  /** What the signer called the image; "" when the format does not say. */
  identity: string;
  /** Names of the anchors that made it. */
  anchors: string[];
  /** The key that made it, as far as it is known: see `PublicKey.id`. */
  keyId: string;
  /** Why it does not count. */
  problem?: string;
}

export interface Requirement {
  anchors: readonly Anchor[];
  /** How many different ones of them. */
  atLeast: number;
  annotations: Readonly<Record<string, string>>;
  /** Predicate types of which an attestation is wanted, any of them; undefined for a signature. */
  attestation?: readonly string[];
  /** Formats that count; all when absent. */
  formats?: readonly SignatureFormat[];
  /** Judges what the signer called the image, which was asked for by another name perhaps. */
  isNamed?: (identity: string, asked: Reference | undefined) => boolean;
}

export interface Verdict {
  isSatisfied: boolean;
  /** Names of the anchors that count. */
  by: string[];
  findings: Finding[];
}

/**
 * @param digests of the image, any of which will do: its index's, its manifest's
 * @param asked by which name, for formats that say one
 */
export async function judge(
  wanted: Requirement,
  evidence: readonly Evidence[],
  digests: readonly string[],
  now: Date,
  asked?: Reference,
): Promise<Verdict> {
  const findings = await Promise.all(
    evidence.map(async (each) => withClaims(wanted, await examine(each, wanted.anchors, digests, now), asked)),
  );
  const counting = findings.filter(({ problem }) => problem === undefined);
  const by = [...new Set(counting.flatMap(({ anchors }) => anchors))];
  // One key under two names is one signer, and so are two keys that one anchor stands for.
  const count = Math.min(by.length, new Set(counting.map(({ keyId }) => keyId)).size);
  return { isSatisfied: count >= wanted.atLeast, by, findings };
}

async function examine(evidence: Evidence, anchors: readonly Anchor[], digests: readonly string[], now: Date): Promise<Finding> {
  const { format, place } = evidence;
  const blank: Finding = { format, place, attests: "", annotations: {}, identity: "", anchors: [], keyId: "" };
  try {
    if ("problem" in evidence) return { ...blank, problem: evidence.problem };
    const { attests = "", identity = "", subjects, made } = await read(evidence, anchors, now);
    const subject = subjects.find(({ digest }) => digests.includes(digest));
    const found = { ...blank, attests, identity, annotations: (subject ?? subjects[0])?.annotations ?? {}, ...made };
    return subject ? found : { ...found, problem: `it is of ${subjects[0]?.digest ?? "nothing"}` };
  } catch (error) {
    return { ...blank, problem: error instanceof EngineError ? error.message : "it is malformed" };
  }
}

/** What is asked for beyond who made it. */
function withClaims(wanted: Requirement, finding: Finding, asked: Reference | undefined): Finding {
  const problem = finding.problem ?? claimProblem(wanted, finding, asked);
  return problem === undefined ? finding : { ...finding, problem };
}

function claimProblem(
  { annotations, attestation, formats, isNamed }: Requirement,
  finding: Finding,
  asked: Reference | undefined,
): string | undefined {
  if (attestation === undefined && finding.attests !== "") return `it is an attestation (${finding.attests}), no signature`;
  if (attestation && !attestation.includes(finding.attests))
    return finding.attests === "" ? "it is a signature, no attestation" : `it attests something else: ${finding.attests}`;
  if (formats && !formats.includes(finding.format)) return "its format does not count here";
  const wrong = Object.entries(annotations).find(([name, value]) => finding.annotations[name] !== value);
  if (wrong) {
    const [name, value] = wrong;
    const has = Object.hasOwn(finding.annotations, name) ? `"${finding.annotations[name]}"` : "nothing";
    return `its annotation "${name}" is ${has}, not "${value}"`;
  }
  return isNamed && !isNamed(finding.identity, asked) ? `it is of an image called "${finding.identity}"` : undefined;
}

interface Said {
  attests?: string;
  identity?: string;
  /** What it is of, any of them. */
  subjects: { digest: string; annotations: Record<string, string> }[];
}

type Read = Said & { made: Made };

/** Who made it; with a problem, nobody who counts. */
interface Made {
  anchors: string[];
  keyId: string;
  problem?: string;
}

async function read(evidence: Exclude<Evidence, { problem: string }>, anchors: readonly Anchor[], now: Date): Promise<Read> {
  switch (evidence.format) {
    case "simple": {
      const { payload, signature, certificates } = evidence;
      const chain = pemBlocks(certificates).flatMap(({ bytes }) => parseCertificate(bytes) ?? []);
      const made = await madeBy([{ data: payload, signature: Buffer.from(signature, "base64") }], chain, anchors, now);
      const { digest, identity, annotations } = readSimplePayload(payload.toString("utf8"));
      return { subjects: [{ digest, annotations }], identity, made };
    }
    case "notation": {
      const { digest, annotations, certificates } = readJws(evidence.text, now);
      return { subjects: [{ digest, annotations }], made: trusted(certificates, anchors, now) };
    }
    case "bundle": {
      const { envelope, certificates } = readBundle(evidence.text);
      return readSigned(envelope, certificates, anchors, now);
    }
    case "dsse":
      return readSigned(readEnvelope(evidence.text), [], anchors, now);
  }
}

async function readSigned(envelope: Envelope, certificates: readonly Buffer[], anchors: readonly Anchor[], now: Date): Promise<Read> {
  const { predicateType, subject } = readStatement(envelope);
  const chain = certificates.flatMap((each) => parseCertificate(each) ?? []);
  return {
    attests: predicateType === signaturePredicate ? "" : predicateType,
    subjects: subject.map(({ digest, annotations }) => ({ digest: `sha256:${digest["sha256"]}`, annotations: textsOf(annotations) })),
    made: await madeBy(signaturesOf(envelope), chain, anchors, now),
  };
}

interface Signature {
  data: Buffer;
  signature: Buffer;
}

function signaturesOf(envelope: Envelope): Signature[] {
  const data = signedBytes(envelope);
  return envelope.signatures.slice(0, 10).map(({ sig }) => ({ data, signature: Buffer.from(sig, "base64") }));
}

/** Whose signature it is: of a key, or of a certificate that came with it. */
async function madeBy(
  signatures: readonly Signature[],
  chain: readonly X509Certificate[],
  anchors: readonly Anchor[],
  now: Date,
): Promise<Made> {
  const signed = async (key: PublicKey) => {
    for (const { data, signature } of signatures) if (await hasSigned(key, data, signature)) return true;
    return false;
  };
  const [leaf] = chain;
  const keys: Extract<Anchor, { kind: "key" }>[] = [];
  for (const anchor of anchors) if (anchor.kind === "key" && (await signed(anchor.key))) keys.push(anchor);
  if (keys.length > 0) return { anchors: keys.map(({ name }) => name), keyId: keys[0]!.key.id };
  if (!leaf) return { anchors: [], keyId: "", problem: "none of the keys made it" };
  if (!(await signed(keyOf(leaf)))) return { anchors: [], keyId: "", problem: "its certificate's key did not sign it" };
  return trusted(chain, anchors, now);
}

/** @param chain of a certificate that is known to have signed */
function trusted(chain: readonly X509Certificate[], anchors: readonly Anchor[], now: Date): Made {
  const leaf = chain[0]!;
  const { id: keyId } = keyOf(leaf);
  const problems = anchors.map((anchor) => (anchor.kind === "key" ? keyProblem(anchor.key, keyId) : authorityProblem(anchor, chain, now)));
  const found = anchors.filter((_, at) => problems[at] === undefined);
  if (found.length > 0) return { anchors: found.map(({ name }) => name), keyId };
  const reason =
    problems.find((_, at) => anchors[at]!.kind === "authority") ?? `it is of the certificate "${subjectOf(leaf)}", which nothing trusts`;
  return { anchors: [], keyId, problem: reason };
}

const keyProblem = (key: PublicKey, keyId: string) => (key.id === keyId ? undefined : "none of the keys made it");

function authorityProblem(
  { certificates, identities }: Extract<Anchor, { kind: "authority" }>,
  chain: readonly X509Certificate[],
  now: Date,
): string | undefined {
  const problem = chainProblem(chain, certificates, now);
  if (problem !== undefined || identities.length === 0) return problem;
  const names = identitiesOf(chain[0]!);
  const isMeant = identities.some((wanted) => names.some((name) => isLike(wanted, name)));
  return isMeant ? undefined : `its certificate is of ${names.map((name) => `"${name}"`).join(", ")}, who is not meant`;
}
