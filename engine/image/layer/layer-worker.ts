/**
 * The thread that touches layers: it shuts itself into the layer's directory, then unpacks, packs or rebuilds there,
 * hashing in the same pass. Everything it needs is loaded before that.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Transform } from "node:stream";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { EngineError, toEngineError } from "../../errors.ts";
import { TarReader } from "../tar/index.ts";
import { confine, leave } from "./confine.ts";
import { compressionOf, type Decompressor, openDecompressor } from "./decompress.ts";
import { reportOver, throwIfHalted } from "./halt.ts";
import { inheritAttributes } from "./inherit.ts";
import { checkUnpacked } from "./limit.ts";
import { Packer } from "./pack.ts";
import { packLayer } from "./pack-layer.ts";
import {
  type FromWorker,
  isShared,
  type LayerOrder,
  type LayerTask,
  type TarSource,
  type ToWorker,
  type UnpackResult,
  window,
} from "./protocol.ts";
import { rebuildTar } from "./rebuild.ts";
import { SpillWriter, SplitWriter } from "./split.ts";
import { Unpacker } from "./unpack.ts";

const port = parentPort as MessagePort;
const order = workerData as LayerOrder;
let limit = 0;
const readSize = 1 << 18;
const sendSize = 1 << 19;
/** How often it is told how far an archive was read: messages cost more than the reads. Milliseconds. */
const tellEvery = 50;

/** @throws EngineError `cancelled` when the thread is to halt: whatever goes on for long says something now and then */
function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  throwIfHalted(order.halt);
  port.postMessage(message, transfer);
}

/** Messages in order, awaited one by one. */
class Inbox {
  #queue: ToWorker[] = [];
  #wake: (() => void) | undefined;

  constructor() {
    port.on("message", (message: ToWorker) => {
      this.#queue.push(message);
      this.#wake?.();
    });
  }

  async next(): Promise<ToWorker> {
    while (this.#queue.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    throwIfHalted(order.halt);
    return this.#queue.shift()!;
  }
}

const inbox = new Inbox();

/** One for all reads, as large buffers come back slowly from the garbage. */
const readBuffer = Buffer.allocUnsafeSlow(readSize);

/** The archive's bytes as they came; each chunk holds until the next is asked for. */
async function* readSource(source: TarSource): AsyncGenerator<Buffer> {
  if (source !== "stream") {
    let told = source.start;
    let since = performance.now();
    for (let at = source.start; at < source.end; ) {
      const chunk = readBuffer.subarray(0, source.end - at);
      const read = readSync(source.fd, chunk, 0, chunk.length, at);
      if (read === 0) throw new EngineError("archive", "unexpected end of the archive");
      at += read;
      yield chunk.subarray(0, read);
      if (at < source.end && performance.now() - since < tellEvery) continue;
      post({ type: "progress", bytes: at - told });
      told = at;
      since = performance.now();
    }
    return;
  }
  for (let message = await inbox.next(); message.type === "chunk"; message = await inbox.next()) {
    const { buffer, byteOffset, byteLength } = message.data;
    yield Buffer.from(buffer, byteOffset, byteLength);
    post({ type: "ack", bytes: byteLength });
  }
}

/** Chunks, the first of at least four bytes where there are as many, so that the compression's mark can be seen. */
async function* withHead(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head && head.length + chunk.length < 4) head = Buffer.concat([head, chunk]);
    else {
      yield head && head.length > 0 ? Buffer.concat([head, chunk]) : chunk;
      head = undefined;
    }
  }
  if (head && head.length > 0) yield head;
}

interface Digests {
  blob: Hash;
  diff: Hash;
  blobSize: number;
  tarSize: number;
}

