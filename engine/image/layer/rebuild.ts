/** The exact tar of an unpacked layer, from its record (split.ts) and the files of the tree this thread is confined to. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { fsPath } from "../tar/index.ts";
import { readSplit } from "./split.ts";

/** One for all files, as large buffers come back slowly from the garbage. */
const buffer = Buffer.allocUnsafeSlow(1 << 19);

/** Yields the archive's bytes; each piece holds until the next is asked for. @throws EngineError `corrupt` when a file is not what it was */
export function* rebuildTar(split: number, spill: number | undefined): Generator<Buffer> {
  for (const step of readSplit(split, spill)) {
    if ("raw" in step) yield step.raw;
    else if (step.spilledAt !== undefined && spill !== undefined) yield* readRange(spill, step.spilledAt, step.size, step.path);
    else yield* readFile(step.path, step.size);
  }
}

function* readFile(path: string, size: number): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(fsPath(`/${path}`), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new EngineError("corrupt", `the layer is damaged: cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
  try {
    yield* readRange(fd, 0, size, path);
  } finally {
    closeSync(fd);
  }
}

function* readRange(fd: number, from: number, size: number, path: string): Generator<Buffer> {
  for (let done = 0; done < size; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, size - done), from + done);
    if (read === 0) throw new EngineError("corrupt", `the layer is damaged: "${path}" is shorter than it was`);
    yield buffer.subarray(0, read);
    done += read;
  }
}
