/** The door of the volumes room for the rooms above it: a volume that exists, and image content copied into a new one. */
import type { Ground } from "../state/ground.ts";
import type { VolumeInspect } from "./index.ts";
import { dataOf, volumeByName } from "./records.ts";

export { hasOwnMount } from "./records.ts";

export interface VolumeRequest {
  /** Absent or "": a new one. */
  name?: string;
  /** It goes with the container it is made for. Default: when it has no name. */
  anonymous?: boolean;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

/**
 * The named volume, made when it does not exist; without a name, a new anonymous one.
 * @throws EngineError `invalid` (name, options)
 */
export async function ensureVolume(ground: Ground, request: VolumeRequest): Promise<VolumeInspect> {
  const { createVolume } = await import("./create.ts");
  const { name, anonymous, labels, options } = request;
  const asked = { ...(name && { Name: name }), ...(labels && { Labels: labels }), ...(options && { DriverOpts: options }) };
  return createVolume(ground, asked, { anonymous });
}

/** 256 random bits in hexadecimal, as docker names anonymous volumes. */
export const newVolumeName = (): string => process.getBuiltinModule("node:crypto").randomBytes(32).toString("hex");

/** Where the data of the volume of this name lies, or will. */
export const volumeDirectory = dataOf;

export interface CopyUp {
  volume: string;
  /** Directory of a root file system that nothing runs in: an absolute host path without links. */
  source: string;
  /** Id of the container that the volume is filled for. */
  container: string;
  /** Copies a directory's content and attributes into another that somebody else may be changing. */
  copyConfined: (source: string, target: string) => Promise<void>;
}

/**
 * Copies image content into a volume when the volume is empty: docker's "copy-up". Ownership, modes, times, links,
 * devices and extended attributes are kept; the volume's directory itself gets the source's owner and mode.
 * @returns false when the volume was not empty, another container runs with it, or the source is not a directory
 */
export async function copyUp(ground: Ground, request: CopyUp): Promise<boolean> {
  return (await import("./copy-up.ts")).copyUpInto(ground, request);
}

/**
 * Makes a volume's data usable and returns its directory: mounts what the options ask for. To be called at every start
 * of a container, as mounts do not survive a reboot. Idempotent.
 * @throws EngineError `not-found`, `system` with mount's own words
 */
export async function mountVolume(ground: Ground, name: string): Promise<string> {
  return (await import("./mount.ts")).mountNamedVolume(ground, name);
}

/** Unmounts those of the volumes that no running container uses any more: after a container's end. Idempotent. */
export async function releaseVolumes(ground: Ground, names: readonly string[]): Promise<void> {
  return (await import("./mount.ts")).unmountIdle(ground, names);
}

/** Removes those of the volumes that are anonymous and that no other container mounts (--volumes-from). Idempotent. */
export async function removeAnonymousVolumes(ground: Ground, names: readonly string[]): Promise<void> {
  const { removeVolume } = await import("./remove.ts");
  for (const name of names.filter((each) => volumeByName(ground, each)?.anonymous)) {
    await removeVolume(ground, name).catch((error: { code?: string }) => {
      if (error.code !== "in-use" && error.code !== "not-found") throw error;
    });
  }
}
