/**
 * The blob store: what images came with and left with, byte for byte, by digest: manifests and indexes. A blob is its row; its
 * file, ROOT/blobs/sha256/HEX, comes into place in the transaction that writes the row. What neither a tag, an image, another
 * blob nor a running process names is collected. Configs are not here: an image's row has the exact bytes.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import { namesIn } from "../state/keepsake.ts";
import { deadLeases, dropLease, type Lease, leasedSubjects, takeLease } from "../state/leases.ts";
import { readBounded } from "../sys/bounded.ts";
import { randomHex } from "../sys/random.ts";
import { sha256 } from "./chain.ts";
import { parseHead, parseIndex, parseManifest } from "./documents.ts";
import { isIndexType, isManifestType, mediaTypes } from "./media-types.ts";
import type { Refuse } from "./shape.ts";

/** Docker's and containerd's limit of a manifest or an index. Bytes. */
export const documentLimit = 4 << 20;

/** A manifest or an index as it was sent. */
export interface StoredDocument {
  digest: string;
  mediaType: string;
  /** Its exact bytes. */
  text: string;
}

function pathOf(ground: Ground, digest: string): string {
  return join(ground.paths.blobs, digest.slice("sha256:".length));
}

/** Stores documents and keeps them until it is disposed of: by then something has to name them. */
export class BlobHolds implements Disposable {
  readonly #ground: Ground;
  readonly #leases: Lease[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** @throws EngineError `corrupt` when the content is not the digest's, `no-space` */
  keep(document: StoredDocument): void {
    const actual = sha256(document.text);
    if (actual !== document.digest) throw new EngineError("corrupt", `cannot keep blob "${document.digest}": its content is ${actual}`);
    this.#leases.push(takeLease(this.#ground, "blob", actual));
    if (!isStored(this.#ground, actual)) store(this.#ground, document);
  }

  [Symbol.dispose](): void {
    collectBlobs(this.#ground, this.#leases);
  }
}

/** Its row, and its file, whole: somebody may have deleted the latter. */
function isStored(ground: Ground, digest: string): boolean {
  return readDocument(ground, digest) !== undefined;
}

function store(ground: Ground, document: StoredDocument): void {
  const name = `blob-${randomHex(8)}`;
  const temporary = join(ground.paths.tmp, name);
  using _ = takeLease(ground, "temporary", name);
  try {
    writeFileSync(temporary, document.text, { mode: 0o600, flag: "wx", flush: true });
    ground.db.transaction(() => {
      // The transaction may begin again for want of room.
      if (existsSync(temporary)) renameSync(temporary, pathOf(ground, document.digest));
      insert(ground, document);
    });
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

function insert(ground: Ground, document: StoredDocument): void {
  const { digest, mediaType, text } = document;
  ground.db.insert("blobs", { digest, media_type: mediaType, size: Buffer.byteLength(text), stored: Date.now() }, "OR IGNORE");
  for (const child of childrenOf(document)) ground.db.insert("blob_links", { parent: digest, child }, "OR IGNORE");
}

/** What a document names that could be in the store. */
function childrenOf({ digest, mediaType, text }: StoredDocument): string[] {
  const refuse: Refuse = (why, cause) => new EngineError("corrupt", `cannot keep blob "${digest}": it is malformed: ${why}`, { cause });
  const children = isIndexType(mediaType) ? parseIndex(text, refuse).manifests : parseManifest(text, refuse).layers;
  return children.map((each) => each.digest);
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

/** To be taken in the transaction that takes names away, so that a crash before `collectBlobs` leaves it to the next command. */
export function oweBlobs(ground: Ground): Lease {
  return takeLease(ground, "blob", "");
}

/**
 * Removes the blobs that nothing names.
 * @param given leases that count no longer: holds, or the duty of `oweBlobs`
 */
export function collectBlobs(ground: Ground, given: readonly Lease[]): void {
  if (given.length === 0) return;
  ground.db.transaction(() => {
    for (const lease of given) {
      lease.release();
      dropFile(ground, lease.subject);
    }
    for (const digest of unneeded(ground)) {
      ground.db.run("DELETE FROM blobs WHERE digest = ?", digest);
      // A crash before the commit brings the row back, without its file: it stays unneeded, and who stores it looks for both.
      rmSync(pathOf(ground, digest), { force: true });
    }
  });
}

function unneeded(ground: Ground): string[] {
  const rows = ground.db.all<{ digest: string }>(
    `WITH RECURSIVE needed (digest) AS (
      SELECT digest FROM tags UNION SELECT digest FROM manifests UNION SELECT value FROM json_each(?)
      UNION SELECT child FROM blob_links JOIN needed ON parent = needed.digest
    ) SELECT digest FROM blobs WHERE digest NOT IN (SELECT digest FROM needed)`,
    JSON.stringify(leasedSubjects(ground, "blob")),
  );
  return rows.map(({ digest }) => digest);
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
    insert(ground, document);
    if (isIndexType(document.mediaType)) continue;
    const image = parseManifest(document.text, unreadable).config.digest;
    ground.db.run("INSERT OR IGNORE INTO manifests (image, digest) SELECT id, ? FROM images WHERE id = ?", document.digest, image);
  }
  return documents.length;
}

const unreadable: Refuse = (why, cause) => new EngineError("corrupt", `cannot read a blob: it is malformed: ${why}`, { cause });

/** Documents that do not say what they are say it by what they hold. */
function foundDocument(ground: Ground, digest: string): StoredDocument | undefined {
  try {
    const text = readBounded(pathOf(ground, digest), { limit: documentLimit }).toString("utf8");
    const { mediaType = JSON.parse(text).manifests ? mediaTypes.ociIndex : mediaTypes.ociManifest } = parseHead(text, unreadable);
    const isDocument = sha256(text) === digest && (isIndexType(mediaType) || isManifestType(mediaType));
    return isDocument ? { digest, mediaType, text } : undefined;
  } catch {
    return undefined; // not a document, or not whole
  }
}
