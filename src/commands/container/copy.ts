/**
 * What `cp` does with tar streams: where the copy goes and under which name, by docker's rules for existing and missing
 * destinations. Both sides are packed and unpacked by threads confined to the directory they work in.
 */
import { constants, type Stats } from "node:fs";
import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import { type Readable, Transform } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { packTree, unpackTree } from "../../../engine/image/layer/index.ts";
import { decodeName, fsPath } from "../../../engine/image/tar/index.ts";
import type { TreeName } from "../../../engine/index.ts";
import type { Context } from "../command.ts";

export interface CopyOptions {
  archive: boolean;
  followLink: boolean;
}

/** A path of a container, a volume or an image. */
export interface Inside {
  tree: TreeName;
  path: string;
}

const shownAs = ({ tree, path }: Inside) => `${tree.ref}:${path}`;

/** Copies a host path, or the tar on standard input, into a tree. Returns the bytes of the stream. */
export async function copyIn(context: Context, source: string, to: Inside, options: CopyOptions): Promise<number> {
  const { engine, io } = context;
  const target = await targetInside(context, to);
  const copyTo = (directory: string) => (tar: Readable) => engine.files.copyTo(to.tree, directory, tar, { archive: options.archive });
  if (source === "-") {
    if (!target.isDirectory) throw new EngineError("invalid", `destination "${shownAs(to)}" must be a directory`);
    return counted(io.streams.stdin!, copyTo(target.path));
  }
  const found = await sourceOnHost(io.cwd, source, options.followLink);
  const { directory, name } = placeOf(found, target);
  const root = found.isDirectory ? found.path : dirname(found.path);
  const path = found.isDirectory ? "" : basename(found.path);
  return counted(
    packTree(root, { overlay: false, path, name, root: name !== "", nanoseconds: true, sparse: true, live: true }),
    copyTo(directory),
  );
}

/** Copies a path out of a tree to a host path, or as a tar to standard output. Returns the bytes of the stream. */
export async function copyOut(context: Context, from: Inside, destination: string, options: CopyOptions): Promise<number> {
  const { engine, io, signal } = context;
  const { tree, path } = from;
  const followLink = options.followLink;
  if (destination === "-") {
    if ((io.streams.stdout as { isTTY?: boolean }).isTTY)
      throw new EngineError("usage", "cowardly refusing to write a tar archive to a terminal", { hint: "redirect or pipe it", exit: 1 });
    const tar = await engine.files.copyFrom(tree, path, { followLink });
    const { pipeline } = await import("node:stream/promises");
    return counted(tar, (stream) => pipeline(stream, io.streams.stdout, { signal, end: false }));
  }
  const target = await targetOnHost(io.cwd, destination);
  let stat = await engine.files.statPath(tree, path);
  if (followLink && stat.linkTarget) stat = await engine.files.statPath(tree, stat.linkTarget);
  const base = isContents(path) ? "." : posix.basename(posix.normalize(`/${path}`)) || ".";
  const { directory, name } = placeOf({ shown: shownAs(from), base, isDirectory: kindOf(stat) === constants.S_IFDIR }, target);
  const tar = await engine.files.copyFrom(tree, path, { followLink, name });
  return counted(tar, (stream) => unpackTree(directory, stream, { ...(!options.archive && { owner: "caller" }), strict: true, signal }));
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
  try {
    await consume(source.pipe(counter));
  } finally {
    source.destroy();
  }
  return bytes;
}

/** "dir/." names what is in a directory. */
function isContents(path: string): boolean {
  return /(^|\/)\.$/.test(path);
}

function wantsDirectory(path: string): boolean {
  return path.endsWith("/") || isContents(path);
}

const kindOf = ({ mode }: { mode: number }) => mode & constants.S_IFMT;

interface Source {
  /** As the user wrote it. */
  shown: string;
  /** Its own name; "." for what is in a directory. */
  base: string;
  isDirectory: boolean;
}

interface Target {
  shown: string;
  path: string;
  exists: boolean;
  isDirectory: boolean;
}

/**
 * docker's rules: into a directory that exists, else in the place of the destination.
 * @returns a directory, and the copy's name in it, "" for a directory's content
 */
