/**
 * A container's root file system as a directory for reading or writing from outside, whatever its state. Running: what
 * its processes see, less the kernel's own file systems. Otherwise: a union mounted for the moment, with the container's
 * mounts in it. Either stands in a mount namespace that nobody else sees. Paths inside must be resolved by openInRoot or
 * in a thread confined to the root, never by joining strings.
 */

import { closeSync, constants, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { MountPoint } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { mountOverlay, type OverlayMount } from "../../image/layers/index.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/index.ts";
import { removeTree } from "../../process/remove-tree.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { O_PATH } from "../../sys/files.ts";
import { makeDirectoryInRoot, openInRoot } from "../../sys/in-root.ts";
import { MS, mount, unmount } from "../../sys/libc.ts";
import { type MountView, openMountView } from "../../sys/mount-namespace.ts";
import { isAlive } from "../../sys/owner.ts";
import { randomHex } from "../../sys/random.ts";
import { hasOwnMount, mountVolume, releaseVolumes } from "../../volume/ensure.ts";
import { processOf } from "../process/index.ts";
import { type ContainerRecord, filesOf, findById, isRunning, lockContainer } from "../record/index.ts";
import { openSubpath } from "./subpath.ts";

export interface RootView extends AsyncDisposable {
  root: string;
}

/** Layers below a container's own, topmost first. @throws EngineError `corrupt` when the image is gone */
export async function lowersOf(ground: Ground, record: ContainerRecord): Promise<string[]> {
  const image = resolveImage(ground, record.image);
  if (!image) throw new EngineError("corrupt", `cannot read container "${record.name}": its image ${record.image} is not in the store`);
  return lowersOfImage(ground, image);
}

/** Layers of an image that is mounted into a container. @throws EngineError `not-found` when it is gone */
export async function lowersOfMount(ground: Ground, { Name = "", Source }: MountPoint): Promise<string[]> {
  const image = resolveImage(ground, Name);
  if (!image) throw new EngineError("not-found", `cannot mount the image "${Source}": it is gone`, { exit: 125 });
  return lowersOfImage(ground, image);
}

/** An image without layers (FROM scratch with nothing but a configuration) still needs a lower directory. */
export function lowersOfImage(ground: Ground, { lowerdirs }: ResolvedImage): string[] {
  if (lowerdirs.length > 0) return lowerdirs;
  const empty = join(ground.paths.layers, "empty");
  mkdirSync(empty, { recursive: true, mode: 0o755 });
  return [empty];
}

/** Removes overlayfs's mark of a volatile mount, which refuses the next one: a `--rm` container may lose what a crash cost. */
export function forgetVolatile(work: string): void {
  rmSync(join(work, "work", "incompat"), { recursive: true, force: true });
}

/**
 * The root as the container sees it, volumes and binds included.
 * @param write false mounts read-only, so that a container that starts meanwhile is not disturbed; true holds the
 *   container's lock until the view is disposed of
 */
export async function viewRoot(ground: Ground, record: ContainerRecord, options: { write: boolean }): Promise<RootView> {
  const own = isRunning(record) ? openRunningRoot(ground, record) : undefined;
  if (own) return own;
  if (!options.write) return mountView(ground, record, { mounts: true, write: false });
  const held = await lockContainer(ground, record.id);
  try {
    const current = findById(ground, record.id);
    if (!current) throw gone(record);
    if (isRunning(current)) {
      const running = openRunningRoot(ground, current);
      if (!running)
        throw new EngineError("conflict", `cannot write into container "${record.name}": it is just ending`, {
          hint: "run the command again",
        });
      held[Symbol.dispose]();
      return running;
    }
    const view = await mountView(ground, current, { mounts: true, write: true });
    return {
      root: view.root,
      [Symbol.asyncDispose]: async () => {
        await view[Symbol.asyncDispose]();
        held[Symbol.dispose]();
      },
    };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/**
 * A copy of a running container's mounts. Those of the kernel are taken out: what they show is not the container's to
 * keep, and links in a /proc that knows the host's processes lead to the host's root. Undefined when the process has ended.
 */
function openRunningRoot(ground: Ground, record: ContainerRecord): RootView | undefined {
  const found = processOf(ground, record);
  const namespace = found && openNamespace(found.pid);
  if (namespace === undefined) return undefined;
  try {
    // Held open first: by the number alone, another process could be meant.
    if (!isAlive(found!.pid, found!.start)) return undefined;
    return asyncView(
      openMountView(namespace, (mountinfo) => {
        hideKernel(mountinfo());
        return "/";
      }),
    );
  } finally {
    closeSync(namespace);
  }
}

function openNamespace(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/ns/mnt`, "r");
  } catch {
    return undefined;
  }
}

function asyncView(view: MountView, release: () => Promise<void> = async () => {}): RootView {
  return {
    root: view.root,
    async [Symbol.asyncDispose]() {
      view[Symbol.dispose]();
      await release();
    },
  };
}

/** What docker does not look into either: there it shows the image's empty directories. */
const kernelOwned = new Set(["/dev", "/proc", "/sys"]);

/** @param below takes out nothing but what is mounted there */
function hideKernel(mountinfo: string, below = ""): void {
  const mounts = mountinfo.split("\n").map((line) => ({
    // Field 5, with octal escapes for blanks and backslashes; the type follows the optional fields and a dash.
    target: (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    isProc: / - proc /.test(line),
  }));
  for (const { target, isProc } of mounts.toReversed())
    if (target.startsWith(`${below}/`) && (isProc || kernelOwned.has(target))) unmount(target);
}

/** The root without volumes: what belongs to the container itself, for export. */
export async function viewOwnRoot(ground: Ground, record: ContainerRecord): Promise<RootView> {
  if (isRunning(record)) return { root: filesOf(ground, record.id).merged, [Symbol.asyncDispose]: async () => {} };
  return mountView(ground, record, { mounts: false, write: false });
}

async function mountView(ground: Ground, record: ContainerRecord, options: { mounts: boolean; write: boolean }): Promise<RootView> {
  const name = `root-${record.id.slice(0, 12)}-${randomHex(8)}`;
  const directory = join(ground.paths.tmp, name);
  const lease = takeLease(ground, "temporary", name);
  const volumes = options.mounts ? ownMounts(ground, record) : [];
  const release = async () => {
    await removeTree(directory);
    await releaseVolumes(ground, volumes);
    lease.release();
  };
  try {
    const mounts = options.mounts ? await mountsOf(ground, record, directory) : [];
    const union = unionOf(ground, record, await lowersOf(ground, record), directory, options.write);
    if (options.write && record.host.AutoRemove) forgetVolatile(union.work!);
    for (const volume of volumes) await mountVolume(ground, volume);
    mkdirSync(directory, { mode: 0o700 });
    const view = openMountView(undefined, (mountinfo) => {
      mountOverlay(union);
      if (!findById(ground, record.id)) throw gone(record);
      if (options.mounts) {
        for (const { lower, Source } of mounts) if (lower) mountOverlay({ lower, merged: Source });
        bindMounts(union.merged, record, mounts);
      }
      hideKernel(mountinfo(), union.merged);
      return union.merged;
    });
    return asyncView(view, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** A container's mounts, those above others first; images among them are to be mounted at their source. */
async function mountsOf(ground: Ground, { mounts }: ContainerRecord, directory: string): Promise<(MountPoint & { lower?: string[] })[]> {
  const depth = ({ Destination }: MountPoint) => Destination.split("/").length;
  const ordered = mounts.toSorted((a, b) => depth(a) - depth(b));
  return Promise.all(
    ordered.map(async (each, at) =>
      each.Type === "image" ? { ...each, Source: join(directory, `image${at}`), lower: await lowersOfMount(ground, each) } : each,
    ),
  );
}

/** Volumes that show nothing until they are mounted. */
function ownMounts(ground: Ground, { mounts }: ContainerRecord): string[] {
  return mounts.flatMap(({ Type, Name = "" }) => (Type === "volume" && hasOwnMount(ground, Name) ? [Name] : []));
}

/** For reading, what the view itself must make, such as mount points, goes into a layer that is thrown away. */
function unionOf(ground: Ground, record: ContainerRecord, lowers: string[], directory: string, write: boolean): OverlayMount {
  const { upper, work } = filesOf(ground, record.id);
  const merged = join(directory, "root");
  if (write) return { lower: lowers, upper, work, merged };
  // A container that never started has no upper directory, and looking at one makes nothing: it may be going away.
  const own = existsSync(upper) ? [upper] : [];
  return { lower: [...own, ...lowers], upper: join(directory, "upper"), work: join(directory, "work"), merged };
}

/** Another command has removed it meanwhile. */
function gone({ name }: ContainerRecord): EngineError {
  return new EngineError("not-found", `No such container: ${name}`);
}

/** The container's working directory and its mounts, as a start makes them. */
function bindMounts(root: string, { config }: ContainerRecord, mounts: readonly MountPoint[]): void {
  makeIfPossible(() => makeDirectoryInRoot(root, config.WorkingDir || "/", 0o755));
  for (const each of mounts) bindInto(root, each);
}

/** Shows a volume or a bind where the container has it. */
function bindInto(root: string, { Type, Source, Destination, RW, Subpath }: MountPoint): void {
  if (Type === "tmpfs" || !existsSync(Source)) return;
  const part = Subpath ? openSubpath(Source, Subpath) : undefined;
  try {
    const source = part === undefined ? Source : `/proc/self/fd/${part}`;
    makeIfPossible(() => makeMountPoint(root, Destination, statSync(source).isDirectory()));
    const target = openInRoot(root, Destination, O_PATH);
    try {
      mount(source, `/proc/self/fd/${target}`, "", MS.BIND | MS.REC);
    } finally {
      closeSync(target);
    }
    if (!RW) remountReadOnly(root, Destination);
  } finally {
    if (part !== undefined) closeSync(part);
  }
}

function makeMountPoint(root: string, path: string, directory: boolean): void {
  makeDirectoryInRoot(root, directory ? path : path.replace(/[^/]*$/, ""), 0o755);
  if (!directory) closeSync(openInRoot(root, path, constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW, 0o644));
}

/** What stands in the way of a mount point says so when something is mounted on it. */
function makeIfPossible(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!["EEXIST", "ENOTDIR", "EISDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** A bind takes its flags only by a remount, through a descriptor of what is mounted now. */
function remountReadOnly(root: string, destination: string): void {
  const mounted = openInRoot(root, destination, O_PATH | constants.O_NOFOLLOW);
  try {
    mount("", `/proc/self/fd/${mounted}`, "", MS.REMOUNT | MS.BIND | MS.RDONLY);
  } finally {
    closeSync(mounted);
  }
}
