/** WORKDIR: makes the directory; the ones it has to make belong to the stage's user. */
import type { StepReport } from "../progress.ts";
import { resolveOwner } from "./owner.ts";
import { ensureDirectory } from "./rootfs-path.ts";

/** @param path absolute, inside `root` @param user the image's USER, "" for root */
export function makeWorkdir(root: string, path: string, user: string, report: StepReport): void {
  ensureDirectory(root, path, user === "" ? undefined : resolveOwner(root, user, report));
}
