/** Starting a layer worker and talking to it: tar bytes in or out with back-pressure, one result, clear ends. */
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { EngineError } from "../../errors.ts";
import { askToHalt, newHalt, waitUntilOver } from "./halt.ts";
import { unpackLimit } from "./limit.ts";
import type { FromWorker, LayerOrder, LayerTask, ToWorker } from "./protocol.ts";
import { window } from "./protocol.ts";

/** From source the worker is beside this file; in the bundle this code is in dist/ or dist/chunks/. */
function workerFile(): string {
  const here = import.meta.url;
  const relative = here.endsWith(".ts") ? "./layer-worker.ts" : here.includes("/chunks/") ? "../layer-worker.cjs" : "./layer-worker.cjs";
  return fileURLToPath(new URL(relative, here));
}

/** Short-lived objects are collected early: the room that commands give themselves so as never to collect any would be taken twice. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

const alive = new Set<LayerThread>();

function endAll(): void {
  for (const thread of alive) thread.endNow();
}

/**
 * The quick executable carries no worker, and Bun's are not what layers were tried with: a command that comes here in it should
 * have been handed over (EngineOptions.handOver) before anything was done. Now it is too late for that, but not to stop.
 */
function requireThreads(): void {
  if (process.versions["bun"]) {
    const hint = "BERTH_QUICK=0 in the environment makes it run";
    throw new EngineError("internal", "cannot work on layers: this program has no threads for it", { hint });
  }
}

/** One task in one thread; disposing of it ends the thread before its next piece of work. */
export class LayerThread implements AsyncDisposable {
  #worker: Worker;
  #halt = newHalt();
  #ended: Promise<void>;
  #result = Promise.withResolvers<unknown>();
  #settled = Promise.withResolvers<void>();
  #chunks: Uint8Array[] = [];
  #underWay = 0;
  #over = false;
  #wake: (() => void)[] = [];
  #onProgress: ((bytes: number) => void) | undefined;
  #stopListening: () => void;

  /** `onProgress` is called with the bytes of an archive that the worker has taken. */
  constructor(task: LayerTask, signal?: AbortSignal, onProgress?: (bytes: number) => void) {
    signal?.throwIfAborted();
    requireThreads();
    this.#onProgress = onProgress;
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    this.#worker = new Worker(workerFile(), {
      resourceLimits,
      workerData: { task, limit: unpackLimit(), halt: this.#halt } satisfies LayerOrder,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: {},
    });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (cause) =>
      this.#fail(new EngineError("internal", `the layer worker failed: ${(cause as Error).message}`, { cause })),
    );
    this.#worker.on("exit", () => this.#fail(new EngineError("internal", "the layer worker ended early")));
    this.#result.promise.catch(() => {}); // the caller that awaits it sees the error
    this.#settled.promise.catch(() => {});
    const abort = () => {
      this.#fail(signal?.reason instanceof EngineError ? signal.reason : new EngineError("cancelled", "cancelled"));
      this.#end();
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
    else if (message.type === "settled") this.#settled.resolve();
    else if (message.type === "result") {
      this.#over = true;
      this.#result.resolve(message.value);
    } else this.#fail(new EngineError(message.code, message.message, { hint: message.hint }));
    this.#wakeAll();
  }

  #end(): void {
    askToHalt(this.#halt);
    this.#send({ type: "halt" });
  }

  /** For the end of the process, which terminates every thread. */
  endNow(): void {
    this.#end();
    waitUntilOver(this.#halt);
  }

  #fail(error: EngineError): void {
    this.#over = true;
    this.#result.reject(error);
    this.#settled.reject(error);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Sends an archive; ends early when the worker failed. */
  async feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of input) {
      while (this.#underWay >= window && !this.#over) await this.#change();
      if (this.#over) return;
      const data = new Uint8Array(chunk); // a copy: the worker gets the memory itself
      this.#underWay++;
      this.#send({ type: "chunk", data }, [data.buffer]);
    }
    if (!this.#over) this.#send({ type: "end" });
  }

  /** What the worker sends, in order; throws what the worker threw. */
  async *output(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#send({ type: "ack" });
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      } else if (this.#over) break;
      else await this.#change();
    }
    await this.#result.promise;
  }

  result<T>(): Promise<T> {
    return this.#result.promise as Promise<T>;
  }

  /** Lends the worker the open directories of the layers below, topmost first. */
  async settle(lowers: number[]): Promise<void> {
    this.#send({ type: "settle", lowers });
    await this.#settled.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new EngineError("cancelled", "cancelled"));
    this.#end();
    await this.#ended;
    this.#stopListening();
    alive.delete(this);
    if (alive.size === 0) process.off("exit", endAll);
  }
}
