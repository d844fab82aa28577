/** The door of the volumes room for the rooms above it: a volume that exists, and image content copied into a new one. */
import type { House } from "../house.ts";
import type { VolumeInspect } from "./index.ts";

export interface VolumeRequest {
  /** Absent or "": a new anonymous volume. */
  name?: string;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

/**
 * The named volume, made when it does not exist; without a name, a new anonymous one.
 * @throws EngineError `invalid` (name, options)
 */
export async function ensureVolume(house: House, request: VolumeRequest): Promise<VolumeInspect> {
  const { createVolume } = await import("./create.ts");
  const { name, labels, options } = request;
  return createVolume(house, { ...(name && { Name: name }), ...(labels && { Labels: labels }), ...(options && { DriverOpts: options }) });
}

/**
 * Copies image content into a volume when the volume is empty: docker's "copy-up". Ownership, modes, times, links,
 * devices and extended attributes are kept; the volume's directory itself gets the source's owner and mode.
 * @param source directory inside the container's root file system (absolute host path, resolved by the caller inside the rootfs)
 * @param target the volume's data directory
 * @returns false when the target was not empty or the source is not a directory
 */
export async function copyUp(source: string, target: string): Promise<boolean> {
  return (await import("./copy-up.ts")).copyUpInto(source, target);
}

/**
 * Makes a volume's data usable and returns its directory: mounts what the options ask for. To be called at every start
 * of a container, as mounts do not survive a reboot. Idempotent.
 * @throws EngineError `not-found`, `system` with mount's own words
 */
export async function mountVolume(house: House, name: string): Promise<string> {
  return (await import("./mount.ts")).mountNamedVolume(house, name);
}

/** Unmounts those of the volumes that no running container uses any more: after a container's end. Idempotent. */
export async function releaseVolumes(house: House, names: readonly string[]): Promise<void> {
  return (await import("./mount.ts")).unmountIdle(house, names);
}
