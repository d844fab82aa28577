/** What a registry says of a name, and whether the signatures hold that it has of it. */
import { familiarRepository, parseReference, type Reference } from "../image/documents/index.ts";
import type { RegistryClient } from "../registry/client.ts";
import { describeTag, inspectRemote, type LookOptions, type RemoteDetails, type TagDetails } from "../registry/repositories/index.ts";
import type { Requirement } from "./judge.ts";
import type { Access } from "./sign.ts";
import { type Verification, verifyByPolicies, verifyImage } from "./verify.ts";

export interface JudgedDetails extends RemoteDetails {
  /** Of the digest that the name stood for; absent where nothing says whose signatures count. */
  Verification?: Verification;
}

/**
 * @param wanted whose signatures count; else this host's policies say
 * @throws EngineError `not-found`, `registry`, `registry-auth`, `corrupt`, and `invalid` for a policy that is malformed
 */
export async function inspectJudged(ref: string, options: LookOptions = {}, wanted?: Requirement): Promise<JudgedDetails> {
  const details = await inspectRemote(ref, options);
  const Verification = await verify(parseReference(details.Name), details.Digest, options, wanted);
  return { ...details, ...(Verification && { Verification }) };
}

/** The digest is verified that was looked at, whatever the name stands for by now. */
function verify(reference: Reference, digest: string, access: Access, wanted: Requirement | undefined): Promise<Verification | undefined> {
  const pinned = `${familiarRepository(reference)}@${digest}`;
  return wanted ? verifyImage(pinned, wanted, access) : verifyByPolicies(pinned, access);
}

/**
 * What is known of the signatures of an image: there are none; there are, and nothing says whose count; enough of those that were asked
 * for count; too few of them do.
 */
export type SignatureState = "none" | "present" | "verified" | "untrusted";

export interface JudgedTag extends TagDetails {
  Signature: SignatureState;
}

export interface TagLook extends Access {
  /** Those of the repository, where all are known. */
  tags?: ReadonlySet<string> | undefined;
}

/**
 * What is behind a tag, for a list of them: only where there are signatures are they fetched, and only where somebody asks for some.
 * @throws EngineError as `inspectJudged`
 */
export async function describeJudged(client: RegistryClient, tag: string, look: TagLook = {}, wanted?: Requirement): Promise<JudgedTag> {
  const { tags, ...access } = look;
  const details = await describeTag(client, tag, tags);
  const verdict = details.Signed ? await verify(client.reference, details.Digest, access, wanted) : undefined;
  return { ...details, Signature: signatureState(details.Signed, verdict) };
}

/** @param verdict absent where nothing says whose signatures count */
function signatureState(isSigned: boolean, verdict: Verification | undefined): SignatureState {
  if (!isSigned) return "none";
  if (verdict && !verdict.Verified) return "untrusted";
  return verdict && verdict.SignedBy.length > 0 ? "verified" : "present";
}
