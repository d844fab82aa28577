/**
 * Files read whole whose maker is not trusted to keep them small: no more than a limit is read, whatever their size says.
 * Of files that came with somebody else's directory only regular ones count: a device is not even opened.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { readUpTo } from "./bounded.ts";
import { O_PATH } from "./files.ts";

export interface LimitedRead {
  /** Bytes. */
  limit: number;
  /** How errors call it: `Dockerfile "prod.Dockerfile"`. */
  name: string;
  /** The user named it, so a pipe (`<(…)`, /dev/stdin) is as good as a file. */
  pipes?: boolean;
}

/** @throws EngineError `invalid` for what is no file or larger than the limit; else the system's error, as it comes */
export function readLimited(path: string, { limit, name, pipes = false }: LimitedRead): Buffer {
  const fd = openRegular(path, name, pipes);
  try {
    if (fstatSync(fd).size > limit) throw tooLarge(name, limit);
    return readUpTo(fd, limit, () => tooLarge(name, limit));
  } finally {
    closeSync(fd);
  }
}

/** Opens a file to read. @throws EngineError `invalid` for anything that is no regular file, without having opened it */
export function openRegular(path: string, name: string, pipes = false): number {
  const place = openSync(path, O_PATH);
  try {
    const stats = fstatSync(place);
    const readable = stats.isFile() || (pipes && !stats.isDirectory());
    if (!readable)
      throw new EngineError("invalid", `cannot read ${name}: it is ${stats.isDirectory() ? "a directory" : "no regular file"}`);
    return openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NOCTTY);
  } finally {
    closeSync(place);
  }
}

function tooLarge(name: string, limit: number): EngineError {
  const size = limit >= 1 << 20 ? `${limit >> 20} MB` : `${limit >> 10} kB`;
  return new EngineError("invalid", `cannot read ${name}: it is larger than ${size}`);
}
