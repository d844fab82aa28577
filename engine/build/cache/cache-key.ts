/**
 * Cache keys: equal keys promise equal layers. What a key holds is BuildKit's meaning: COPY and ADD by the content and
 * metadata (but the times) of the files they select; RUN by its words, the variables it sees, its user, directory,
 * network and what its mounts bring in; and the layers below by their chain id. Labels, CMD and the like are in none.
 * Secrets, ssh agents and cache mounts' contents are in none either. Pure.
 */
import { createHash } from "node:crypto";

/** Bump when the meaning of a step changes, so that older records are never found again. */
const generation = 3;

/** What a step's layer depends on, by kind: its entry in steps/ says what that is. Plain JSON. */
export type StepKey = { kind: string } & Record<string, unknown>;

/** @param parent chain id of the layers below, "" for none @param epoch SOURCE_DATE_EPOCH, which layers are clamped to */
export function cacheKey(parent: string, step: StepKey, epoch?: number): string {
  return digestOf(["step", generation, parent, step, epoch ?? null]);
}

/** SHA-256 of a value's canonical JSON: object keys sorted, so that insertion order never matters. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
