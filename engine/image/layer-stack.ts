/**
 * Bringing the layers of an image into the store, lowest first, with several being fetched and unpacked at once; layers
 * that are there already are only held.
 */
import { availableParallelism } from "node:os";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { chainsOf } from "./chain.ts";
import { holdChain } from "./holds.ts";
import type { TarSource, UnpackResult } from "./layer/protocol.ts";
import { type PendingLayer, unpackLayer } from "./layer-store.ts";
import { findLayer } from "./layers.ts";

export interface LayerSupply {
  /** The archive of the n-th layer, asked for once, and only when it is needed. */
  open(index: number, signal: AbortSignal): Exclude<TarSource, "stream"> | AsyncIterable<Uint8Array>;
  /** The layer's archive was unpacked: throws when it is not what it should be (digest, size). */
  verify?(index: number, result: UnpackResult): void;
  onState(index: number, state: "exists" | "started" | "unpacked" | "complete"): void;
  onProgress(index: number, bytes: number): void;
}

/** How many layers are worked on at once; docker downloads three. */
const parallel = Math.max(2, Math.min(3, availableParallelism()));

/**
 * @param diffIds lowest first
 * @throws EngineError `corrupt` when a layer is not what its diff id says, and what the supply throws; other layers' work is undone
 */
export async function storeStack(house: House, diffIds: readonly string[], supply: LayerSupply, signal?: AbortSignal): Promise<void> {
  const chains = chainsOf(diffIds);
  for (const chain of chains) holdChain(house, chain); // before looking, so that nobody removes what is found
  const missing = chains.findIndex((chain) => !findLayer(house, chain));
  const first = missing < 0 ? chains.length : missing;
  for (let index = 0; index < first; index++) supply.onState(index, "exists");
  const abort = new AbortController();
  const stop = () => abort.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  const slots = new Slots(parallel);
  const unpacking = chains
    .slice(first)
    .map((_, offset) => slots.run(() => unpackOne(house, first + offset, diffIds[first + offset]!, supply, abort.signal)));
  for (const pending of unpacking) pending.catch(() => {}); // reported when its turn comes
  try {
    signal?.throwIfAborted();
    for (const [offset, pending] of unpacking.entries()) {
      await using layer = await pending;
      await layer.register(chains[first + offset - 1] ?? "");
      supply.onState(first + offset, "complete");
    }
  } catch (error) {
    abort.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.allSettled(unpacking.map(async (pending) => (await pending)[Symbol.asyncDispose]()));
  }
}

async function unpackOne(house: House, index: number, diffId: string, supply: LayerSupply, signal: AbortSignal): Promise<PendingLayer> {
  signal.throwIfAborted();
  supply.onState(index, "started");
  const pending = await unpackLayer(house, supply.open(index, signal), { signal, onProgress: (bytes) => supply.onProgress(index, bytes) });
  try {
    supply.verify?.(index, pending.result);
    if (pending.result.diffId !== diffId)
      throw new EngineError("corrupt", `layer ${index + 1} is damaged: its content is ${pending.result.diffId}, the image says ${diffId}`);
  } catch (error) {
    await pending[Symbol.asyncDispose]();
    throw error;
  }
  supply.onState(index, "unpacked");
  return pending;
}

/** At most n at once, in the order asked. */
class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
