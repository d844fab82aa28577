/**
 * An image's files, walked by descriptors and through no link. Whatever an image holds, a read is of a regular file, inside it, and no
 * longer than its limit.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { closeDescriptor, O_PATH, openBeneath } from "../../sys/files.ts";
import { openDirectory } from "../../sys/tree.ts";
import type { ReadAt } from "./go-binary.ts";

/** A regular file that the walk came by. */
export interface SeenFile {
  /** From the root: "/usr/bin/app". */
  path: string;
  name: string;
  /** Permission bits. */
  mode(): number;
  /** Its beginning, or all of it. @param limit bytes */
  read(limit: number): { bytes: Buffer; isWhole: boolean } | undefined;
  /** @returns what `use` makes of it; undefined when it cannot be opened */
  open<T>(use: (read: ReadAt) => T): T | undefined;
}

export interface WalkLimits {
  entries: number;
  depth: number;
}

/**
 * Every regular file below a directory that `wants` it; what it does not want is not even looked at.
 * @returns false when there was more than the limits allow
 */
export function walkFiles(
  root: string,
  wants: (name: string, path: string) => boolean,
  visit: (file: SeenFile) => void,
  limits: WalkLimits,
): boolean {
  let left = limits.entries;
  let isWhole = true;
  const open: { fd: number; path: string; names: Iterator<{ name: string; isDirectory: boolean }> }[] = [];
  const enter = (at: string, path: string) => {
    const fd = open.length < limits.depth ? openDirectory(at) : undefined;
    if (fd !== undefined) open.push({ fd, path, names: namesIn(fd) });
    else if (open.length >= limits.depth) isWhole = false;
  };
  try {
    enter(`${root}/.`, "");
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const { value: entry } = top.names.next();
      if (!entry) closeSync(open.pop()!.fd);
      else if (left-- <= 0) return false;
      else {
        const path = `${top.path}/${entry.name}`;
        if (entry.isDirectory) enter(`/proc/self/fd/${top.fd}/${entry.name}`, path);
        else if (wants(entry.name, path)) visit(seenFile(top.fd, entry.name, path));
      }
    }
  } finally {
    for (const { fd } of open) closeSync(fd);
  }
  return isWhole;
}

/** Names that are UTF-8: what has others is no package's record. */
function* namesIn(fd: number): Generator<{ name: string; isDirectory: boolean }> {
  for (const entry of readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true }))
    if (entry.isDirectory() || entry.isFile()) yield { name: entry.name, isDirectory: entry.isDirectory() };
}

function seenFile(directory: number, name: string, path: string): SeenFile {
  return {
    path,
    name,
    mode: () => withRegular(directory, name, (fd) => fstatSync(fd).mode & 0o7777) ?? 0,
    read: (limit) => withRegular(directory, name, (fd) => readStart(fd, limit)),
    open: (use) => withRegular(directory, name, (fd) => withReading(fd, (readable) => use(readerOf(readable)))),
  };
}

/** The file of a path from the root that leads through no link. */
export function readFileAt(root: string, path: string, limit: number): { bytes: Buffer; isWhole: boolean } | undefined {
  const top = openDirectory(`${root}/.`);
  if (top === undefined) return undefined;
  try {
    return withRegular(top, path.slice(1), (fd) => readStart(fd, limit));
  } finally {
    closeSync(top);
  }
}

/** Names in the directory of a path from the root, in order. */
export function namesAt(root: string, path: string): string[] {
  const top = openDirectory(`${root}/.`);
  if (top === undefined) return [];
  const fd = openBeneath(top, path.slice(1), constants.O_RDONLY | constants.O_DIRECTORY);
  closeSync(top);
  if (fd === undefined) return [];
  try {
    return readdirSync(`/proc/self/fd/${fd}`).sort();
  } finally {
    closeDescriptor(fd);
  }
}

/** A file is opened by what it is first: a device does something by being opened. */
function withRegular<T>(directory: number, path: string, use: (fd: number) => T): T | undefined {
  const fd = openBeneath(directory, path, O_PATH | constants.O_NOFOLLOW);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd).isFile() ? use(fd) : undefined;
  } finally {
    closeDescriptor(fd);
  }
}

function withReading<T>(place: number, use: (fd: number) => T): T {
  const fd = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NOCTTY);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function readStart(place: number, limit: number): { bytes: Buffer; isWhole: boolean } {
  const { size } = fstatSync(place);
  return withReading(place, (fd) => ({ bytes: readerOf(fd)(0, Math.min(size, limit)), isWhole: size <= limit }));
}

function readerOf(fd: number): ReadAt {
  const { size } = fstatSync(fd);
  return (offset, length) => {
    if (!Number.isSafeInteger(offset) || offset < 0 || length <= 0 || offset >= size) return Buffer.alloc(0);
    const bytes = Buffer.alloc(Math.min(length, size - offset));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
  };
}
