/** One process at a time for a name, on the locks of the state directory. */
import { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import { isSeenFree, lock } from "../state/locks.ts";
import { sha256 } from "../sys/digest.ts";

/** See index.ts. @throws EngineError `cancelled` */
export async function exclusive(ground: Ground, name: string, signal?: AbortSignal): Promise<Disposable> {
  const held = lock(ground, lockOf(name));
  if (!signal) return held;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new EngineError("cancelled", "cancelled"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([held, aborted]);
  } catch (error) {
    void held.then((late) => late[Symbol.dispose]()); // it comes when its holder lets go: it is not kept
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** See index.ts. */
export function isFree(ground: Ground, name: string): boolean {
  return isSeenFree(ground, lockOf(name));
}

const lockOf = (name: string) => `exclusive-${sha256(name).slice(0, 32)}`;
