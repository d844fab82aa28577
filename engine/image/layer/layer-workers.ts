/**
 * The threads that layers are worked on in, and those of them that wait for another layer: to start one costs as much as a layer
 * of some megabytes, and what it has compiled by then is lost with it.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { EngineError } from "../../errors.ts";
import { askToHalt, newHalt } from "./halt.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** From source the worker is beside this file; in the bundle this code is in dist/ or dist/chunks/. */
function workerFile(): string {
  const here = import.meta.url;
  const relative = here.endsWith(".ts") ? "./layer-worker.ts" : here.includes("/chunks/") ? "../layer-worker.cjs" : "./layer-worker.cjs";
  return fileURLToPath(new URL(relative, here));
}

/** Short-lived objects are collected early: the room that commands give themselves so as never to collect any would be taken twice. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

/** A process that keeps its compiled code (module.enableCompileCache) has its threads do so; they know nothing else of its environment. */
function environment(): Record<string, string> {
  const directory = process.getBuiltinModule("node:module").getCompileCacheDir?.();
  return directory ? { NODE_COMPILE_CACHE: dirname(directory) } : {};
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

/** Whom a thread works for. */
export interface Client {
  receive(message: FromWorker): void;
  fail(error: EngineError): void;
}

export class LayerWorker {
  readonly halt = newHalt();
  readonly ended: Promise<void>;
  client: Client | undefined;
  isEnding = false;
  #worker: Worker;

  constructor() {
    requireThreads();
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    this.#worker = new Worker(workerFile(), {
      resourceLimits,
      workerData: { halt: this.halt },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: environment(),
    });
    this.ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", (message: FromWorker) => this.client?.receive(message));
    this.#worker.on("error", (cause) =>
      this.client?.fail(new EngineError("internal", `the layer worker failed: ${(cause as Error).message}`, { cause })),
    );
    this.#worker.on("exit", () => {
      this.client?.fail(new EngineError("internal", "the layer worker ended early"));
      forget(this);
    });
  }

  post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Before its next piece of work. */
  end(): void {
    this.isEnding = true;
    askToHalt(this.halt);
    this.post({ type: "halt" });
  }

  /** A thread that waits keeps no process from ending. */
  wait(): void {
    this.client = undefined;
    this.#worker.unref();
  }

  /** It is needed again. */
  wake(): this {
    this.#worker.ref();
    return this;
  }
}

const waiting: LayerWorker[] = [];
/** How long a thread waits for another layer: they come at once or not at all. Milliseconds. */
const patience = 2_000;

export function takeWorker(): LayerWorker {
  return waiting.pop()?.wake() ?? new LayerWorker();
}

/** A thread that is done with its task, and outside of every layer. @returns false for one that is told to end */
export function returnWorker(worker: LayerWorker): boolean {
  if (worker.isEnding) return false;
  worker.wait();
  waiting.push(worker);
  setTimeout(() => forget(worker) && worker.end(), patience).unref();
  return true;
}

function forget(worker: LayerWorker): boolean {
  const at = waiting.indexOf(worker);
  if (at >= 0) waiting.splice(at, 1);
  return at >= 0;
}
