/** What a RUN leaves on the host beside its files, and how to take it away: the container, the network, the cgroup. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { MS, mount as mountFilesystem, unmount } from "../../sys/libc.ts";

/** The bundle is written before anything else of a RUN is made: without it there is nothing to undo. */
export function bundleOf(directory: string): string {
  return join(directory, "bundle");
}

/** Ends a RUN's process if it lives and takes its network back. Idempotent. @param directory the step's workspace */
export async function removeRun(ground: Ground, id: string, directory: string): Promise<void> {
  if (!existsSync(bundleOf(directory))) return;
  const { deleteRuntimeContainer } = await import("../../runtime/direct.ts");
  await deleteRuntimeContainer(ground, id);
  const { detachNetwork } = await import("../../network/attachment.ts");
  await detachNetwork(ground, id);
  unmount(bundleOf(directory));
}

/** The bundle is kept in memory, and with it the runtime's state: nothing of it reaches a disk. */
export function keepBundleInMemory(bundle: string): void {
  mountFilesystem("tmpfs", bundle, "tmpfs", MS.NOSUID | MS.NODEV, "mode=0700,size=16m");
}