/** Feeds a sink with the uncompressed archive, and the bytes of it so far, hashing both forms on the way. */
async function consume(source: TarSource, sink: (chunk: Buffer, tarSize: number) => void): Promise<Digests> {
  const digests: Digests = { blob: createHash("sha256"), diff: createHash("sha256"), blobSize: 0, tarSize: 0 };
  const take = (chunk: Buffer) => {
    throwIfHalted(order.halt);
    digests.diff.update(chunk);
    digests.tarSize += chunk.length;
    sink(chunk, digests.tarSize);
  };
  let decompressor: Decompressor | undefined;
  let ended: Promise<void> | undefined;
  for await (const chunk of withHead(readSource(source))) {
    if (digests.blobSize === 0) {
      const compression = compressionOf(chunk);
      if (compression) {
        decompressor = openDecompressor(compression, readSize);
        ended = drain(decompressor.stream, take);
      } else digests.blob = digests.diff;
    }
    digests.blobSize += chunk.length;
    if (!decompressor) take(chunk);
    else {
      const { stream, cut } = decompressor;
      digests.blob.update(chunk);
      for (const piece of cut(chunk)) await Promise.race([new Promise((resolve) => stream.write(piece, resolve)), ended]);
    }
  }
  decompressor?.stream.end();
  await ended;
  return digests;
}

/** What comes out is taken while the next is decompressed, on a thread of the pool: not in the event, which holds that up. */
function drain(stream: Transform, take: (chunk: Buffer) => void): Promise<void> {
  let taking = Promise.resolve();
  const done = new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      taking = taking.then(() => take(chunk));
      taking.catch((error) => {
        stream.destroy();
        reject(error);
      });
    });
    stream.on("end", () => resolve(taking));
    stream.on("error", (cause) => reject(new EngineError("archive", `cannot decompress the archive: ${cause.message}`, { cause })));
  });
  done.catch(() => {}); // reported where it is awaited
  return done;
}

function hex(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}

async function unpack(source: TarSource, unpacker: Unpacker): Promise<UnpackResult> {
  const reader = new TarReader(unpacker);
  try {
    const digests = await consume(source, (chunk, tarSize) => {
      reader.push(chunk);
      checkUnpacked(tarSize + reader.holes, reader.entries, limit);
    });
    reader.finish();
    unpacker.finish();
    const diffId = hex(digests.diff);
    const blobDigest = digests.blob === digests.diff ? diffId : hex(digests.blob);
    const { blobSize, tarSize } = digests;
    return {
      diffId,
      blobDigest,
      blobSize,
      tarSize,
      size: unpacker.size,
      entries: reader.entries,
      newest: unpacker.newest,
      spilled: false,
      implicit: unpacker.implicit,
    };
  } finally {
    unpacker.abandon();
  }
}

async function unpackLayer(task: Extract<LayerTask, { kind: "unpack-layer" }>): Promise<void> {
  const splitFd = openSync(join(task.directory, "split"), "wx", 0o600);
  const spillFd = openSync(join(task.directory, "spill"), "wx", 0o600);
  confine(join(task.directory, "diff"));
  const split = new SplitWriter(splitFd);
  const spill = new SpillWriter(spillFd);
  const unpacker = new Unpacker({ overlay: true, split, spill });
  const result = await unpack(task.source, unpacker);
  split.finish();
  result.spilled = spill.finish() > 0;
  closeSync(splitFd);
  closeSync(spillFd);
  leave();
  post({ type: "result", value: result, isFree: true });
}

function inherit({ directory, implicit, lowers }: Extract<LayerTask, { kind: "inherit" }>): void {
  confine(join(directory, "diff"));
  inheritAttributes(implicit, lowers);
  leave();
  post({ type: "result", value: undefined, isFree: true });
}

async function unpackTree(task: Extract<LayerTask, { kind: "unpack" }>): Promise<void> {
  confine(task.root);
  // It was there when the caller looked, but the tree may belong to a container that moves things about.
  if (!statSync(`/${task.prefix}`, { throwIfNoEntry: false })?.isDirectory())
    throw new EngineError("not-found", `no such directory: /${task.prefix}`);
  const { owner, prefix, strict } = task;
  const value = await unpack(task.source, new Unpacker({ overlay: false, prefix, owner, strict }));
  post({ type: "result", value, isFree: false });
}

