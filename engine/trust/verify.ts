/** `verify`: what a registry, or the store, has of signatures of an image, and what each of them is worth. */
import { askedFor } from "./admit.ts";
import { evidenceOf } from "./evidence.ts";
import { policyFiles } from "./guard.ts";
import { type Finding, judge, type Requirement, type Verdict } from "./judge.ts";
import { loadPolicies } from "./load-policies.ts";
import { ruleFor } from "./policy.ts";
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
  /** What this host's policies say of it, when it was judged by them. */
  Policies?: PolicyVerdict[];
}

interface PolicyVerdict {
  /** The file. */
  Policy: string;
  Rule: string;
  Satisfied: boolean;
  /** What the rule asks for, or does. */
  Asks: string;
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

/**
 * By what this host's policies ask of an image of that name.
 * @returns undefined when there is no policy
 * @throws EngineError as `verifyImage`, and `invalid` for a policy that is malformed
 */
export async function verifyByPolicies(ref: string, access: Access = {}): Promise<Verification | undefined> {
  const { active } = await loadPolicies(policyFiles());
  if (active.length === 0) return undefined;
  const { client, top } = await openTarget(ref, "pull", access);
  const evidence = (await fetchSignatures(client, top.digest)).flatMap(evidenceOf);
  const now = new Date();
  const verdicts: Verdict[] = [];
  const Policies: PolicyVerdict[] = [];
  for (const policy of active) {
    const rule = ruleFor(policy, client.reference);
    const asks = rule.action === "verify" ? rule.requirements : [];
    const judged = await Promise.all(asks.map((wanted) => judge(wanted, evidence, [top.digest], now, client.reference)));
    const Satisfied = rule.action !== "reject" && judged.every(({ isSatisfied }) => isSatisfied);
    verdicts.push(...judged);
    Policies.push({ Policy: policy.name, Rule: rule.name, Satisfied, Asks: asks.map(askedFor).join(" and ") || rule.action });
  }
  const isSatisfied = Policies.every(({ Satisfied }) => Satisfied);
  const by = [...new Set(verdicts.flatMap((each) => each.by))];
  const counting = verdicts.flatMap(({ findings }) => findings.filter(({ problem }) => problem === undefined));
  const findings = counting.length > 0 ? counting : (verdicts[0]?.findings ?? []);
  return { ...shown(ref, top.digest, { isSatisfied, by, findings }), Policies };
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
