/**
 * A container's control group: `/berth/ID`, or below the parent that `--cgroup-parent` names. The latter stands in a file of the
 * bundle, so that whoever takes back what a container left finds the group by the id alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfig } from "../../docker.ts";
import type { Ground } from "../../state/ground.ts";
import { filesOf } from "../record/index.ts";

/** For the functions of runtime/cgroup.ts. */
export function groupOf(ground: Ground, id: string): string {
  try {
    return readFileSync(filesOf(ground, id).group, "utf8");
  } catch {
    return id;
  }
}

/** The group of a container about to start; noted if it is not the usual one. A parent never leads out of the mount point. */
export function chooseGroup(ground: Ground, id: string, { CgroupParent }: HostConfig): string {
  if (!CgroupParent) return id;
  const group = join("/", CgroupParent, id);
  writeFileSync(filesOf(ground, id).group, group, { mode: 0o600 });
  return group;
}
