/**
 * The two files that docker puts into every container besides the mounted ones: programs look for /.dockerenv to learn
 * that they run in a container, and old ones read /etc/mtab. Neither counts as a change of the container's.
 */
import { closeSync, constants, symlinkSync } from "node:fs";
import { O_PATH } from "../../sys/files.ts";
import { openInRoot } from "../../sys/in-root.ts";

/** Where /etc/mtab leads. */
export const mountsLink = "/proc/mounts";

/** @param rootfs a mounted root that can be written to; what the image has there stays */
export function makeInitFiles(rootfs: string): void {
  unlessThere(() => closeSync(openInRoot(rootfs, "/.dockerenv", constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o755)));
  unlessThere(() => {
    const etc = openInRoot(rootfs, "/etc", constants.O_DIRECTORY | O_PATH);
    try {
      symlinkSync(mountsLink, `/proc/self/fd/${etc}/mtab`);
    } finally {
      closeSync(etc);
    }
  });
}

/** An image need not have an /etc, and a second start finds what the first one made. */
function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!["EEXIST", "ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
