/**
 * A container's root file system as a directory for reading or writing from outside, whatever its state. Running: its
 * own view through /proc/PID/root, volumes included. Otherwise: a union mounted for the moment, with the volumes bound
 * into it. Paths inside must be resolved by openInRoot or in a thread confined to the root, never by joining strings.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { mountOverlay } from "../image/overlay.ts";
import type { ResolvedImage } from "../image/types.ts";
import { takeLease } from "../state/leases.ts";
import { isAlive } from "../state/owner.ts";
import { O_PATH } from "../sys/files.ts";
import { openInRoot } from "../sys/in-root.ts";
import { MS, mount, unmount } from "../sys/libc.ts";
import { processOf } from "./process.ts";
import { type ContainerRecord, filesOf, findById, isRunning, lockContainer } from "./record.ts";
import { openSubpath } from "./subpath.ts";

export interface RootView extends AsyncDisposable {
  root: string;
}

/** Layers below a container's own, topmost first. @throws EngineError `corrupt` when the image is gone */
export async function lowersOf(house: House, record: ContainerRecord): Promise<string[]> {
  const image = await house.images.resolve(record.image);
  if (!image) throw new EngineError("corrupt", `cannot read container "${record.name}": its image ${record.image} is not in the store`);
  return lowersOfImage(house, image);
}

/** An image without layers (FROM scratch with nothing but a configuration) still needs a lower directory. */
export function lowersOfImage(house: House, { lowerdirs }: ResolvedImage): string[] {
  if (lowerdirs.length > 0) return lowerdirs;
  const empty = join(house.paths.layers, "empty");
  mkdirSync(empty, { recursive: true, mode: 0o755 });
  return [empty];
}

/**
 * The root as the container sees it, volumes and binds included.
 * @param write false mounts read-only, so that a container that starts meanwhile is not disturbed; true holds the
 *   container's lock until the view is disposed of
 */
export async function viewRoot(house: House, record: ContainerRecord, options: { write: boolean }): Promise<RootView> {
  const own = isRunning(record) ? openRunningRoot(house, record) : undefined;
  if (own) return own;
  if (!options.write) return mountView(house, record, true, false);
  const held = await lockContainer(house, record.id);
  try {
    const current = findById(house, record.id);
    if (!current) throw gone(record);
    if (isRunning(current)) {
      const running = openRunningRoot(house, current);
      if (!running)
        throw new EngineError("conflict", `cannot write into container "${record.name}": it is just ending`, {
          hint: "run the command again",
        });
      held[Symbol.dispose]();
      return running;
    }
    const view = await mountView(house, record, true, true);
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
 * The root of a running container's first process, held open: by its path alone, another process with the same number
 * could be meant later, and with it the host's root. Undefined when the process has ended.
 */
function openRunningRoot(house: House, record: ContainerRecord): RootView | undefined {
  const found = processOf(house, record);
  if (!found) return undefined;
  let fd: number;
  try {
    fd = openSync(`/proc/${found.pid}/root`, O_PATH | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
  if (isAlive(found.pid, found.start)) return { root: `/proc/self/fd/${fd}`, [Symbol.asyncDispose]: async () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}

/** The root without volumes: what belongs to the container itself, for export. */
export async function viewOwnRoot(house: House, record: ContainerRecord): Promise<RootView> {
  if (isRunning(record)) return { root: filesOf(house, record.id).merged, [Symbol.asyncDispose]: async () => {} };
  return mountView(house, record, false, false);
}

async function mountView(house: House, record: ContainerRecord, withMounts: boolean, write: boolean): Promise<RootView> {
  const name = `root-${record.id.slice(0, 12)}-${process.pid}-${performance.now().toString(36).replace(".", "")}`;
  const directory = join(house.paths.tmp, name);
  const { upper, work } = filesOf(house, record.id);
  const lowers = await lowersOf(house, record);
  const lease = takeLease(house, "temporary", name);
  const release = async () => {
    unmount(directory);
    await rm(directory, { recursive: true, force: true });
    lease.release();
  };
  try {
    await mkdir(directory, { mode: 0o700 });
    // A container that never started has no upper directory, and looking at one makes nothing: it may be going away.
    const own = existsSync(upper) ? [upper] : [];
    mountOverlay(write ? { lower: lowers, upper, work, merged: directory } : { lower: [...own, ...lowers], merged: directory });
    if (!findById(house, record.id)) throw gone(record);
    if (withMounts) for (const each of record.mounts) bindInto(directory, each);
    return { root: directory, [Symbol.asyncDispose]: release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Another command has removed it meanwhile. */
function gone({ name }: ContainerRecord): EngineError {
  return new EngineError("not-found", `No such container: ${name}`);
}

/** Binds a volume where the container has it; a mount point that does not exist yet shows nothing. */
function bindInto(root: string, { Type, Source, Destination, RW, Subpath }: ContainerRecord["mounts"][number]): void {
  if (Type === "tmpfs") return;
  let target: number;
  try {
    target = openInRoot(root, Destination, O_PATH);
  } catch {
    return;
  }
  const part = Subpath ? openSubpath(Source, Subpath) : undefined;
  try {
    const path = `/proc/self/fd/${target}`;
    mount(part === undefined ? Source : `/proc/self/fd/${part}`, path, "", MS.BIND | MS.REC);
    if (!RW) remountReadOnly(root, Destination);
  } finally {
    if (part !== undefined) closeSync(part);
    closeSync(target);
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
