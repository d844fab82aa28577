/** Bytes from and to clients at their pace; one that sends or takes nothing, or next to nothing, is left. */
import type { Writable } from "node:stream";
import { EngineError } from "../../errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type Pace, Pacemaker } from "../../http/pace.ts";

/** Slower than a modem for a minute: such a client is gone, or means no good. */
const clientPace: Pace = { floor: 1024, window: 60_000, document: 60_000 };

/**
 * @param input a chunk of it is good until the next is asked for
 * @throws when the client goes, or is too slow: all that is left then is to break off
 */
export async function sendStream(input: AsyncIterable<Buffer>, output: Writable, gone: AbortSignal): Promise<void> {
  const pace = new Pacemaker(clientPace);
  let fail: (reason: Error) => void = () => {};
  const leave = () => {
    output.destroy();
    // Node tells of nothing that is written between the end of a connection and its "close".
    fail(new EngineError("cancelled", "the client has gone, or takes nothing"));
  };
  const timer = setTimeout(leave, clientPace.window);
  gone.addEventListener("abort", leave, { once: true });
  try {
    for await (const chunk of input) {
      gone.throwIfAborted();
      const began = performance.now();
      await new Promise<void>((resolve, reject) => {
        fail = reject;
        output.write(chunk, (error) => (error ? reject(error) : resolve())); // the system has it
      });
      pace.count(chunk.length, performance.now() - began);
      timer.refresh();
    }
    output.end();
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", leave);
  }
}

/** The body of a request; who stops reading can still answer. @throws EngineError `cancelled` when it breaks off */
export async function* arriving({ body }: Exchange): AsyncGenerator<Buffer> {
  const pace = new Pacemaker(clientPace);
  const timer = setTimeout(() => body.destroy(), clientPace.window);
  let began = performance.now();
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      pace.count(chunk.length, performance.now() - began);
      timer.refresh();
      yield chunk;
      began = performance.now();
    }
  } catch (cause) {
    throw new EngineError("cancelled", "the request's body breaks off", { cause });
  } finally {
    clearTimeout(timer);
  }
}
