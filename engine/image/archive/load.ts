/** `load`: the images of an archive (docker-archive, OCI layout, plain or compressed) come into the store. */

import { closeSync, createWriteStream, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { parsePlatform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { randomHex } from "../../sys/random.ts";
import { familiar, parseImageConfig, parseReference, type Reference, sha256, withTag } from "../documents/index.ts";
import { compressionOf, openDecompressor } from "../layer/index.ts";
import { holding, storeStack } from "../layers/index.ts";
import { Meter, reporting } from "../progress.ts";
import { BlobHolds, configOf, emitImage, findImage, type ImageRow, insertImage } from "../store/index.ts";
import { scanTar } from "../tar/index.ts";
import type { Descriptor } from "../types.ts";
import { type ArchivedImage, ArchiveFiles, type Extent } from "./archive-files.ts";
import { readArchive } from "./archive-layout.ts";
import { externalCompression, type FileRange, fileBehind, readInput, readRange } from "./input.ts";

export interface Loaded {
  /** Familiar names. */
  References: string[];
  /** Ids of the images that came without a name. */
  Ids: string[];
}

/**
 * With its manifest, where the archive has one: what is pushed or saved later is what was loaded.
 * @throws EngineError `archive`, `corrupt`, `no-space`, `cancelled`; an image is loaded whole or not at all
 */
export async function* loadImages(
  ground: Ground,
  tar: Readable,
  options: { platform?: string; noVerify?: boolean; signal?: AbortSignal } = {},
): AsyncGenerator<ProgressEvent, Loaded> {
  const platform = options.platform ? parsePlatform(options.platform) : undefined;
  return yield* reporting(async (report, signal) => {
    await using file = await seekable(ground, tar, signal);
    const { images, documents, blobs } = readArchive(new ArchiveFiles(file.fd, scanTar(file.fd, file.start, file.end)), platform);
    const loaded: Loaded = { References: [], Ids: [] };
    using holds = new BlobHolds(ground);
    for (const document of documents) holds.keep(document);
    for (const { blob, ...extent } of blobs) await keepBlob(holds, file.fd, blob, extent, signal);
    for (const image of images) await admitLoaded(ground, image, { report, signal }, options.noVerify);
    for (const image of images) await holding(ground, () => loadImage(ground, file.fd, image, { loaded, holds, report, signal }));
    for (const image of images) if (image.parent) setParent(ground, sha256(image.config), image.parent);
    return loaded;
  }, options.signal);
}

async function keepBlob(holds: BlobHolds, fd: number, blob: Descriptor, { offset, size }: Extent, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await holds.keepStream(blob, () => readRange({ fd, start: offset, end: offset + size }));
}

/** Where a policy wants it, what an archive brings is judged before it gets its names: by signatures that came along, or its registry's. */
async function admitLoaded(
  ground: Ground,
  { names, manifest, top }: ArchivedImage,
  { report, signal }: Pick<Loading, "report" | "signal">,
  isUnverified: boolean | undefined,
): Promise<void> {
  const digests = [...new Set([top, manifest])].filter((each) => each !== undefined);
  for (const name of names.length > 0 ? names : [undefined]) {
    const admission = await ground.lent.trust.admit({ name, digests, isUnverified, isLoaded: true, access: { signal } });
    for (const text of admission?.lines ?? []) report({ type: "message", text });
    await admission?.keep();
  }
}

/** What the images of one archive have in common while they are loaded. */
interface Loading {
  loaded: Loaded;
  holds: BlobHolds;
  report: (event: ProgressEvent) => void;
  signal: AbortSignal;
}

async function loadImage(ground: Ground, fd: number, image: ArchivedImage, { loaded, holds, report, signal }: Loading): Promise<void> {
  const { layers, manifest, top } = image;
  const references = image.names.map((name) => nameFor(name, top));
  const diffIds = diffIdsOf(image);
  const meters = diffIds.map((diffId, index) => new Meter(report, diffId.slice(7, 19), layers[index]!.size));
  await storeStack(
    ground,
    diffIds,
    {
      open: (index) => ({ fd, start: layers[index]!.offset, end: layers[index]!.offset + layers[index]!.size }),
      verify: (index, { blobDigest }) => {
        const digest = layers[index]!.blob?.digest;
        if (digest && digest !== blobDigest)
          throw new EngineError("corrupt", `cannot load the archive: blob ${digest} is damaged (its content is ${blobDigest})`);
      },
      onState: (index, state) => {
        if (state === "waiting") meters[index]!.state("Waiting");
        if (state === "started") meters[index]!.state("Loading layer");
        if (state === "complete") meters[index]!.state("Loaded", true);
        if (state === "exists") meters[index]!.state("Already exists", true);
      },
      onProgress: (index, bytes) => meters[index]!.add(bytes, "Loading layer"),
    },
    signal,
  );
  for (const reference of references) reportRenamed(ground, reference, sha256(image.config), report);
  if (manifest)
    for (const [index, { blob, ...extent }] of layers.entries())
      if (blob && blob.digest !== diffIds[index]) await keepBlob(holds, fd, blob, extent, signal);
  const digests = top ? references.map(({ domain, path }) => ({ domain, path, digest: top })) : [];
  const { config, annotations } = image;
  const { Id } = insertImage(ground, { config, references: [...digests, ...references], annotations, manifest, top });
  for (const name of references.map(familiar)) if (!loaded.References.includes(name)) loaded.References.push(name);
  if (references.length === 0) loaded.Ids.push(Id);
  emitImage(ground, "load", Id, references[0] && familiar(references[0]));
}

/**
 * As the archive says, where it can be: the parent is there, and its layers are the lowest ones. Of images that were each
 * other's parents, none could ever be removed.
 */
function setParent(ground: Ground, id: string, parent: string): void {
  const [child, below] = [findImage(ground, id)?.image, findImage(ground, parent)?.image];
  if (!child || !below || child.parent) return;
  for (let each: ImageRow | undefined = below; each; each = each.parent ? findImage(ground, each.parent)?.image : undefined)
    if (each.id === child.id) return;
  const [own, lower] = [configOf(child)?.rootfs?.diff_ids, configOf(below)?.rootfs?.diff_ids];
  if (own && lower?.every((diffId, at) => diffId === own[at])) ground.db.update("images", "id", id, { parent: below.id });
}

function diffIdsOf({ config, layers }: ArchivedImage): string[] {
  const { rootfs } = parseImageConfig(
    config,
    (why, cause) => new EngineError("archive", `cannot load the archive: an image's config is malformed: ${why}`, { cause }),
  );
  const diffIds = rootfs.diff_ids;
  if (diffIds.length !== layers.length) {
    const message = `cannot load the archive: an image's config names ${diffIds.length} layers, the archive ${layers.length}`;
    throw new EngineError("archive", message);
  }
  return diffIds;
}

/** A name that an archive gives. One with a digest must be that of what it has: containers and builds that ask for it trust it. */
function nameFor(name: string, top: string | undefined): Reference {
  const { domain, path, tag, digest } = withTag(parseReference(name));
  if (digest !== undefined && digest !== top)
    throw new EngineError("corrupt", `cannot load the archive: it calls an image "${name}" whose digest is ${top ?? "not known"}`);
  return tag === undefined ? { domain, path, ...(digest && { digest }) } : { domain, path, tag };
}

/** An image that loses its name to a new one is still there: docker says so. */
function reportRenamed(ground: Ground, reference: Reference, id: string, report: (event: ProgressEvent) => void): void {
  const old = findImage(ground, familiar(reference))?.image;
  if (old && old.id !== id)
    report({
      type: "message",
      text: `The image ${familiar(reference)} already exists, renaming the old one with ID ${old.id} to empty string`,
    });
}

/** The archive as a file to seek in: itself when it is one and not compressed, else a copy under ROOT/tmp. */
async function seekable(
  ground: Ground,
  tar: Readable,
  signal: AbortSignal,
): Promise<{ fd: number; start: number; end: number } & AsyncDisposable> {
  const file = fileBehind(tar);
  if (file && !isCompressed(file))
    return { fd: file.fd, start: file.start, end: file.end, [Symbol.asyncDispose]: async () => file[Symbol.dispose]() };
  const name = `load-${randomHex(8)}`;
  const lease = takeLease(ground, "temporary", name);
  const path = join(ground.paths.tmp, name);
  const release = () => {
    file?.[Symbol.dispose]();
    rmSync(path, { force: true });
    lease.release();
  };
  try {
    const { pipeline } = process.getBuiltinModule("node:stream/promises");
    await pipeline(decompressed(file ? readRange(file) : tar), createWriteStream(path, { mode: 0o600 }), { signal });
    const fd = openSync(path, "r");
    rmSync(path); // the descriptor keeps it
    return {
      fd,
      start: 0,
      end: fstatSync(fd).size,
      [Symbol.asyncDispose]: async () => {
        closeSync(fd);
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function isCompressed({ fd, start }: FileRange): boolean {
  const head = Buffer.alloc(6);
  readSync(fd, head, 0, head.length, start);
  return compressionOf(head) !== undefined || externalCompression(head) !== undefined;
}

/** The outer archive, unpacked whatever it was packed with. */
async function* decompressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Readable } = process.getBuiltinModule("node:stream");
  const chunks = readInput(input);
  const first = await chunks.next();
  if (first.done) throw new EngineError("archive", "cannot load the archive: it is empty");
  const whole = async function* () {
    yield first.value;
    yield* chunks;
  };
  const compression = compressionOf(asBuffer(first.value));
  if (!compression) return yield* whole();
  const { stream, cut } = openDecompressor(compression, 1 << 20);
  const source = Readable.from(pieces(whole(), cut));
  source.on("error", (error) => stream.destroy(error));
  try {
    yield* source.pipe(stream) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("archive", `cannot decompress the archive: ${(cause as Error).message}`, { cause });
  } finally {
    source.destroy();
  }
}

async function* pieces(chunks: AsyncIterable<Uint8Array>, cut: (chunk: Buffer) => Buffer[]): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield* cut(asBuffer(chunk));
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
