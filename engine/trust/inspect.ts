/** What a registry says of a name, and whether the signatures hold that it has of it. */
import { familiarRepository, parseReference } from "../image/documents/index.ts";
import { inspectRemote, type LookOptions, type RemoteDetails } from "../registry/repositories/index.ts";
import type { Requirement } from "./judge.ts";
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
  const pinned = `${familiarRepository(parseReference(details.Name))}@${details.Digest}`;
  const Verification = wanted ? await verifyImage(pinned, wanted, options) : await verifyByPolicies(pinned, options);
  return { ...details, ...(Verification && { Verification }) };
}