function placeOf(source: Source, target: Target): { directory: string; name: string } {
  if (target.isDirectory) return { directory: target.path, name: source.base === "." ? "" : source.base };
  if (target.exists && source.isDirectory)
    throw new EngineError("invalid", `cannot copy directory "${source.shown}" to "${target.shown}": it is not a directory`);
  if (target.exists && wantsDirectory(target.shown)) throw new EngineError("invalid", `cannot copy to "${target.shown}": not a directory`);
  if (!source.isDirectory && wantsDirectory(target.shown))
    throw new EngineError("not-found", `no such directory: ${target.shown}`, { hint: "create it first, or leave out the final slash" });
  const clean = posix.resolve("/", target.path);
  return { directory: posix.dirname(clean), name: posix.basename(clean) };
}

/** A path on the host with all links followed, but the last one only when asked to. */
async function sourceOnHost(cwd: string, source: string, followLink: boolean): Promise<Source & { path: string }> {
  const path = resolve(cwd, source);
  try {
    const real = followLink || wantsDirectory(source) ? await realPath(path) : join(await realPath(dirname(path)), basename(path));
    const stats = await lstat(fsPath(real));
    const isDirectory = stats.isDirectory();
    if (!isDirectory && wantsDirectory(source)) throw new Error("not a directory");
    if (stats.isSocket()) throw new Error("an archive cannot hold a socket");
    return { shown: source, path: real, base: isContents(source) ? "." : basename(path) || ".", isDirectory };
  } catch (cause) {
    const kind = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "not-found" : "invalid";
    throw new EngineError(kind, `cannot copy "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

/** @throws EngineError `invalid` for what is neither a directory nor a regular file */
function checkKind(shown: string, mode: number): void {
  const kind = mode & constants.S_IFMT;
  if (kind !== constants.S_IFDIR && kind !== constants.S_IFREG)
    throw new EngineError("invalid", `destination "${shown}" must be a directory or a regular file`);
}

/** What a path inside a tree leads to: a link there is written through. */
async function targetInside({ engine }: Context, to: Inside): Promise<Target> {
  const { tree, path } = to;
  const shown = shownAs(to);
  const look = async (place: string) => {
    try {
      return await engine.files.statPath(tree, place);
    } catch (error) {
      // The container or volume itself may be what is missing: then inspect says so.
      if (!(error instanceof EngineError) || !["not-found", "invalid"].includes(error.code)) throw error;
      await (tree.kind === "volume" ? engine.volumes : engine.containers).inspect(tree.ref);
      return undefined;
    }
  };
  const first = await look(path);
  const real = first?.linkTarget || path;
  const found = first?.linkTarget ? await look(real) : first;
  if (!found) return { shown, path: real, exists: false, isDirectory: false };
  checkKind(shown, found.mode);
  return { shown, path: real, exists: true, isDirectory: kindOf(found) === constants.S_IFDIR };
}

/** Links in a row after which a path is a loop. */
const maxLinks = 40;

/** What a path on the host leads to, a link at its end followed. */
async function targetOnHost(cwd: string, shown: string): Promise<Target> {
  let path = resolve(cwd, shown);
  let stats = await statOf(path);
  for (let links = 0; stats?.isSymbolicLink(); links++) {
    if (links === maxLinks) throw new EngineError("invalid", `cannot copy to "${shown}": too many levels of symbolic links`);
    path = resolve(await realPath(dirname(path)), decodeName(await readlink(fsPath(path), { encoding: "buffer" })));
    stats = await statOf(path);
  }
  if (stats) checkKind(shown, stats.mode);
  else if (!(await statOf(dirname(path))))
    throw new EngineError("invalid", `invalid output path: directory "${dirname(path)}" does not exist`, { exit: 1 });
  return { shown, path, exists: stats !== undefined, isDirectory: stats?.isDirectory() ?? false };
}

const statOf = (path: string): Promise<Stats | undefined> => lstat(fsPath(path)).catch(() => undefined);
const realPath = async (path: string) => decodeName(await realpath(fsPath(path), { encoding: "buffer" }));
