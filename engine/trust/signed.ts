/** Whether an image of the store is signed as somebody asks for beside the policies, as a Dockerfile may of its base images. */
import type { Ground } from "../state/ground.ts";
import type { ImageCandidate } from "../state/lent.ts";
import { judgeImage } from "./admit.ts";
import { readPublicKey } from "./keys.ts";

/**
 * @param keys public keys in PEM, any of which will do
 * @returns who signed it, and when nobody did, why not
 * @throws EngineError `invalid` for what is no key, `registry` when signatures are only to be had there and cannot be
 */
export async function signedBy(
  ground: Ground,
  candidate: ImageCandidate & { image: string },
  keys: readonly { name: string; pem: string }[],
): Promise<{ by: string[]; why: string }> {
  const anchors = keys.map(({ name, pem }) => ({ name, kind: "key" as const, key: readPublicKey(pem, name) }));
  return judgeImage(ground, candidate, { anchors, atLeast: 1, annotations: {} });
}
