/**
 * What `cp` does with tar streams: where the copy goes and under which name, by docker's rules for existing and missing
 * destinations. Packing and unpacking the host's side is in copy-pack.ts and copy-unpack.ts.
 */
import { lstat, stat } from "node:fs/promises";
import { basename, dirname, posix, resolve } from "node:path";
import { PassThrough, type Readable, Transform } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { fsPath } from "../../../engine/image/tar/names.ts";
import { readTar, type TarHeader } from "../../../engine/image/tar/reader.ts";
import type { Context } from "../command.ts";
import { packPath } from "./copy-pack.ts";
import { unpackInto } from "./copy-unpack.ts";

export interface CopyOptions {
  archive: boolean;
  followLink: boolean;
}

interface Inside {
  container: string;
  path: string;
}

/** Copies a host path, or the tar on standard input, into a container. Returns the bytes of the stream. */
export async function copyIn(context: Context, source: string, to: Inside, options: CopyOptions): Promise<number> {
  const { engine, io } = context;
  if (source === "-")
    return counted(io.streams.stdin!, (tar) => engine.containers.copyTo(to.container, to.path, tar, { archive: options.archive }));
  const path = resolve(io.cwd, source);
  const isDirectory = (await statHost(path, options.followLink || wantsDirectory(source))).isDirectory();
  if (!isDirectory && wantsDirectory(source)) throw new EngineError("invalid", `cannot copy "${source}": not a directory`);
  const target = await targetInside(context, to, isDirectory);
  const name = target.into ? (isContents(source) ? "." : basename(path)) : target.name;
  const tar = packPath(path, { name, archive: options.archive, followLink: options.followLink });
  return counted(tar, (stream) => engine.containers.copyTo(to.container, target.directory, stream, { archive: options.archive }));
}

/** Copies a path out of a container to a host path, or as a tar to standard output. Returns the bytes of the stream. */
export async function copyOut(context: Context, from: Inside, destination: string, options: CopyOptions): Promise<number> {
  const { engine, io, signal } = context;
  const tar = await engine.containers.copyFrom(from.container, from.path, { followLink: options.followLink });
  if (destination === "-") {
    if ((io.streams.stdout as { isTTY?: boolean }).isTTY) {
      tar.destroy();
      throw new EngineError("usage", "cowardly refusing to write a tar archive to a terminal", { hint: "redirect or pipe it", exit: 1 });
    }
    const { pipeline } = await import("node:stream/promises");
    return counted(tar, (stream) => pipeline(stream, io.streams.stdout, { signal, end: false }));
  }
  const path = resolve(io.cwd, destination);
  return counted(tar, (stream) =>
    unpackInto(stream, (root) => targetOnHost(path, destination, from.path, root), { archive: options.archive, signal }),
  );
}

/** Counts what flows from a stream to its consumer. */
async function counted(source: Readable, consume: (stream: Readable) => Promise<unknown>): Promise<number> {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  source.on("error", (error) => counter.destroy(error));
  await consume(source.pipe(counter));
  return bytes;
}

/** "dir/." names what is in a directory. */
function isContents(path: string): boolean {
  return /(^|\/)\.$/.test(path);
}

function wantsDirectory(path: string): boolean {
  return path.endsWith("/") || isContents(path);
}

async function statHost(path: string, follow: boolean) {
  try {
    return await (follow ? stat(fsPath(path)) : lstat(fsPath(path)));
  } catch (cause) {
    throw new EngineError("not-found", `cannot copy "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

interface Target {
  /** An existing directory inside the container. */
  directory: string;
  /** True: the copy goes into it under its own name; false: `name` is the copy's name. */
  into: boolean;
  name: string;
}

async function targetInside(context: Context, to: Inside, sourceIsDirectory: boolean): Promise<Target> {
  const existing = await headerInside(context, to);
  if (existing?.type === "directory") return { directory: to.path, into: true, name: "" };
  if (existing && wantsDirectory(to.path)) throw new EngineError("invalid", `cannot copy to "${to.container}:${to.path}": not a directory`);
  if (existing && sourceIsDirectory)
    throw new EngineError("invalid", `cannot copy directory to "${to.container}:${to.path}": it is a file`);
  if (!existing && !sourceIsDirectory && wantsDirectory(to.path)) {
    throw new EngineError("not-found", `no such directory: ${to.container}:${to.path}`, {
      hint: "create it first, or leave out the final slash",
    });
  }
  const clean = posix.normalize(posix.join("/", to.path)).replace(/\/+$/, "");
  return { directory: posix.dirname(clean), into: false, name: posix.basename(clean) };
}

/** What a path inside a container is: the first header of its archive; undefined when there is no such path. */
async function headerInside({ engine }: Context, { container, path }: Inside): Promise<TarHeader | undefined> {
  let tar: Readable;
  try {
    tar = await engine.containers.copyFrom(container, path, { followLink: true });
  } catch (error) {
    // The container itself may be what is missing: then inspect says so.
    if (!(error instanceof EngineError) || error.code !== "not-found") throw error;
    await engine.containers.inspect(container);
    return undefined;
  }
  tar.on("error", () => {}); // it is cut off below
  try {
    for await (const { header } of readTar(tar.pipe(new PassThrough()))) return header;
    return undefined;
  } finally {
    tar.destroy();
  }
}

/** Where the archive's root goes on the host. */
async function targetOnHost(path: string, destination: string, source: string, root: TarHeader): Promise<string> {
  const existing = await stat(fsPath(path)).catch(() => undefined);
  const isDirectory = root.type === "directory";
  if (existing?.isDirectory())
    return isContents(source) && isDirectory ? path : resolve(path, posix.basename(posix.normalize(posix.join("/", source))) || ".");
  if (existing && isDirectory) throw new EngineError("invalid", `cannot copy directory to "${destination}": it is a file`);
  if (!existing && !(await stat(fsPath(dirname(path))).catch(() => undefined)))
    throw new EngineError("invalid", `invalid output path: directory "${dirname(path)}" does not exist`, { exit: 1 });
  if ((existing || !isDirectory) && wantsDirectory(destination))
    throw new EngineError("invalid", `cannot copy to "${destination}": not a directory`);
  return path;
}
