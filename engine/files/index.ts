/**
 * Files of containers, volumes and images, for whoever looks at them from outside: the interface only. What a container can write is
 * reached through its root alone, as `cp` does: links lead nowhere else, and only regular files are ever opened.
 *
 * Names are bytes; here they are strings in which a byte that is no UTF-8 is a lone surrogate (image/tar/names.ts). They are the tree's
 * own and may hold anything but "/" and NUL: whoever shows them neutralises them.
 */
import type { Readable } from "node:stream";
import type { CopyToOptions, PathStat } from "../container/types.ts";

/** Which tree. A container need not run; its mounts are part of it. */
export interface TreeName {
  kind: "container" | "volume" | "image";
  /** Name or id; of an image also a reference. */
  ref: string;
  /** Of an image one layer alone, 1 is the lowest; without it the sum of all. */
  layer?: number;
}

export type FileType = "file" | "directory" | "link" | "fifo" | "socket" | "character" | "block";

/** A name in a directory. */
export interface FileEntry {
  Name: string;
  Type: FileType;
  /** Bytes, as stat(2) has them. */
  Size: number;
  /** Permission bits with set-id and sticky. */
  Mode: number;
  Uid: number;
  Gid: number;
  /** Milliseconds since the epoch. */
  Modified: number;
  /** What a link holds. */
  Target?: string;
  /** A container's files against its image's, a layer's against those below; of a directory also what is in it. What is removed is as it was. */
  Change?: "added" | "changed" | "removed";
}

/** Part of a directory: directories first, then by name. */
export interface Listing {
  /** Where it is, links followed. */
  Path: string;
  /** The place of the first of them in the whole directory. */
  From: number;
  Entries: FileEntry[];
  /** How many entries there are in all. */
  Total: number;
  /** There are still more, which are not even counted. */
  IsCut: boolean;
}

export interface FilePiece {
  Data: Buffer;
  /** Bytes of the whole file. */
  Size: number;
  /** Changes whenever the file does: what `write` is to find. */
  Version: string;
  Mode: number;
}

export interface Found {
  /** Absolute paths, in the order of the walk. */
  Paths: string[];
  /** The walk ended early: there may be more. */
  IsCut: boolean;
}

export interface TreeUsage {
  /** Bytes of files, each inode once. */
  Size: number;
  Files: number;
  /** Bytes below each directory in it. */
  Directories: Record<string, number>;
}

/** What two trees do not have in common. */
export interface TreeDifference {
  Path: string;
  /** The second against the first. */
  Change: "added" | "changed" | "removed";
  Type: FileType;
  /** Bytes in the first and in the second; 0 where it is not there, and of directories. */
  Before: number;
  After: number;
}

export interface TreeComparison {
  /** By path. */
  Differences: TreeDifference[];
  /** Bytes of files that only the second has, or has otherwise; and those that only the first has. */
  Added: number;
  Removed: number;
}

export interface Files {
  /**
   * @param options from which entry on and how many (default 1000): a directory may have any number; or from the part that has a name
   * @throws EngineError `not-found` (the tree, or nothing there), `invalid` (no directory)
   */
  list(tree: TreeName, path: string, options?: { from?: number; limit?: number; having?: string }): Promise<Listing>;
  /** A piece of a regular file, at most 1 MiB. @throws EngineError `not-found`, `invalid` (anything else) */
  read(tree: TreeName, path: string, options?: { offset?: number; length?: number }): Promise<FilePiece>;
  /**
   * Puts other content into a regular file that is there, which keeps its inode, owner, mode and attributes.
   * @param version of the file that the content was made from: another one is `conflict`
   * @throws EngineError `conflict` (also where nothing may be written), `unsupported` (images)
   */
  write(tree: TreeName, path: string, content: Uint8Array, options?: { version?: string }): Promise<void>;
  /** Names below a directory that hold a text; with a "/" in it whole paths are looked at. Lower case finds any case. */
  find(tree: TreeName, path: string, text: string, options?: { limit?: number; signal?: AbortSignal }): Promise<Found>;
  /** What a directory weighs: every file below it is looked at. */
  usage(tree: TreeName, path: string, options?: { signal?: AbortSignal }): Promise<TreeUsage>;
  /** As `Containers.statPath`. */
  statPath(tree: TreeName, path: string): Promise<PathStat>;
  /** As `Containers.copyFrom`. */
  copyFrom(tree: TreeName, path: string, options?: { followLink?: boolean; name?: string }): Promise<Readable>;
  /** As `Containers.copyTo`. @throws EngineError `unsupported` (images) */
  copyTo(tree: TreeName, path: string, tar: Readable, options?: CopyToOptions): Promise<void>;
  /** What one tree has otherwise than another: types, owners, modes, links, contents. */
  compare(before: TreeName, after: TreeName, options?: { signal?: AbortSignal }): Promise<TreeComparison>;
}
