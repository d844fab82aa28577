/** A task of a layer worker, and talking to it: tar bytes in or out with back-pressure, one result, clear ends. */
import { EngineError } from "../../errors.ts";
import { waitUntilOver } from "./halt.ts";
import { type LayerWorker, returnWorker, takeWorker } from "./layer-workers.ts";
import type { Hold } from "./lent.ts";
import { unpackLimit } from "./limit.ts";
import type { FromWorker, LayerTask, ToWorker } from "./protocol.ts";
import { window } from "./protocol.ts";

const alive = new Set<LayerThread>();

function endAll(): void {
  for (const thread of alive) thread.endNow();
}

/** One task in one thread; disposing of it before it is done ends the thread before its next piece of work. */
export class LayerThread implements AsyncDisposable {
  #worker: LayerWorker;
  #result = Promise.withResolvers<unknown>();
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #underWay = 0;
  #over = false;
  #wake: (() => void)[] = [];
  #onProgress: ((bytes: number) => void) | undefined;
  #stopListening: () => void;

  /** `onProgress` is called with the bytes of an archive that the worker has taken. */
  constructor(task: LayerTask, signal?: AbortSignal, onProgress?: (bytes: number) => void) {
    signal?.throwIfAborted();
    this.#onProgress = onProgress;
    const limit = unpackLimit();
    this.#worker = takeWorker();
    this.#worker.client = { receive: (message) => this.#receive(message), fail: (error) => this.#fail(error) };
    this.#send({ type: "task", task, limit });
    this.#result.promise.catch(() => {}); // the caller that awaits it sees the error
    const abort = () => {
      this.#fail(signal?.reason instanceof EngineError ? signal.reason : new EngineError("cancelled", "cancelled"));
      this.#worker.end();
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#stopListening = () => signal?.removeEventListener("abort", abort);
    if (alive.size === 0) process.on("exit", endAll);
    alive.add(this);
  }

  #receive(message: FromWorker): void {
    if (message.type === "ack") this.#underWay--;
    if (message.type === "ack" || message.type === "progress") this.#onProgress?.(message.bytes);
    else if (message.type === "chunk") this.#chunks.push(message.data);
    else if (message.type === "result") {
      this.#over = true;
      this.#result.resolve(message.value);
    } else this.#fail(new EngineError(message.code, message.message, { hint: message.hint }));
    if (message.type === "result" && message.isFree && returnWorker(this.#worker)) this.#forget();
    this.#wakeAll();
  }

  #forget(): void {
    this.#stopListening();
    alive.delete(this);
    if (alive.size === 0) process.off("exit", endAll);
  }

  /** For the end of the process, which terminates every thread. */
  endNow(): void {
    this.#worker.end();
    waitUntilOver(this.#worker.halt);
  }

  #fail(error: EngineError): void {
    this.#over = true;
    this.#result.reject(error);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.post(message, transfer);
  }

  /** Sends an archive; ends early when the worker failed. */
  async feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const data of gathered(input)) {
      while (this.#underWay >= window && !this.#over) await this.#change();
      if (this.#over) return;
      this.#underWay++;
      this.#send({ type: "chunk", data }, [data.buffer]);
    }
    if (!this.#over) this.#send({ type: "end" });
  }

  /**
   * What the worker sends, in order; throws what the worker threw.
   * @param hold "lent": a chunk is good until the second after it is asked for, and its memory is used again
   */
  async *output(hold: Hold = "given"): AsyncGenerator<Buffer> {
    const used: ArrayBuffer[] = [];
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        const memory = used.length === 2 ? used.shift() : undefined;
        this.#send({ type: "ack", memory }, memory && [memory]);
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        if (hold === "lent") used.push(chunk.buffer);
      } else if (this.#over) break;
      else await this.#change();
    }
    await this.#result.promise;
  }

  result<T>(): Promise<T> {
    return this.#result.promise as Promise<T>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!alive.has(this)) return;
    this.#fail(new EngineError("cancelled", "cancelled"));
    this.#worker.end();
    await this.#worker.ended;
    this.#forget();
  }
}

const feedSize = 1 << 18;
/** How long the bytes of a slow source are gathered: somebody watches them come. Milliseconds. */
const feedPatience = 200;

/** The same bytes in larger chunks, whose memory can be given away. */
async function* gathered(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = Buffer.allocUnsafeSlow(feedSize);
  let filled = 0;
  let since = 0;
  for await (const piece of input) {
    if (filled === 0) since = performance.now();
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + feedSize - filled);
      chunk.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < feedSize && performance.now() - since < feedPatience) continue;
      yield chunk.subarray(0, filled);
      chunk = Buffer.allocUnsafeSlow(feedSize);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
