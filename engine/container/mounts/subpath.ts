/**
 * `volume-subpath` and `type=image`: part of a volume instead of all of it, and an image's files. Other containers may change the volume while one starts, so
 * the part is resolved once, by the kernel and inside the volume, and held by a mount of its own that the runtime binds.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { mountOverlay } from "../../image/layers/index.ts";
import type { Ground } from "../../state/ground.ts";
import { O_PATH } from "../../sys/files.ts";
import { openInRoot } from "../../sys/in-root.ts";
import { MS, mount, unmountBelow } from "../../sys/libc.ts";
import { filesOf } from "../record/index.ts";

/** A descriptor of the part. @throws EngineError `invalid` when there is none */
export function openSubpath(data: string, subpath: string): number {
  try {
    return openInRoot(data, subpath, O_PATH);
  } catch (cause) {
    throw new EngineError("invalid", `cannot access path "${subpath}" in what is mounted: ${(cause as Error).message}`, {
      cause,
      exit: 125,
    });
  }
}

/** @returns the host path of the part; `releaseSubpaths` takes it back */
export function bindSubpath(ground: Ground, id: string, data: string, subpath: string): string {
  const fd = openSubpath(data, subpath);
  try {
    const target = newPlace(ground, id);
    if (fstatSync(fd).isDirectory()) mkdirSync(target);
    else writeFileSync(target, "");
    mount(`/proc/self/fd/${fd}`, target, "", MS.BIND | MS.REC);
    return target;
  } finally {
    closeSync(fd);
  }
}

/** Shows an image's files, or a part of them. @returns the host path; `releaseSubpaths` takes it back */
export function bindImage(ground: Ground, id: string, lower: string[], subpath?: string): string {
  const merged = newPlace(ground, id);
  mountOverlay({ lower, merged });
  return subpath ? bindSubpath(ground, id, merged, subpath) : merged;
}

function newPlace(ground: Ground, id: string): string {
  const { subpaths } = filesOf(ground, id);
  mkdirSync(subpaths, { recursive: true, mode: 0o700 });
  return join(subpaths, String(readdirSync(subpaths).length));
}

/** Idempotent. */
export function releaseSubpaths(ground: Ground, id: string): void {
  const { subpaths } = filesOf(ground, id);
  if (!existsSync(subpaths)) return;
  unmountBelow(subpaths);
  rmSync(subpaths, { recursive: true });
}
