/**
 * Where a container's mounts end up. A runtime follows links on the way to a mount's destination, in the root and in what
 * it has mounted there before. Those of the root are the image's; those of a volume belong to whoever has it mounted, who
 * could lead a mount below it onto /proc or /dev, so that masked files show and the runtime believes what others wrote
 * there (CVE-2019-16884, CVE-2025-31133, -52565 and -52881 need such a place). So the links are followed here first; and
 * where they may be changed meanwhile, the runtime has it looked at once more, after its mounts and before all else.
 */
import { realpathSync } from "node:fs";
import { movedStatus } from "../../runtime/failure.ts";
import type { Runtime } from "../../runtime/index.ts";
import { followLinks } from "../../sys/follow-links.ts";
import { linkInRoot } from "../../sys/in-root.ts";
import { systemError } from "../../sys/libc.ts";
import { checkKernelPlace } from "./kernel-mounts.ts";
import type { OciMount, OciSpec } from "./oci.ts";

export interface Place {
  mount: OciMount;
  /** In the container, its links followed. */
  path: string;
  /** The way leads through a tree that others may change at any moment. */
  isShared: boolean;
}

const ELOOP = 40;
const maxLinks = 40;

/** @param mounts in the order in which they are mounted. @throws the system error ELOOP */
export function placesOf(rootfs: string, mounts: readonly OciMount[]): Place[] {
  const places: Place[] = [];
  for (const mount of mounts) places.push(placeOf(rootfs, mount, places));
  return places;
}

function placeOf(rootfs: string, mount: OciMount, before: readonly Place[]): Place {
  let isShared = false;
  const read = (parts: readonly string[]) => {
    const path = `/${parts.join("/")}`;
    const over = before.findLast((each) => path === each.path || path.startsWith(`${each.path}/`));
    if (!over) return linkInRoot(rootfs, path);
    if (path === over.path || over.mount.type !== "bind") return undefined;
    isShared = true;
    return linkInRoot(over.mount.source!, path.slice(over.path.length));
  };
  const tooMany = () => systemError(ELOOP, "mount", mount.destination);
  return { mount, path: `/${followLinks(mount.destination, { read, limit: maxLinks, tooMany }).join("/")}`, isShared };
}

/** Fails unless each argument is a mount point of this process's. The shell's own words alone, as there may be no more. */
const lookAgain = `for place do
  while read -r _ _ _ _ at _; do [ "$at" = "$place" ] && continue 2; done </proc/self/mountinfo
  exit ${movedStatus}
done`;

/**
 * @param runtime an unknown one may run hooks elsewhere: it gets none
 * @returns the configuration: no links on the way to mounts (crun makes no mount point where one dangles), and a hook that
 *   looks at them where that is needed
 * @throws EngineError `invalid` for what leads onto the kernel's files
 */
export function checkPlaces(spec: OciSpec, { kind }: Pick<Runtime, "kind">): OciSpec {
  const places = placesOf(spec.root.path, spec.mounts);
  const mounts = places.map(({ mount, path }) => (isOwn(mount) ? mount : { ...mount, destination: path }));
  for (const mount of mounts) if (!isOwn(mount)) checkKernelPlace(mount.destination, mount);
  const shared = places.filter(({ isShared }) => isShared);
  if (shared.length === 0 || kind === "other") return { ...spec, mounts };
  const root = realpathSync(spec.root.path);
  const expected = shared.map(({ path }) => escaped(root + path));
  return { ...spec, mounts, hooks: { createContainer: [{ path: "/bin/sh", args: ["sh", "-c", lookAgain, "sh", ...expected] }] } };
}

/** The kernel's file systems are not the user's to place, and runtimes know them by their destinations. */
const isOwn = ({ type }: OciMount) => type !== "bind" && type !== "tmpfs";

/** As the kernel writes a path in mountinfo, proc(5). */
function escaped(path: string): string {
  return path.replace(/[ \t\n\\]/g, (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
