/** `verify`: what a registry, or the store, has of signatures of an image, and what each of them is worth. */
import { evidenceOf } from "./evidence.ts";
import { type Finding, judge, type Requirement, type Verdict } from "./judge.ts";
import { fetchSignatures } from "./registry-signatures.ts";
import { type Access, openTarget } from "./sign.ts";

/** As faces show it. */
export interface Verification {
  /** "localhost:5000/team/app" as it was asked for. */
  Reference: string;
  Digest: string;
  Verified: boolean;
  /** Who of those that are trusted signed it. */
  SignedBy: string[];
  Signatures: ShownFinding[];
}

export interface ShownFinding {
  Format: string;
  /** Digest of the manifest that holds it. */
  Manifest: string;
  /** Predicate type of an attestation; "" for a signature. */
  Attests: string;
  Annotations: Record<string, string>;
  Identity: string;
  SignedBy: string[];
  KeyId: string;
  /** Why it does not count; "" when it does. */
  Problem: string;
}

/** @throws EngineError `registry`, `registry-auth`, `not-found` */
export async function verifyImage(ref: string, wanted: Requirement, access: Access = {}): Promise<Verification> {
  const { client, top } = await openTarget(ref, "pull", access);
  const carriers = await fetchSignatures(client, top.digest);
  return shown(ref, top.digest, await judge(wanted, carriers.flatMap(evidenceOf), [top.digest], new Date()));
}

function shown(Reference: string, Digest: string, { isSatisfied, by, findings }: Verdict): Verification {
  return { Reference, Digest, Verified: isSatisfied, SignedBy: by, Signatures: findings.map(shownFinding) };
}

function shownFinding({ format, place, attests, annotations, identity, anchors, keyId, problem = "" }: Finding): ShownFinding {
  return {
    ...{ Format: format, Manifest: place, Attests: attests, Annotations: annotations, Identity: identity },
    ...{ SignedBy: anchors, KeyId: keyId, Problem: problem },
  };
}
