/** What a reference stands for in its registry now, without the image. */
import { full, parseReference, refuseReserved, withTag } from "../image/documents/index.ts";
import { RegistryClient } from "./client.ts";
import { fetchTop } from "./manifest.ts";

/**
 * @returns "docker.io/library/python:3.9@sha256:…"; a reference with a digest is only written out
 * @throws EngineError `invalid`, `registry`, `registry-auth`, `not-found`, `corrupt`
 */
export async function resolveReference(ref: string, options: { insecure?: boolean; signal?: AbortSignal } = {}): Promise<string> {
  const reference = withTag(parseReference(ref));
  refuseReserved(reference);
  if (reference.digest) return full({ ...reference, tag: undefined });
  const { digest } = await fetchTop(new RegistryClient(reference, options));
  return full({ ...reference, digest });
}
