/**
 * Blobs that are being sent. An upload without bytes is an entry in memory and nothing else, so thousands that were opened and left cost
 * little; one with bytes is a file, and goes on after a restart of the registry. What nobody adds to for a while is removed.
 */
import type { Hash } from "node:crypto";
import { type FileHandle, open, readFile, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toEngineError } from "../../../errors.ts";
import { type Algorithm, algorithmOf } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import { BlobWriter, hashOf } from "./blob-writer.ts";
import { isUploadId, type Layout } from "./layout.ts";
import type { Quota } from "./quota.ts";
import { namesIn } from "./repository-index.ts";
import type { Upload } from "./storage.ts";

/** That go on at the same time. */
const uploadLimit = 10_000;

interface UploadsOptions {
  layout: Layout;
  /** Milliseconds without a byte after which an upload is removed. */
  expiry: number;
  quota: Quota;
  /** Takes over a file whose content is the digest's. */
  keep(name: string, digest: string, file: string): Promise<void>;
}

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #open = new Map<string, OpenUpload>();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** That go on. */
  get size(): number {
    return this.#open.size;
  }

  start(name: string, algorithm: Algorithm): OpenUpload {
    if (this.#open.size >= uploadLimit) this.#makeRoom();
    return this.#add(name, process.getBuiltinModule("node:crypto").randomUUID(), algorithm);
  }

  async find(name: string, id: string): Promise<OpenUpload> {
    const upload = this.#open.get(id) ?? (isUploadId(id) ? await this.#restore(id) : undefined);
    if (upload?.name !== name) throw problem("BLOB_UPLOAD_UNKNOWN", `no such upload: "${id}"`);
    return upload;
  }

  /** Removes what nobody has added to for too long; on disk, too, what an earlier server left. */
  async expire(now = Date.now()): Promise<void> {
    const { layout, expiry } = this.#options;
    for (const upload of this.#open.values()) if (!upload.isBusy && now - upload.touched > expiry) await upload.cancel();
    for (const file of await namesIn(layout.uploads)) {
      const [id = ""] = file.split(".");
      if (this.#open.has(id)) continue;
      const stats = await stat(join(layout.uploads, file)).catch(() => undefined);
      if (stats && now - stats.mtimeMs > expiry) await unlink(join(layout.uploads, file)).catch(() => {});
    }
  }

  /** The oldest that nobody has sent a byte of goes: those who only open uploads must not keep others from sending. */
  #makeRoom(): void {
    const unused = this.#open.values().find((upload) => !upload.isBusy && upload.size === 0);
    if (!unused) throw problem("TOOMANYREQUESTS", "too many uploads were begun and not ended", { headers: { "Retry-After": "60" } });
    this.#open.delete(unused.id);
  }

  async #restore(id: string): Promise<OpenUpload | undefined> {
    const path = this.#options.layout.upload(id);
    const [name, stats] = await Promise.all([readFile(`${path}.name`, "utf8"), stat(path)]).catch(() => []);
    if (name === undefined || !stats) return undefined;
    return this.#open.get(id) ?? this.#add(name, id, "sha256", stats.size);
  }

  #add(name: string, id: string, algorithm: Algorithm, size = 0): OpenUpload {
    const path = this.#options.layout.upload(id);
    const leave = () => void this.#open.delete(id);
    const { keep, quota } = this.#options;
    const upload = new OpenUpload({ name, id, path, algorithm, size, leave, keep, quota });
    this.#open.set(id, upload);
    return upload;
  }
}

interface OpenUploadOptions extends Pick<UploadsOptions, "keep" | "quota"> {
  name: string;
  id: string;
  path: string;
  algorithm: Algorithm;
  size: number;
  leave(): void;
}

class OpenUpload implements Upload {
  readonly #options: OpenUploadOptions;
  #size: number;
  #hash: Hash | undefined;
  #algorithm: Algorithm;
  #hasFile: boolean;
  isBusy = false;
  /** Milliseconds since the epoch: when it was used last. */
  touched = Date.now();

  constructor(options: OpenUploadOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#algorithm = options.algorithm;
    this.#hasFile = options.size > 0;
  }

  get id(): string {
    return this.#options.id;
  }

  get name(): string {
    return this.#options.name;
  }

  get size(): number {
    return this.#size;
  }

  openContent(): Promise<FileHandle> {
    return open(this.#options.path, "r");
  }

  append(body: AsyncIterable<Buffer>, onWritten?: (size: number) => void): Promise<void> {
    return this.#alone(async () => {
      const { path, name, quota } = this.#options;
      if (!this.#hasFile) await writeFile(`${path}.name`, name, { mode: 0o600 });
      const file = await open(path, this.#hasFile ? "r+" : "w", 0o600);
      this.#hasFile = true;
      try {
        const hash = await this.#hashSoFar(this.#algorithm);
        const room = await quota.room(name);
        await this.#receive(new BlobWriter(file, hash, this.#size, onWritten), body, room);
      } catch (error) {
        if (toEngineError(error).code === "permission") await this.#remove(); // more than the repository may have
        throw error;
      } finally {
        await file.close();
      }
    });
  }

  async #receive(writer: BlobWriter, body: AsyncIterable<Buffer>, room: number): Promise<void> {
    const { quota, name } = this.#options;
    let size = this.#size;
    try {
      for await (const chunk of body) {
        await writer.add(chunk);
        size += chunk.length;
        if (size > room) await quota.require(name, size);
      }
    } finally {
      await writer.finish().catch((error) => this.#undo(error));
      this.#size = size;
    }
  }

  /** What did not go onto the disk makes room again. */
  async #undo(error: unknown): Promise<never> {
    this.#hash = undefined;
    await truncate(this.#options.path, this.#size);
    throw error;
  }

  truncate(size: number): Promise<void> {
    return this.#alone(async () => {
      this.#hash = undefined;
      this.#size = size;
      if (this.#hasFile) await truncate(this.#options.path, size);
    });
  }

  finish(digest: string): Promise<void> {
    return this.#alone(async () => {
      const { path, name, keep } = this.#options;
      const hash = await this.#hashSoFar(algorithmOf(digest));
      const actual = `${algorithmOf(digest)}:${hash.digest("hex")}`;
      this.#hash = undefined;
      try {
        if (actual !== digest) throw problem("DIGEST_INVALID", `its content is ${actual}`, { detail: { digest, actual } });
        const file = await open(path, this.#hasFile ? "r+" : "w", 0o600);
        await file.sync().finally(() => file.close());
        await keep(name, digest, path);
      } finally {
        await this.#remove();
      }
    });
  }

  cancel(): Promise<void> {
    return this.#alone(() => this.#remove());
  }

  async #remove(): Promise<void> {
    const { path, leave } = this.#options;
    leave();
    for (const file of [path, `${path}.name`]) await unlink(file).catch(() => {}); // may never have been there
  }

  /** The running hash, or one that is made anew: after a restart, or for a digest of another kind than was expected. */
  async #hashSoFar(algorithm: Algorithm): Promise<Hash> {
    if (!this.#hash || this.#algorithm !== algorithm) this.#hash = await hashOf(this.#options.path, algorithm, this.#size);
    this.#algorithm = algorithm;
    return this.#hash;
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.isBusy) throw problem("BLOB_UPLOAD_INVALID", `another request adds to the upload "${this.id}"`, { status: 409 });
    this.isBusy = true;
    try {
      await work();
    } finally {
      this.isBusy = false;
      this.touched = Date.now();
    }
  }
}
