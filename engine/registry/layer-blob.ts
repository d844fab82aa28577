/**
 * A layer on its way to a registry, as a blob. The registry has it, or mounts it from another repository; else it is compressed
 * and sent. One that a manifest names by its digest is wanted with exactly these bytes: it is made again where that is known to
 * give them, taken from the blob store, or fetched from a registry that has them.
 */
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import { layerTar } from "../image/archive/index.ts";
import { familiarRepository, mediaTypes, parseReference, repository } from "../image/documents/index.ts";
import { gzip } from "../image/layer/index.ts";
import type { LayerRow } from "../image/layers/index.ts";
import { Meter } from "../image/progress.ts";
import { findBlob, readBlobBytes } from "../image/store/index.ts";
import type { Descriptor } from "../image/types.ts";
import type { Ground } from "../state/ground.ts";
import { readBlob } from "./blob.ts";
import { RegistryClient } from "./client.ts";
import { hasBlob, mountBlob, uploadStream } from "./upload.ts";

type Report = (event: ProgressEvent) => void;

/** A compressed form of a layer, and a repository that is known to hold it. */
export interface KnownBlob extends Descriptor {
  /** `nowhere` for one that no registry has got yet. */
  repository: string;
  /** In which of our ways it was compressed here, so that it can be made again; 0 when it was not. */
  own: Way | 0;
}

/** Ways to compress a layer, by their numbers in the database: what was pushed in an earlier one can be made again in it. */
const ways = { 1: gzipInOnePiece, 2: gzip };
export type Way = keyof typeof ways;
export const presentWay: Way = 2;
/** In place of a repository. */
export const nowhere = "";

/** Compressed forms of a layer, and where they are. */
export function knownBlobs(ground: Ground, diffId: string): KnownBlob[] {
  type Row = { digest: string; size: number; media_type: string; repository: string; own: Way | 0 };
  return ground.db
    .all<Row>("SELECT digest, size, media_type, repository, own FROM layer_blobs WHERE diff_id = ?", diffId)
    .map(({ media_type, ...row }) => ({ ...row, mediaType: media_type }));
}

export function isSomewhere({ repository: where }: KnownBlob): boolean {
  return where !== nowhere;
}

/** Repositories that are known to hold a blob. */
export function knownPlaces(ground: Ground, blob: Descriptor): KnownBlob[] {
  return ground.db
    .all<{ repository: string }>("SELECT DISTINCT repository FROM layer_blobs WHERE digest = ?", blob.digest)
    .map(({ repository: where }) => ({ ...blob, repository: where, own: 0 }));
}

/** What a registry holds need not be sent to it again. */
export function rememberBlob(ground: Ground, diffId: string, blob: Descriptor, where: string, own: Way | 0 = 0): void {
  const { digest, size, mediaType } = blob;
  const row = { diff_id: diffId, digest, size, media_type: mediaType, repository: where, own };
  ground.db.insert("layer_blobs", row, "OR IGNORE");
}

/**
 * Sees to it that the repository has a layer.
 * @param wanted what a manifest says of it: what comes of it may be another blob all the same, when that one cannot be had
 * @returns what names it there
 */
export async function pushLayer(
  ground: Ground,
  client: RegistryClient,
  layer: LayerRow,
  report: Report,
  wanted?: Descriptor,
): Promise<Descriptor> {
  client.signal?.throwIfAborted();
  const meter = new Meter(report, layer.diff_id.slice(7, 19), layer.tar_size);
  meter.state("Preparing");
  const target = repository(client.reference);
  const all = knownBlobs(ground, layer.diff_id);
  const known = wanted ? all.filter(({ digest }) => digest === wanted.digest) : all;
  const there = wanted && !known.some((each) => each.repository === target) ? [{ ...wanted, repository: target, own: 0 as const }] : [];
  const wayOf = (blob: Descriptor) => known.find(({ digest, own }) => own && digest === blob.digest)?.own ?? 0;
  const own = wanted ? wayOf(wanted) : 0;
  const take = () => (wanted ? exactly(ground, client, layer, { wanted, known }, meter) : undefined);
  const isMadeAgain = own && !(wanted && findBlob(ground, wanted.digest));
  const found = (await findThere(client, [...there, ...known], target, meter)) ?? (isMadeAgain ? undefined : await take());
  if (found) {
    rememberBlob(ground, layer.diff_id, found, target, wayOf(found));
    return found;
  }
  const way = own || presentWay;
  const sent = await sendLayer(ground, client, layer, way, meter);
  rememberBlob(ground, layer.diff_id, sent, target, way);
  if (sent.digest === wanted?.digest) return wanted;
  // What was compressed here comes out otherwise, by another zlib.
  return (isMadeAgain ? await take() : undefined) ?? sent;
}

