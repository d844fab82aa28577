/** Bytes from and to clients at their pace; one that sends or takes nothing, or next to nothing, is left. */
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { EngineError } from "../../errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type Pace, Pacemaker } from "../../http/pace.ts";

/** Slower than a modem for a minute: such a client is gone, or means no good. */
const clientPace: Pace = { floor: 1024, window: 60_000, document: 60_000 };

/** @throws when the client goes, or is too slow: all that is left then is to break off */
export async function sendStream(input: Readable, output: Writable, gone: AbortSignal): Promise<void> {
  const pace = new Pacemaker(clientPace);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), clientPace.window);
  const signal = AbortSignal.any([gone, silence.signal]);
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      timer.refresh();
      if (output.write(chunk)) continue;
      const began = performance.now();
      await once(output, "drain", { signal });
      pace.count(chunk.length, performance.now() - began);
    }
    output.end();
  } finally {
    clearTimeout(timer);
    input.destroy();
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
