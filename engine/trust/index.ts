/**
 * The trust room as the faces see it: keys, signatures, and what they are worth. It stands above the registry's client, and needs no
 * engine: what is signed lies in a registry.
 */

export { attestationTypes } from "./attestation-types.ts";
export { readCertificates } from "./certificates.ts";
export { describeJudged, inspectJudged, type JudgedDetails, type JudgedTag, type SignatureState } from "./inspect.ts";
export type { Anchor, Requirement } from "./judge.ts";
export { generateKey, importKey, publicPem, readPublicKey, readSigner } from "./keys.ts";
export { type SignedImage, type SigningFormat, signImage, signStatement } from "./sign.ts";
export { type Verification, verifyByPolicies, verifyImage } from "./verify.ts";
