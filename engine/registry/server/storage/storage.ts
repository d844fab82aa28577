/** What a registry's storage can do, whatever it is made of. Names, tags and digests that come here are judged already (protocol/names.ts). */
import type { FileHandle } from "node:fs/promises";
import type { Descriptor } from "../../../image/types.ts";
import type { Algorithm } from "../protocol/names.ts";
import type { ByteRange } from "../protocol/ranges.ts";
import type { Collected } from "./collect.ts";
import type { Scrubbed } from "./scrub.ts";

export interface RegistryStorage extends AsyncDisposable {
  /** Names of repositories that have a manifest, sorted. */
  repositories(): Promise<string[]>;
  /** Whether anything was ever put there. */
  hasRepository(name: string): Promise<boolean>;
  /**
   * Bytes of a blob that a repository has.
   * @param isWanted the client will name it in a manifest: it is not collected for a while
   */
  blobSize(name: string, digest: string, isWanted?: boolean): Promise<number | undefined>;
  /** Open already. A chunk is good until the next is asked for; who stops early returns the iterator. */
  readBlob(digest: string, range?: ByteRange): Promise<AsyncIterable<Buffer> & AsyncDisposable>;
  /** Repositories that have a blob. */
  holders(digest: string): AsyncIterable<string>;
  /** Gives a repository a blob that another has. @returns whether that has it */
  mountBlob(name: string, digest: string, from: string): Promise<boolean>;
  /** @throws EngineError `not-found`; `unsupported` while a manifest of the repository is made of it */
  deleteBlob(name: string, digest: string): Promise<void>;
  /** By tag or digest. */
  findManifest(name: string, reference: string): Promise<StoredManifest | undefined>;
  readManifest(digest: string): Promise<Buffer>;
  /** All of it or nothing; its tags one by one, in their order. @throws EngineError `not-found` when a part is missing */
  putManifest(name: string, manifest: NewManifest): Promise<void>;
  /** With the tags that stand for it. @throws EngineError `not-found`; `unsupported` while an index of the repository names it */
  deleteManifest(name: string, digest: string): Promise<void>;
  /** @throws EngineError `not-found` */
  deleteTag(name: string, tag: string): Promise<void>;
  /** Sorted; undefined when there is no such repository. */
  tags(name: string): Promise<string[] | undefined>;
  referrers(name: string, subject: string): Promise<Descriptor[]>;
  /** @throws EngineError `in-use` when too many go on */
  startUpload(name: string, algorithm: Algorithm): Upload;
  /** One that goes on, also from before the registry was started. @throws EngineError `not-found` */
  findUpload(name: string, id: string): Promise<Upload>;
  /**
   * Lets go what the rules of retention say, and removes what nothing names any more, while all else goes on.
   * @param grace milliseconds that it has to lie there first
   * @param isDry nothing is changed: it is only said what would go
   */
  collect(grace: number, isDry?: boolean): Promise<Collected>;
  /** Uploads that were begun and not ended. */
  readonly uploads: number;
  /** @throws the system's error when nothing can be put there */
  requireWritable(): Promise<void>;
  /** Compares every content with its digest, and sets aside what is damaged. */
  scrub(): Promise<Scrubbed>;
}

export interface StoredManifest {
  digest: string;
  mediaType: string;
  /** Bytes. */
  size: number;
}

export interface NewManifest {
  digest: string;
  mediaType: string;
  bytes: Buffer;
  /** Digests that the repository must have. */
  parts: readonly string[];
  subject?: string;
  tags: readonly string[];
  /** Called with what its name stands for now, before anything changes: may throw. */
  check?(present: StoredManifest | undefined): void;
}

/** A blob that is being sent. */
export interface Upload {
  readonly id: string;
  /** Bytes that are here. */
  readonly size: number;
  /**
   * Adds what comes, and takes its buffers over: they are empty when they are written. What came before it broke off is kept.
   * @param onWritten told how many bytes of it can be read
   * @throws EngineError `invalid` while another request adds to it, and what the body throws
   */
  append(body: AsyncIterable<Buffer>, onWritten?: (size: number) => void): Promise<void>;
  /** What is written of it: to be read while more comes, and when it has become a blob. */
  openContent(): Promise<FileHandle>;
  /** Takes away what came after that many bytes. */
  truncate(size: number): Promise<void>;
  /** Makes it a blob of its repository. @throws EngineError `invalid` when it is another; it is gone then */
  finish(digest: string): Promise<void>;
  cancel(): Promise<void>;
}
