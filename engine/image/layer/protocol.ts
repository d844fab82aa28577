/** What the main thread and a layer worker say to each other. */
import type { ErrorCode } from "../../errors.ts";
import type { Halt } from "./halt.ts";
import type { PackOptions } from "./pack.ts";
import type { UnpackOptions } from "./unpack.ts";

/** Where a tar comes from: a range of an open file (read by the worker itself), or chunks sent to it. */
export type TarSource = { fd: number; start: number; end: number } | "stream";

export type LayerTask =
  /** A layer's tar, compressed or not, into DIRECTORY/diff, with its record beside it. */
  | { kind: "unpack-layer"; directory: string; source: TarSource }
  /** Directories of the layer in DIRECTORY/diff get what they are below, in these open directories, topmost first. */
  | { kind: "inherit"; directory: string; implicit: string[]; lowers: number[] }
  /** Any tar into a tree. */
  | ({ kind: "unpack"; root: string; prefix: string; source: TarSource } & Pick<UnpackOptions, "owner" | "strict">)
  /** The layer in DIRECTORY/diff: its diff id, and its record written beside it. */
  | { kind: "pack-layer"; directory: string; root: boolean; epoch?: number }
  /** A tree as a tar, sent in chunks. */
  | { kind: "pack"; root: string; options: PackOptions }
  /** A stored layer as its exact tar, sent in chunks. */
  | { kind: "rebuild"; directory: string };

/** What the thread is started with. */
export interface LayerOrder {
  halt: Halt;
}

/** Layers of the store follow each other in one thread; whatever works on a container's tree has one of its own. */
export function isShared({ kind }: LayerTask): boolean {
  return kind === "unpack-layer" || kind === "inherit" || kind === "rebuild";
}

export interface UnpackResult {
  /** "sha256:…" of the uncompressed tar. */
  diffId: string;
  /** "sha256:…" and bytes of the tar as it came. */
  blobDigest: string;
  blobSize: number;
  tarSize: number;
  /** Bytes of file content. */
  size: number;
  entries: number;
  /** The latest time of an entry, seconds; 0 where there is none. */
  newest: number;
  /** The spill holds contents; else its file is of no use. */
  spilled: boolean;
  /** Directories that no entry described: for a task of kind "inherit". */
  implicit: string[];
}

export interface PackResult {
  diffId: string;
  tarSize: number;
  size: number;
}

export type ToWorker =
  /** `limit`: bytes that an archive may unpack to (limit.ts). */
  | { type: "task"; task: LayerTask; limit: number }
  | { type: "chunk"; data: Uint8Array }
  | { type: "end" }
  /** A chunk of the worker's was taken; with it may come back the memory of an earlier one. */
  | { type: "ack"; memory?: ArrayBuffer }
  /** Wakes a worker that waits, for it to see that it is to halt. */
  | { type: "halt" };

export type FromWorker =
  | { type: "ack"; bytes: number }
  /** Bytes of a file that were read. */
  | { type: "progress"; bytes: number }
  | { type: "chunk"; data: Uint8Array<ArrayBuffer> }
  /** `isFree`: the thread has left the layer, and can be given another. */
  | { type: "result"; value: unknown; isFree: boolean }
  | { type: "error"; code: ErrorCode; message: string; hint: string };

/** Chunks under way in one direction; the sender waits beyond it. */
export const window = 8;
