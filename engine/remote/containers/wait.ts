/** Waiting for a container's end. */
import type { WaitCondition } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import { jsonLines } from "../link/lines.ts";
import { type Link, segment } from "../link/link.ts";
import { complete } from "../link/template.ts";

const answer = { StatusCode: 0, Error: { Message: "" } };

/** The head of the answer tells that the host waits. */
export async function waitFor(
  link: Link,
  ref: string,
  condition: WaitCondition = "not-running",
  signal?: AbortSignal,
  onWaiting?: () => void,
): Promise<number> {
  try {
    const head = await link.request("POST", `/containers/${segment(ref)}/wait`, { query: { condition }, signal });
    onWaiting?.();
    for await (const line of jsonLines(link, head, "the answer to wait")) {
      const { StatusCode, Error: failed } = link.reading(() => complete(answer, line, "the answer to wait"));
      if (failed.Message) throw new EngineError("system", failed.Message);
      return StatusCode;
    }
  } catch (error) {
    if (signal?.aborted) throw new EngineError("cancelled", "cancelled", { cause: error });
    throw error;
  }
  throw link.explain(Object.assign(new Error("it stopped waiting"), { code: "ECONNRESET" }));
}

/** The same, begun: `begun` resolves when it waits. */
export function beginWait(
  link: Link,
  ref: string,
  condition: WaitCondition,
): { begun: Promise<void>; status: Promise<number>; stop(): void } {
  const over = new AbortController();
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
  const status = waitFor(link, ref, condition, over.signal, resolve);
  status.catch(reject);
  begun.catch(() => {});
  return { begun, status, stop: () => over.abort() };
}
