/**
 * Names as the distribution-spec has them ("Pulling manifests"): repositories, tags, digests. What is judged here is all that ever becomes
 * part of a path on disk. Pure.
 */

const repositoryForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagForm = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestForm = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Characters, as clients count them, and so no component is longer than a file's name can be. */
const repositoryLimit = 255;

export const algorithms = ["sha256", "sha512"] as const;
export type Algorithm = (typeof algorithms)[number];

export const isRepository = (text: string): boolean => text.length <= repositoryLimit && repositoryForm.test(text);
export const isTag = (text: string): boolean => tagForm.test(text);
export const isDigest = (text: string): boolean => digestForm.test(text);
export const isAlgorithm = (text: string): text is Algorithm => algorithms.some((each) => each === text);

/** @param digest one that `isDigest` */
export function algorithmOf(digest: string): Algorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** @returns "sha256:…" */
export function digestOf(bytes: Uint8Array, algorithm: Algorithm = "sha256"): string {
  const hash = process.getBuiltinModule("node:crypto").createHash(algorithm);
  return `${algorithm}:${hash.update(bytes).digest("hex")}`;
}
