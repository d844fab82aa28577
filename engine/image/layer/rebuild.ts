/** The exact tar of an unpacked layer, from its record (split.ts) and the files of the tree this thread is confined to. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { fsPath } from "../tar/index.ts";
import { readSplit } from "./split.ts";

/**
 * Yields the archive's bytes; each piece holds until the next is asked for.
 * @param space where the next bytes of a file may go; never empty
 * @throws EngineError `corrupt` when a file is not what it was
 */
export function* rebuildTar(split: number, spill: number | undefined, space: () => Buffer): Generator<Buffer> {
  for (const step of readSplit(split, spill)) {
    if ("raw" in step) yield step.raw;
    else if (step.spilledAt !== undefined && spill !== undefined) yield* readRange(spill, step.spilledAt, step, space);
    else yield* readFile(step, space);
  }
}

interface Content {
  path: string;
  size: number;
}

function* readFile(content: Content, space: () => Buffer): Generator<Buffer> {
  const { path } = content;
  let fd: number;
  try {
    fd = openSync(fsPath(`/${path}`), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new EngineError("corrupt", `the layer is damaged: cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
  try {
    yield* readRange(fd, 0, content, space);
  } finally {
    closeSync(fd);
  }
}

function* readRange(fd: number, from: number, { path, size }: Content, space: () => Buffer): Generator<Buffer> {
  for (let done = 0; done < size; ) {
    const target = space();
    const read = readSync(fd, target, 0, Math.min(target.length, size - done), from + done);
    if (read === 0) throw new EngineError("corrupt", `the layer is damaged: "${path}" is shorter than it was`);
    yield target.subarray(0, read);
    done += read;
  }
}
