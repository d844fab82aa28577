/** Files that are there wholly or not at all, also after the power went: written beside, flushed, renamed, the directory flushed. */
import { type FileHandle, mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomHex } from "../../../sys/random.ts";

/** @param staging a directory of the same file system */
export async function writeDurably(path: string, bytes: Uint8Array | string, staging: string): Promise<void> {
  const beside = join(staging, randomHex(16));
  const file = await open(beside, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await moveDurably(beside, path);
}

/** Gives a file that is flushed its name. */
export async function moveDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      await makeDirectory(dirname(to));
      await rename(from, to);
    });
  } catch (error) {
    await unlink(from).catch(() => {}); // the error says more than what is left of it
    throw error;
  }
  await syncDirectory(dirname(to));
}

/** What is gone stays gone. */
export async function unlinkDurably(path: string): Promise<void> {
  await unlink(path);
  await syncDirectory(dirname(path));
}

/** An empty file, whose name is all there is to it. */
export async function touch(path: string): Promise<void> {
  const create = () => open(path, "a", 0o600);
  const file = await create().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    await makeDirectory(dirname(path));
    return create();
  });
  await file.close();
}

/** With its parents, each of which is flushed into its own. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncDirectory(dirname(at));
}

/** Waiting flushes of a directory: who comes before the next begins has a part in it. */
const flushes = new Map<string, Promise<void>>();
const running = new Map<string, Promise<void>>();

/** Many names that come into one directory at the same time share a flush. */
export function syncDirectory(path: string): Promise<void> {
  const waiting = flushes.get(path);
  if (waiting) return waiting;
  const next = (running.get(path) ?? Promise.resolve()).then(() => {
    flushes.delete(path);
    const flush = flushDirectory(path).finally(() => running.get(path) === settled && running.delete(path));
    const settled = flush.catch(() => {});
    running.set(path, settled);
    return flush;
  });
  flushes.set(path, next);
  return next;
}

async function flushDirectory(path: string): Promise<void> {
  const directory: FileHandle = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
