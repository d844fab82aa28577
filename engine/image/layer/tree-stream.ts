/** A directory tree as a tar stream and back. Each end is walked by a thread confined to the tree: changes cannot lead it out. */
import { closeSync, constants, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { O_PATH } from "../../sys/files.ts";
import { fsPath } from "../tar/index.ts";
import type { Pourable } from "../types.ts";
import { LayerThread } from "./layer-thread.ts";
import { type Hold, pourable } from "./lent.ts";
import type { PackOptions } from "./pack.ts";
import type { UnpackOptions } from "./unpack.ts";

/** @param release called when the stream ends, however it ends */
export function packTree(root: string, options: PackOptions, release: () => PromiseLike<void> = async () => {}): Readable & Pourable {
  let begun = false;
  const begin = () => {
    begun = true;
    return { [Symbol.asyncDispose]: async () => await release() };
  };
  const stream = pourable((hold) => pieces(root, options, begin, hold));
  // A generator that is given up before its first step has nothing to clean up.
  return stream.once("close", () => begun || void release());
}

async function* pieces(root: string, options: PackOptions, begin: () => AsyncDisposable, hold: Hold): AsyncGenerator<Buffer> {
  await using _ = begin();
  using held = open(root);
  await using thread = new LayerThread({ kind: "pack", root: held.path, options });
  yield* thread.output(hold);
}

/** @param prefix directory below the root that the archive goes into; it must be there */
export async function unpackTree(
  root: string,
  tar: AsyncIterable<Uint8Array>,
  options: Pick<UnpackOptions, "owner" | "strict"> & { prefix?: string; signal?: AbortSignal } = {},
): Promise<void> {
  const { owner, strict, prefix = "", signal } = options;
  using held = open(root);
  await using thread = new LayerThread({ kind: "unpack", root: held.path, prefix, owner, strict, source: "stream" }, signal);
  await thread.feed(tar);
  await thread.result();
}

/** The directory by its descriptor: its path may hold what no string can say, or lead elsewhere later. */
function open(root: string): { path: string } & Disposable {
  const fd = openSync(fsPath(root), O_PATH | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}`, [Symbol.dispose]: () => closeSync(fd) };
}