/** A compressed form that the repository has, or that its registry can mount into it. */
export async function findThere(client: RegistryClient, known: KnownBlob[], target: string, meter: Meter): Promise<Descriptor | undefined> {
  for (const blob of known) {
    if (blob.repository === target && (await hasBlob(client, blob.digest))) {
      meter.state("Layer already exists", true);
      return descriptorOf(blob);
    }
  }
  for (const blob of known.filter(isSomewhere)) {
    const from = parseReference(blob.repository);
    if (from.domain !== client.reference.domain || blob.repository === target) continue;
    if (await mountBlob(client, blob.digest, from.path)) {
      meter.state(`Mounted from ${familiarRepository(from)}`, true);
      return descriptorOf(blob);
    }
  }
  return undefined;
}

function descriptorOf({ mediaType, digest, size }: KnownBlob): Descriptor {
  return { mediaType, digest, size };
}

/** The very bytes that are wanted; undefined when nobody has them. */
async function exactly(
  ground: Ground,
  client: RegistryClient,
  layer: LayerRow,
  { wanted, known }: { wanted: Descriptor; known: KnownBlob[] },
  meter: Meter,
): Promise<Descriptor | undefined> {
  if (wanted.digest === layer.diff_id) {
    await uploadStream(client, counted(layerTar(ground, layer, { signal: client.signal }), meter, "Pushing"), wanted.digest);
    meter.state("Pushed", true);
    return wanted;
  }
  const stored = findBlob(ground, wanted.digest);
  if (stored) {
    await uploadStream(client, counted(readBlobBytes(ground, stored), meter, "Pushing"), wanted.digest);
    meter.state("Pushed", true);
    return wanted;
  }
  for (const { repository: where } of known.filter(isSomewhere)) {
    const from = parseReference(where);
    if (where === repository(client.reference)) continue;
    try {
      const source = new RegistryClient(from, client.signal ? { signal: client.signal } : {});
      await uploadStream(client, counted(readBlob(source, wanted), meter, "Copying"), wanted.digest);
      meter.state(`Copied from ${familiarRepository(from)}`, true);
      return wanted;
    } catch (error) {
      client.signal?.throwIfAborted();
      // That registry is away, or does not let us in, or has it no more: the next may. Without any, the caller says so.
      if (!(error instanceof EngineError)) throw error;
    }
  }
  return undefined;
}

export async function* counted(chunks: AsyncIterable<Buffer>, meter: Meter, status: string): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    meter.add(chunk.length, status);
    yield chunk;
  }
}

async function sendLayer(ground: Ground, client: RegistryClient, layer: LayerRow, way: Way, meter: Meter): Promise<Descriptor> {
  const { digest, size } = await uploadStream(
    client,
    compressLayer(ground, layer, way, { meter, status: "Pushing", signal: client.signal }),
  );
  meter.state("Pushed", true);
  return { mediaType: mediaTypes.dockerLayerGzip, digest, size };
}

/** A layer, compressed as a push does it or did it: the same bytes each time, as long as zlib is the same. */
export function compressLayer(
  ground: Ground,
  layer: LayerRow,
  way: Way,
  { meter, status, signal }: { meter: Meter; status: string; signal: AbortSignal | undefined },
): AsyncIterable<Buffer> {
  return ways[way](counted(layerTar(ground, layer, { signal }), meter, status));
}

async function* gzipInOnePiece(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { pipeline, Readable } = process.getBuiltinModule("node:stream");
  const { createGzip } = process.getBuiltinModule("node:zlib");
  yield* pipeline(Readable.from(source), createGzip({ chunkSize: 1 << 18 }), () => {}) as AsyncIterable<Buffer>; // it throws the error
}
