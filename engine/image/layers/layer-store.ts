/**
 * Bringing layers into the store. A layer is unpacked into a directory of its own, can wait there for the layers below
 * it (so that several unpack at once), and becomes visible in one transaction.
 */
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { chainOf } from "../documents/index.ts";
import { LayerThread, type TarSource, type UnpackResult } from "../layer/index.ts";
import { holdChain } from "./holds.ts";
import { findLayer, lowerdirs, type NewDirectory, newDirectory, registerLayer, removeDirectory } from "./layers.ts";

export interface UnpackOptions {
  signal?: AbortSignal;
  /** Bytes of the archive, as it came, that have been unpacked since the last call. */
  onProgress?: (bytes: number) => void;
}

/** A layer that is unpacked and not yet in the store; disposing of it without `register` removes it. */
export class PendingLayer implements AsyncDisposable {
  readonly result: UnpackResult;
  #ground: Ground;
  #directory: NewDirectory;
  #registered = false;

  constructor(ground: Ground, directory: NewDirectory, result: UnpackResult) {
    this.#ground = ground;
    this.#directory = directory;
    this.result = result;
  }

  /**
   * Puts the layer on a chain that is in the store ("" for none) and holds it for this process.
   * @returns the new chain id
   */
  async register(parent: string): Promise<string> {
    const { diffId, tarSize, size, implicit } = this.result;
    const chainId = chainOf(parent, diffId);
    if (implicit.length > 0) await this.#inherit(parent);
    holdChain(this.#ground, chainId);
    this.#registered = registerLayer(this.#ground, this.#directory, {
      chain_id: chainId,
      parent,
      diff_id: diffId,
      size,
      tar_size: tarSize,
    });
    return chainId;
  }

  async #inherit(parent: string): Promise<void> {
    const lowers = lowerdirs(this.#ground, parent);
    if (!lowers) throw new EngineError("conflict", `cannot store a layer on "${parent}": a layer below it is gone`);
    const descriptors = lowers.map((path) => openSync(path, "r"));
    try {
      const { path: directory } = this.#directory;
      await using thread = new LayerThread({ kind: "inherit", directory, implicit: this.result.implicit, lowers: descriptors });
      await thread.result();
    } finally {
      for (const fd of descriptors) closeSync(fd);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#registered) await discard(this.#ground, this.#directory);
  }
}

async function discard(ground: Ground, directory: NewDirectory): Promise<void> {
  await removeDirectory(ground, directory.dir);
  directory.lease.release();
}

/**
 * Unpacks a layer's tar, plain, gzip or zstd: a range of an open file, or a stream.
 * @throws EngineError `archive`, `no-space`, `cancelled`; nothing is left behind
 */
export async function unpackLayer(
  ground: Ground,
  source: Exclude<TarSource, "stream"> | AsyncIterable<Uint8Array>,
  options: UnpackOptions = {},
): Promise<PendingLayer> {
  const directory = newDirectory(ground);
  try {
    mkdirSync(join(directory.path, "diff"), { mode: 0o755 });
    const isFile = "fd" in source;
    await using thread = new LayerThread(
      { kind: "unpack-layer", directory: directory.path, source: isFile ? source : "stream" },
      options.signal,
      options.onProgress,
    );
    if (!isFile) await thread.feed(source);
    const result = await thread.result<UnpackResult>();
    if (!result.spilled) rmSync(join(directory.path, "spill"));
    return new PendingLayer(ground, directory, result);
  } catch (error) {
    await discard(ground, directory);
    throw error;
  }
}

/** Unpacks a layer onto a chain of the store, or finds that it is there. */
export async function storeLayer(
  ground: Ground,
  parent: string,
  source: Exclude<TarSource, "stream"> | AsyncIterable<Uint8Array>,
  options: UnpackOptions & { diffId?: string } = {},
): Promise<{ diffId: string; chainId: string; size: number }> {
  await using pending = await unpackLayer(ground, source, options);
  const { diffId } = pending.result;
  if (options.diffId !== undefined && options.diffId !== diffId) {
    throw new EngineError("corrupt", `cannot use a layer: its content is ${diffId}, the image says ${options.diffId}`);
  }
  const chainId = await pending.register(parent);
  return { diffId, chainId, size: findLayer(ground, chainId)?.size ?? pending.result.size };
}