function packLayerTask(task: Extract<LayerTask, { kind: "pack-layer" }>): void {
  const splitFd = openSync(join(task.directory, "split"), "wx", 0o600);
  confine(join(task.directory, "diff"));
  const value = packLayer(splitFd, { root: task.root, epoch: task.epoch, halt: order.halt });
  closeSync(splitFd);
  post({ type: "result", value, isFree: false });
}

/**
 * Sends pieces, gathered into large chunks, waiting when the receiver is behind. A piece is copied before the next is asked for,
 * or was put where it goes at once: `space` is that place.
 */
async function send(piecesIn: (space: () => Buffer) => Iterable<Buffer>): Promise<void> {
  let underWay = 0;
  const spare: Buffer<ArrayBuffer>[] = [];
  const acknowledged = async () => {
    const message = await inbox.next();
    if (message.type !== "ack") return;
    if (message.memory) spare.push(Buffer.from(message.memory));
    underWay--;
  };
  let chunk = Buffer.allocUnsafeSlow(sendSize);
  let filled = 0;
  const flush = async () => {
    while (underWay >= window) await acknowledged();
    underWay++;
    post({ type: "chunk", data: chunk.subarray(0, filled) }, [chunk.buffer]);
    chunk = spare.pop() ?? Buffer.allocUnsafeSlow(sendSize);
    filled = 0;
  };
  for (const piece of piecesIn(() => chunk.subarray(filled))) {
    for (let at = 0; at < piece.length; ) {
      const used = Math.min(piece.length - at, sendSize - filled);
      if (piece.buffer !== chunk.buffer) chunk.set(piece.subarray(at, at + used), filled);
      at += used;
      filled += used;
      if (filled === sendSize) await flush();
    }
  }
  if (filled > 0) await flush();
  while (underWay > 0) await acknowledged();
}

async function rebuild(task: Extract<LayerTask, { kind: "rebuild" }>): Promise<void> {
  const split = openSync(join(task.directory, "split"), "r");
  const spillPath = join(task.directory, "spill");
  const spill = existsSync(spillPath) ? openSync(spillPath, "r") : undefined;
  confine(join(task.directory, "diff"));
  await send((space) => rebuildTar(split, spill, space));
  closeSync(split);
  if (spill !== undefined) closeSync(spill);
  leave();
  post({ type: "result", value: undefined, isFree: true });
}

async function packTree(task: Extract<LayerTask, { kind: "pack" }>): Promise<void> {
  confine(task.root);
  const packer = new Packer(task.options);
  const bytes = function* () {
    for (const piece of packer.pack()) if (!("file" in piece)) yield "raw" in piece ? piece.raw : piece.content;
  };
  await send(bytes);
  post({ type: "result", value: undefined, isFree: false });
}

async function run(task: LayerTask): Promise<void> {
  if (task.kind === "unpack-layer") return unpackLayer(task);
  if (task.kind === "unpack") return unpackTree(task);
  if (task.kind === "inherit") return inherit(task);
  if (task.kind === "pack-layer") return packLayerTask(task);
  return task.kind === "rebuild" ? rebuild(task) : packTree(task);
}

/** Task after task, until one fails, or is one that nothing follows. */
async function work(): Promise<void> {
  for (let isLast = false; !isLast; ) {
    const message = await inbox.next();
    if (message.type !== "task") continue;
    limit = message.limit;
    isLast = !isShared(message.task);
    await run(message.task);
  }
}

work()
  .catch((error: unknown) => {
    const { code, message, hint } = toEngineError(error);
    port.postMessage({ type: "error", code, message, hint } satisfies FromWorker);
  })
  .finally(() => {
    reportOver(order.halt);
    port.close();
  });
