/**
 * Bringing the layers of an image into the store, lowest first, with several being fetched and unpacked at once; layers
 * that are there already are only held.
 */
import { availableParallelism } from "node:os";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { chainsOf } from "../documents/index.ts";
import type { TarSource, UnpackResult } from "../layer/index.ts";
import { holdChain } from "./holds.ts";
import { type PendingLayer, unpackLayer } from "./layer-store.ts";
import { hasLayer } from "./layers.ts";

export interface LayerSupply {
  /** The archive of the n-th layer, asked for once, and only when it is needed. */
  open(index: number, signal: AbortSignal): Exclude<TarSource, "stream"> | AsyncIterable<Uint8Array>;
  /** The layer's archive was unpacked: throws when it is not what it should be (digest, size). */
  verify?(index: number, result: UnpackResult): void;
  onState(index: number, state: "exists" | "waiting" | "started" | "unpacked" | "complete"): void;
  onProgress(index: number, bytes: number): void;
}

/** How many layers are worked on at once; docker downloads three. */
export const parallel: number = Math.max(2, Math.min(3, availableParallelism()));

/**
 * A layer that another process is making is waited for, and then found: nothing is fetched twice.
 * @param diffIds lowest first
 * @throws EngineError `corrupt` when a layer is not what its diff id says, and what the supply throws; other layers' work is undone
 */
export async function storeStack(ground: Ground, diffIds: readonly string[], supply: LayerSupply, signal?: AbortSignal): Promise<void> {
  const chains = chainsOf(diffIds);
  for (const chain of chains) holdChain(ground, chain); // before looking, so that no other process removes what is found
  const missing = chains.findIndex((chain) => !hasLayer(ground, chain));
  const first = missing < 0 ? chains.length : missing;
  for (let index = 0; index < first; index++) supply.onState(index, "exists");
  const abort = new AbortController();
  const stop = () => abort.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  const slots = new Slots(parallel);
  const turns = new Turns(ground, abort.signal);
  const obtaining = chains
    .slice(first)
    .map((chain, offset) =>
      slots.run(() => obtain(ground, { index: first + offset, chain, diffId: diffIds[first + offset]! }, supply, turns, abort.signal)),
    );
  for (const each of obtaining) each.catch(() => {}); // reported when its turn comes
  try {
    signal?.throwIfAborted();
    for (const [offset, each] of obtaining.entries()) {
      await using obtained = await each;
      if (!obtained.layer) continue;
      await obtained.layer.register(chains[first + offset - 1] ?? "");
      supply.onState(first + offset, "complete");
    }
  } catch (error) {
    abort.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.allSettled(obtaining.map(async (each) => (await each)[Symbol.asyncDispose]()));
  }
}

/** A layer of the stack that nobody else works on until this is disposed of. */
interface Obtained extends AsyncDisposable {
  /** Undefined when it came into the store meanwhile. */
  layer: PendingLayer | undefined;
}

async function obtain(
  ground: Ground,
  wanted: { index: number; chain: string; diffId: string },
  supply: LayerSupply,
  turns: Turns,
  signal: AbortSignal,
): Promise<Obtained> {
  signal.throwIfAborted();
  const turn = await turns.take(wanted.chain, () => supply.onState(wanted.index, "waiting"));
  try {
    if (!hasLayer(ground, wanted.chain)) {
      const layer = await unpackOne(ground, wanted.index, wanted.diffId, supply, signal);
      return {
        layer,
        [Symbol.asyncDispose]: async () => {
          await layer[Symbol.asyncDispose]();
          turn[Symbol.dispose]();
        },
      };
    }
    supply.onState(wanted.index, "exists");
    turn[Symbol.dispose]();
    return { layer: undefined, [Symbol.asyncDispose]: async () => {} };
  } catch (error) {
    turn[Symbol.dispose]();
    throw error;
  }
}

async function unpackOne(ground: Ground, index: number, diffId: string, supply: LayerSupply, signal: AbortSignal): Promise<PendingLayer> {
  supply.onState(index, "started");
  const pending = await unpackLayer(ground, supply.open(index, signal), { signal, onProgress: (bytes) => supply.onProgress(index, bytes) });
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

/**
 * Locks between processes, one per chain id (by its first digits, as lock files stay). They are taken from the lowest
 * layer up and one at a time, so a process that waits holds only layers that it can complete without what it waits for: two
 * processes cannot wait for each other.
 */
class Turns {
  #ground: Ground;
  #signal: AbortSignal;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ground: Ground, signal: AbortSignal) {
    this.#ground = ground;
    this.#signal = signal;
  }

  take(chain: string, onWait: () => void): Promise<Disposable> {
    const turn = this.#last.then(() => this.#lock(`layer-${chain.slice(7, 10)}`, onWait));
    this.#last = turn.catch(() => {}); // the caller that asked for that one sees the error
    return turn;
  }

  async #lock(name: string, onWait: () => void): Promise<Disposable> {
    const signal = this.#signal;
    signal.throwIfAborted();
    const waiting = lock(this.#ground, name);
    const aborted = Promise.withResolvers<never>();
    const stop = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", stop);
    const notice = setTimeout(onWait, noticeAfter);
    try {
      return await Promise.race([waiting, aborted.promise]);
    } catch (error) {
      waiting.then((held) => held[Symbol.dispose]()).catch(() => {}); // given up: the lock is released at once
      throw error;
    } finally {
      clearTimeout(notice);
      signal.removeEventListener("abort", stop);
    }
  }
}

/** A wait shorter than this is not worth a word. Milliseconds. */
const noticeAfter = 50;

/** At most n at once, in the order asked. */
export class Slots {
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
