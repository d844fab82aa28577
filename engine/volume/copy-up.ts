/**
 * Copy-up: what the image has at a volume's mount point becomes the content of a new volume. Nothing walks a directory
 * that a container can reach: the content is copied into a fresh one, which then takes the volume's place by one rename.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import { removeTree } from "../process/remove-tree.ts";
import { findProgram, runProcess } from "../process/spawn.ts";
import type { Ground } from "../state/ground.ts";
import { takeLease } from "../state/leases.ts";
import { lock } from "../state/locks.ts";
import type { CopyUp } from "./ensure.ts";
import { mountNamedVolume } from "./mount.ts";
import { hasOwnMount, isInUse } from "./records.ts";

/** See ensure.ts. */
export async function copyUpInto(ground: Ground, request: CopyUp): Promise<boolean> {
  const { volume, source, container, copyConfined } = request;
  if (!lstatSync(source, { throwIfNoEntry: false })?.isDirectory()) return false;
  using _ = await lock(ground, lockOf(volume));
  const data = await mountNamedVolume(ground, volume);
  if (readdirSync(data).length > 0 || isInUse(ground, volume, container)) return false;
  if (!hasOwnMount(ground, volume)) return copyFresh(ground, request, data);
  // A mount cannot be replaced by a rename, and others may reach what it shows: a directory of the host, an export.
  await copyConfined(source, data);
  return true;
}

/** Volumes share 4096 lock files: names are users' text, and the files are never unlinked. */
function lockOf(volume: string): string {
  return `volume-${process.getBuiltinModule("node:crypto").hash("sha256", volume).slice(0, 3)}`;
}

async function copyFresh(ground: Ground, { volume, source, container }: CopyUp, data: string): Promise<boolean> {
  const name = `volume-${process.getBuiltinModule("node:crypto").randomBytes(8).toString("hex")}`;
  using _ = takeLease(ground, "temporary", name);
  const directory = join(ground.paths.tmp, name);
  const fresh = join(directory, "_data");
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o700 });
    await copyAll(source, fresh, volume);
    // A start takes its lease before it mounts: with the database held, none can come between the look and the rename.
    return ground.db.transaction(() => !isInUse(ground, volume, container) && takePlace(fresh, data));
  } finally {
    await removeTree(directory);
  }
}

/** Neither side changes: nothing runs in the source, nobody else reaches the target. cp keeps all there is, and shares blocks where it can. */
async function copyAll(source: string, target: string, volume: string): Promise<void> {
  const program = findProgram("cp");
  if (!program) throw new EngineError("system", 'cannot find the program "cp"', { hint: "install coreutils" });
  const { status, stderr } = await runProcess(program, ["-a", "--", `${source}/.`, `${target}/`]);
  if (status === 0) return;
  const kind = stderr.includes("No space left") ? "no-space" : "system";
  throw new EngineError(kind, `cannot copy "${source}" into the volume "${volume}": ${stderr.trim()}`);
}

/** rename(2) replaces a directory only while it is empty. */
function takePlace(fresh: string, data: string): boolean {
  try {
    renameSync(fresh, data);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
