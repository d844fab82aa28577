/**
 * `cp`'s engine half: a path of a container as a tar stream, and a tar stream into a directory of a container. Paths are
 * resolved by the kernel inside the container's root, and archives are packed and unpacked by a thread confined to it,
 * so that neither links nor a container that changes them meanwhile lead outside.
 */
import { closeSync, constants, fstatSync } from "node:fs";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { LayerThread } from "../image/layer-thread.ts";
import { decodeName, fsPath } from "../image/tar/names.ts";
import { O_PATH, readLinkOf } from "../sys/files.ts";
import { openInRoot } from "../sys/in-root.ts";
import { packStream } from "./export.ts";
import { type ContainerRecord, emitContainer, findContainer, isRunning } from "./record.ts";
import { viewRoot } from "./rootfs.ts";

/** Links in a row after which a path is a loop, as the kernel's limit. */
const maxLinks = 40;

/** What the runtime mounted there is the kernel's account of this moment: docker copies the image's empty directories. */
const kernelOwned = ["dev", "proc", "sys"];

/** See `Containers.copyFrom`. The archive's root entry has the base name of `path`, "." for the root itself. */
export async function copyFrom(house: House, ref: string, path: string, options: { followLink?: boolean } = {}): Promise<Readable> {
  const record = findContainer(house, ref);
  const view = await viewRoot(house, record, { write: false });
  try {
    const real = resolveInside(view.root, record, path, options.followLink === true || /(^|\/)\.?$/.test(path));
    emitContainer(house, record, "archive-path");
    return packStream(view, {
      overlay: false,
      path: real,
      name: posix.basename(posix.normalize(`/${path}`)) || ".",
      root: true,
      nanoseconds: true,
      sparse: true,
      live: true,
      ...(isRunning(record) && { hollow: kernelOwned }),
    });
  } catch (error) {
    await view[Symbol.asyncDispose]();
    throw error;
  }
}

/** See `Containers.copyTo`. With `archive`, everything belongs to the container's user instead of the archive's owners. */
export async function copyTo(house: House, ref: string, path: string, tar: Readable, options: { archive?: boolean } = {}): Promise<void> {
  const record = findContainer(house, ref);
  if (record.host.ReadonlyRootfs && !underVolume(record, path)) {
    throw new EngineError("conflict", `cannot copy to "${record.name}:${path}": container rootfs is marked read-only`, {
      hint: "copy into a volume, or create the container without --read-only",
    });
  }
  await using view = await viewRoot(house, record, { write: true });
  const prefix = resolveInside(view.root, record, path, true, "directory");
  const owner = options.archive ? await ownerFor(view.root, record) : undefined;
  await using thread = new LayerThread({ kind: "unpack", root: view.root, prefix, owner, source: "stream" });
  await thread.feed(tar);
  await thread.result();
  emitContainer(house, record, "extract-to-dir");
}

function underVolume(record: ContainerRecord, path: string): boolean {
  const clean = posix.normalize(`/${path}`);
  return record.mounts.some(({ Destination, RW }) => RW && (clean === Destination || clean.startsWith(`${Destination}/`)));
}

async function ownerFor(root: string, record: ContainerRecord): Promise<{ uid: number; gid: number } | undefined> {
  if (!record.config.User) return undefined;
  const { resolveUser } = await import("./user.ts");
  const { uid, gid } = resolveUser(root, record.config.User);
  return { uid, gid };
}

/**
 * Checks that a path exists inside, and follows its last component when asked to.
 * @returns the path relative to the root, without following anything before the last component: that is the kernel's job
 * @throws EngineError `not-found`
 */
function resolveInside(root: string, record: ContainerRecord, path: string, follow: boolean, kind?: "directory"): string {
  let current = path;
  for (let links = 0; links < maxLinks; links++) {
    const target = linkTarget(root, current, record, path);
    if (target === undefined || !follow) return checkedKind(root, current, record, path, kind);
    const parent = current.replace(/\/*$/, "").replace(/[^/]*$/, "");
    current = target.startsWith("/") ? target : `${parent}${target}`;
  }
  throw new EngineError("invalid", `cannot copy "${record.name}:${path}": too many levels of symbolic links`);
}

/** The target of a symbolic link; undefined for anything else. */
function linkTarget(root: string, path: string, record: ContainerRecord, asked: string): string | undefined {
  const fd = openExisting(root, path.replace(/\/+$/, "") || "/", O_PATH | constants.O_NOFOLLOW, record, asked);
  try {
    return fstatSync(fd).isSymbolicLink() ? decodeName(readLinkOf(fd)) : undefined;
  } finally {
    closeSync(fd);
  }
}

function checkedKind(root: string, path: string, record: ContainerRecord, asked: string, kind?: "directory"): string {
  const wantsDirectory = kind === "directory" || /\/\.?$/.test(asked);
  const fd = openExisting(root, path.replace(/\/+$/, "") || "/", O_PATH | constants.O_NOFOLLOW, record, asked);
  const isDirectory = fstatSync(fd).isDirectory();
  closeSync(fd);
  if (wantsDirectory && !isDirectory) throw new EngineError("invalid", `cannot copy "${record.name}:${asked}": not a directory`);
  return path
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/(^|\/)\.$/, "");
}

function openExisting(root: string, path: string, flags: number, record: ContainerRecord, asked: string): number {
  try {
    return openInRoot(root, fsPath(path), flags);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new EngineError("not-found", `Could not find the file ${asked} in container ${record.name}`, {
        cause,
        hint: "check the path with 'berth exec' or 'berth diff'",
      });
    }
    throw new EngineError("invalid", `cannot copy "${record.name}:${asked}": ${message}`, { cause });
  }
}
