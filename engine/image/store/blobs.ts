/**
 * The blob store: what images came with and left with, byte for byte, by digest: manifests, indexes, and of other platforms,
 * attestations and referrers their configs and layers, too. Of an image that is unpacked the row has the config, and layers are here
 * only when their compressed bytes could not be had again. A blob is its row; its file, ROOT/blobs/sha256/HEX, comes into place in
 * the transaction that writes the row. What neither a tag, an image, another blob nor a running process names is collected; a
 * referrer is kept by what it refers to (image-spec, "subject").
 */
import { closeSync, createReadStream, createWriteStream, existsSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { namesIn } from "../../state/keepsake.ts";
import { deadLeases, dropLease, type Lease, leasedSubjects, takeLease } from "../../state/leases.ts";
import { readBounded } from "../../sys/bounded.ts";
import { randomHex } from "../../sys/random.ts";
import { isDocumentType, isIndexType, mediaTypes, parseHead, parseIndex, parseManifest, type Refuse, sha256 } from "../documents/index.ts";
import type { Descriptor, StoredDocument } from "../types.ts";

export type { StoredDocument } from "../types.ts";

/** Bytes that a blob is read and written by at once. */
const chunkSize = 1 << 20;

/** Docker's and containerd's limit of a manifest or an index. Bytes. */
export const documentLimit = 4 << 20;

function pathOf(ground: Ground, digest: string): string {
  return join(ground.paths.blobs, digest.slice("sha256:".length));
}

/** Stores blobs and keeps them until it is disposed of: by then something has to name them. */
export class BlobHolds implements Disposable {
  readonly #ground: Ground;
  readonly #leases: Lease[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** @throws EngineError `corrupt` when the content is not the digest's, `no-space` */
  keep(document: StoredDocument): void {
    const { digest, mediaType, text } = document;
    const actual = sha256(text);
    if (actual !== digest) throw new EngineError("corrupt", `cannot keep blob "${digest}": its content is ${actual}`);
    this.hold(digest);
    if (readDocument(this.#ground, digest)) return;
    const size = Buffer.byteLength(text);
    if (size > documentLimit)
      throw new EngineError("corrupt", `cannot keep blob "${digest}": a manifest has ${documentLimit} bytes at most`);
    const names = namesOf(document);
    using file = newFile(this.#ground);
    writeFileSync(file.path, text, { mode: 0o600, flag: "wx", flush: true });
    place(this.#ground, file.path, { digest, mediaType, size }, names);
  }

  /**
   * Stores what comes, unless the store has it.
   * @param open gives the bytes
   * @throws EngineError `corrupt` when they are not what the descriptor says, `no-space`, and what they throw
   */
  async keepStream(blob: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<void> {
    this.hold(blob.digest);
    if (hasBlob(this.#ground, blob.digest)) return;
    using file = newFile(this.#ground);
    await writeFile(file.path, verified(blob, open()));
    place(this.#ground, file.path, blob, { children: [] });
  }

  /** Stores what comes, whatever it is. */
  async keepNew(mediaType: string, chunks: AsyncIterable<Uint8Array>): Promise<Descriptor> {
    using file = newFile(this.#ground);
    const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
    let size = 0;
    const counted = async function* () {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    await writeFile(file.path, counted());
    const blob = { mediaType, digest: `sha256:${hash.digest("hex")}`, size };
    this.hold(blob.digest);
    place(this.#ground, file.path, blob, { children: [] });
    return blob;
  }

  /** Keeps what the store has, whatever becomes of those that name it. */
  hold(digest: string): void {
    this.#leases.push(takeLease(this.#ground, "blob", digest));
  }

  [Symbol.dispose](): void {
    collectBlobs(this.#ground, this.#leases);
  }
}

/** A file that is to be a blob: gone when this is disposed of, if it did not become one. */
function newFile(ground: Ground): { path: string } & Disposable {
  const name = `blob-${randomHex(8)}`;
  const path = join(ground.paths.tmp, name);
  const lease = takeLease(ground, "temporary", name);
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { force: true });
      lease.release();
    },
  };
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  await pipeline(chunks, createWriteStream(path, { mode: 0o600, flags: "wx", flush: true, highWaterMark: chunkSize }));
}

function place(ground: Ground, file: string, blob: Descriptor, names: Names): void {
  ground.db.transaction(() => {
    // The transaction may begin again for want of room.
    if (existsSync(file)) renameSync(file, pathOf(ground, blob.digest));
    insert(ground, blob, names);
  });
}

/** What a document names. */
interface Names {
  children: string[];
  /** Of a referrer: what it refers to. */
  subject?: string | undefined;
}

function insert(ground: Ground, { digest, mediaType, size }: Descriptor, { children, subject = "" }: Names): void {
  ground.db.insert("blobs", { digest, media_type: mediaType, size, stored: Date.now(), subject }, "OR IGNORE");
  for (const child of children) ground.db.insert("blob_links", { parent: digest, child }, "OR IGNORE");
}

function namesOf({ digest, mediaType, text }: StoredDocument): Names {
  const refuse: Refuse = (why, cause) => new EngineError("corrupt", `cannot keep blob "${digest}": it is malformed: ${why}`, { cause });
  if (isIndexType(mediaType)) {
    const { manifests, subject } = parseIndex(text, refuse);
    return { children: manifests.map((each) => each.digest), subject: subject?.digest };
  }
  const { config, layers, subject } = parseManifest(text, refuse);
  return { children: [config, ...layers].map((each) => each.digest), subject: subject?.digest };
}

/** The bytes, when they are what they should be. */
async function* verified({ digest, size }: Descriptor, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    length += chunk.length;
    if (length > size) break;
    yield chunk;
  }
  const actual = `sha256:${hash.digest("hex")}`;
  if (length > size) throw new EngineError("corrupt", `blob ${digest} is damaged: it is longer than the ${size} bytes it should have`);
  if (actual !== digest) throw new EngineError("corrupt", `blob ${digest} is damaged: its content is ${actual} (${length} bytes)`);
}

/** What the store says of a blob that it has, whole by its size. */
export function findBlob(ground: Ground, digest: string): Descriptor | undefined {
  const row = ground.db.get<{ media_type: string; size: number }>("SELECT media_type, size FROM blobs WHERE digest = ?", digest);
  if (!row || statSync(pathOf(ground, digest), { throwIfNoEntry: false })?.size !== row.size) return undefined;
  return { mediaType: row.media_type, digest, size: row.size };
}

function hasBlob(ground: Ground, digest: string): boolean {
  return findBlob(ground, digest) !== undefined;
}

/** An open blob: a range of a file. */
export function openBlob(ground: Ground, { digest, size }: Descriptor): { fd: number; start: number; end: number } & Disposable {
  const fd = openSync(pathOf(ground, digest), "r");
  return { fd, start: 0, end: size, [Symbol.dispose]: () => closeSync(fd) };
}

/** The bytes of a blob of the store. @throws EngineError `corrupt`, at their end, when they are not the digest's */
export function readBlobBytes(ground: Ground, blob: Descriptor): AsyncGenerator<Buffer> {
  return verified(blob, createReadStream(pathOf(ground, blob.digest), { highWaterMark: chunkSize })) as AsyncGenerator<Buffer>;
}

/** Undefined when it is not in the store, or not as it was. */
export function readDocument(ground: Ground, digest: string): StoredDocument | undefined {
  const row = ground.db.get<{ media_type: string }>("SELECT media_type FROM blobs WHERE digest = ?", digest);
  if (!row) return undefined;
  try {
    const text = readBounded(pathOf(ground, digest), { limit: documentLimit }).toString("utf8");
    return sha256(text) === digest ? { digest, mediaType: row.media_type, text } : undefined;
  } catch {
    return undefined; // deleted behind our back: who wants it makes another, and says so
  }
}

/** A digest with all that it leads to: an index's indexes, manifests, and their layers. */
export function below(ground: Ground, top: string): Set<string> {
  const rows = ground.db.all<{ digest: string }>(
    "WITH RECURSIVE below (digest) AS (SELECT ? UNION SELECT child FROM blob_links JOIN below ON parent = digest) SELECT digest FROM below",
    top,
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** What refers to a digest (distribution-spec, "Listing Referrers"), of the store; nothing does to "", which an image without a manifest has. */
export function referrersOf(ground: Ground, digest: string): Descriptor[] {
  if (digest === "") return [];
  return ground.db
    .all<{ digest: string }>("SELECT digest FROM blobs WHERE subject = ? ORDER BY stored, digest", digest)
    .flatMap((row) => findBlob(ground, row.digest) ?? []);
}

/** To be taken in the transaction that takes names away, so that a crash before `collectBlobs` leaves it to the next command. */
export function oweBlobs(ground: Ground): Lease {
  return takeLease(ground, "blob", "");
}

/**
 * Removes the blobs that nothing names.
 * @param given leases that count no longer: holds, or the duty of `oweBlobs`
 * @returns bytes of their files
 */
export function collectBlobs(ground: Ground, given: readonly Lease[]): number {
  if (given.length === 0) return 0;
  return ground.db.transaction(() => {
    let bytes = 0;
    for (const lease of given) {
      lease.release();
      dropFile(ground, lease.subject);
    }
    for (const { digest, size } of unneeded(ground)) {
      bytes += size;
      ground.db.run("DELETE FROM blobs WHERE digest = ?", digest);
      // A crash before the commit brings the row back, without its file: it stays unneeded, and who stores it looks for both.
      rmSync(pathOf(ground, digest), { force: true });
    }
    return bytes;
  });
}

/** All that some digests lead to: what they name, and what refers to it. @param roots a query of digests */
export const reachable = (roots: string): string => `
  WITH RECURSIVE needed (digest) AS (
    ${roots} UNION SELECT child FROM blob_links JOIN needed ON parent = needed.digest
    UNION SELECT blobs.digest FROM blobs JOIN needed ON blobs.subject = needed.digest AND blobs.subject <> ''
  )`;

function unneeded(ground: Ground): { digest: string; size: number }[] {
  const roots = "SELECT digest FROM tags UNION SELECT digest FROM manifests UNION SELECT value FROM json_each(?)";
  return ground.db.all(
    `${reachable(roots)} SELECT digest, size FROM blobs WHERE digest NOT IN (SELECT digest FROM needed)`,
    JSON.stringify(leasedSubjects(ground, "blob")),
  );
}

/** Of a blob whose row was never committed. In a transaction, so that nobody is storing it. */
function dropFile(ground: Ground, digest: string): void {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return;
  if (!ground.db.get("SELECT 1 AS found FROM blobs WHERE digest = ?", digest)) rmSync(pathOf(ground, digest), { force: true });
}

/** What a dead process held, or had to collect. Idempotent. @param subject a digest, or "" */
export function cleanBlob(ground: Ground, subject: string): void {
  const duty = ground.db.transaction(() => {
    for (const lease of deadLeases(ground)) if (lease.kind === "blob" && lease.subject === subject) dropLease(ground, lease.id);
    dropFile(ground, subject);
    return oweBlobs(ground);
  });
  collectBlobs(ground, [duty]);
}

/** Records what lies in the store's directory, for a database that was lost. @returns how many blobs there are */
export function recordBlobs(ground: Ground): number {
  const documents = namesIn(ground.paths.blobs).flatMap((name) => foundDocument(ground, `sha256:${name}`) ?? []);
  for (const document of documents) {
    const { digest, mediaType, text } = document;
    insert(ground, { digest, mediaType, size: Buffer.byteLength(text) }, namesOf(document));
    if (isIndexType(mediaType)) continue;
    const { config, layers } = parseManifest(text, unreadable);
    ground.db.run("INSERT OR IGNORE INTO manifests (image, digest) SELECT id, ? FROM images WHERE id = ?", digest, config.digest);
    // Its size is what can be judged without reading it; whoever reads it compares the digest.
    for (const each of [config, ...layers])
      if (statSync(pathOf(ground, each.digest), { throwIfNoEntry: false })?.size === each.size) insert(ground, each, { children: [] });
  }
  return ground.db.get<{ count: number }>("SELECT count(*) AS count FROM blobs")?.count ?? 0;
}

const unreadable: Refuse = (why, cause) => new EngineError("corrupt", `cannot read a blob: it is malformed: ${why}`, { cause });

/** Documents that do not say what they are say it by what they hold. */
function foundDocument(ground: Ground, digest: string): StoredDocument | undefined {
  try {
    const text = readBounded(pathOf(ground, digest), { limit: documentLimit }).toString("utf8");
    const { mediaType = guessed(text) } = parseHead(text, unreadable);
    return isDocumentType(mediaType) && sha256(text) === digest ? { digest, mediaType, text } : undefined;
  } catch {
    return undefined; // not a document, or not whole
  }
}

function guessed(text: string): string {
  const { manifests, config, layers } = JSON.parse(text) as Record<string, unknown>;
  if (manifests) return mediaTypes.ociIndex;
  return config && layers ? mediaTypes.ociManifest : "";
}
