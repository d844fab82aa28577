/** Statements about images: what in-toto's attestation framework calls so, and the media types they travel by. Pure. */
import { EngineError } from "../errors.ts";
import { object, parseShaped, required, text } from "../image/documents/index.ts";
import type { Statement } from "../image/types.ts";

export const statementType = "application/vnd.in-toto+json";
/** Of a DSSE envelope around a statement: signed. */
export const envelopeType = "application/vnd.dsse.envelope.v1+json";

/** Of such an envelope with what verifies it: sigstore's. */
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Annotation of a statement's descriptor. */
export const predicateAnnotation = "in-toto.io/predicate-type";

export const predicateTypes = {
  spdx: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
  slsa1: "https://slsa.dev/provenance/v1",
  slsa02: "https://slsa.dev/provenance/v0.2",
} as const;

/** @param digest of the manifest that it is about: "sha256:…" @param names what the image is called: "_" where it has no name */
export function statementOf(digest: string, names: readonly string[], predicateType: string, predicate: unknown): Statement {
  const [algorithm = "", hex = ""] = digest.split(":");
  const subject = (names.length > 0 ? names : ["_"]).map((name) => ({ name, digest: { [algorithm]: hex } }));
  return { _type: "https://in-toto.io/Statement/v0.1", subject, predicateType, predicate };
}

const shape = object({ _type: required(text), predicateType: required(text) });

/** @param what how errors call it @throws EngineError `corrupt` */
export function parseStatement(source: string, what: string): Statement {
  return parseShaped(source, shape, (why, cause) => new EngineError("corrupt", `cannot read the attestation ${what}: ${why}`, { cause }));
}
