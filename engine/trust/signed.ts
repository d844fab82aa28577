/** Whether an image of the store is signed as a Dockerfile asks of those it is made from, whatever the policies let pass. */
import type { Ground } from "../state/ground.ts";
import type { ImageCandidate } from "../state/lent.ts";
import { type Judged, judgeByPolicies, judgeImage } from "./admit.ts";
import { policyFiles } from "./guard.ts";
import type { PublicKey } from "./keys.ts";

/**
 * Signatures that are kept are looked at first, then its registry is asked.
 * @param keys any of which will do; none, when it is for this host's policies to say whose signatures count
 * @throws EngineError `registry` when signatures are only to be had there and cannot be, `invalid` for a policy that is malformed
 */
export function signedBy(ground: Ground, candidate: ImageCandidate & { image: string }, keys: readonly PublicKey[]): Promise<Judged> {
  if (keys.length === 0) return judgeByPolicies(ground, policyFiles(), candidate);
  const anchors = keys.map((key) => ({ name: key.name, kind: "key" as const, key }));
  return judgeImage(ground, candidate, { anchors, atLeast: 1, annotations: {} });
}
