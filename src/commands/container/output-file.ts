/** Where `export` and other streams of bytes go: a file, or standard output when that is no terminal. */
import { createWriteStream, lstatSync, type Stats, statSync } from "node:fs";
import { open as openFile, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import type { Pourable } from "../../../engine/index.ts";
import type { Context } from "../command.ts";

/**
 * Writes all of a stream to `file`, which appears only when it is complete, or to standard output.
 * @throws EngineError `invalid` where there is something else than a regular file, or no directory for it
 */
export async function writeStream(
  { io, signal }: Context,
  open: () => Promise<Readable & Partial<Pourable>>,
  file: string | undefined,
): Promise<void> {
  if (!file) {
    if (isTerminalOutput(io.streams)) {
      throw new EngineError("usage", "cowardly refusing to save to a terminal", { hint: "use the -o flag or redirect", exit: 1 });
    }
    const { pipeline } = await import("node:stream/promises");
    await pipeline(await open(), io.streams.stdout, { signal, end: false });
    return;
  }
  const path = resolve(io.cwd, file);
  const kind = specialKind(lstatSync(path, { throwIfNoEntry: false }));
  if (kind)
    throw new EngineError("invalid", `cannot write to a ${kind}: "${path}"`, { hint: "leave out -o, and redirect: > FILE", exit: 1 });
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
    throw new EngineError("invalid", `invalid output path: directory "${dirname(path)}" does not exist`, {
      hint: "make it first",
      exit: 1,
    });
  const partial = `${path}.${process.pid}.partial`;
  try {
    await fill(partial, await open(), signal);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("system", `cannot write "${path}": ${(cause as Error).message.replace(partial, path)}`, { cause, exit: 1 });
  }
}

async function fill(path: string, bytes: Readable & Partial<Pourable>, signal: AbortSignal): Promise<void> {
  if (!bytes.pour) {
    const { pipeline } = await import("node:stream/promises");
    return await pipeline(bytes, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal });
  }
  await using file = await openFile(path, "wx", 0o600);
  await bytes.pour(async (chunk) => {
    signal.throwIfAborted();
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
  });
}

/** What the finished file must not be put in the place of, as docker calls it. */
function specialKind(there: Stats | undefined): string | undefined {
  if (!there || there.isFile()) return undefined;
  if (there.isDirectory()) return "directory";
  if (there.isSymbolicLink()) return "symbolic link directly";
  if (there.isFIFO()) return "named pipe (FIFO)";
  if (there.isSocket()) return "socket";
  return there.isBlockDevice() ? "block device file" : "character device file";
}

function isTerminalOutput(streams: Context["io"]["streams"]): boolean {
  return (streams.stdout as { isTTY?: boolean }).isTTY === true;
}
