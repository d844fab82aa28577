/** The mounts of a container's configuration: what docker mounts by default, and the user's. Pure. */
import type { OciMount } from "./oci.ts";
import type { SpecInput } from "./spec.ts";

/** Bytes: docker's default for /dev/shm. */
export const defaultShm = 64 * 1024 * 1024;

/** In docker's order; user mounts come after, so that they can cover these. */
export function defaultMounts({ host }: Pick<SpecInput, "host">): OciMount[] {
  const quiet = ["nosuid", "noexec", "nodev"];
  const access = host.Privileged ? "rw" : "ro";
  return [
    { destination: "/proc", type: "proc", source: "proc", options: quiet },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...quiet, access] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [access, ...quiet] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: quiet },
  ];
}

/** /dev/shm, unless the container shares another's or the host's. */
export function shmMount(size: number | undefined): OciMount {
  return {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${size || defaultShm}`],
  };
}

/**
 * A mount below another must come after it; at equal depth the order given stays.
 * @returns mounts without those that a later one replaces at the same place
 */
export function orderMounts(base: readonly OciMount[], user: readonly OciMount[]): OciMount[] {
  const covered = new Set(user.map(({ destination }) => destination));
  // A user's /dev takes the place of the default one with all that lies in it, as in docker.
  const kept = base.filter(({ destination }) => !covered.has(destination) && !(covered.has("/dev") && destination.startsWith("/dev/")));
  const depth = ({ destination }: OciMount) => (destination === "/" ? 0 : destination.split("/").length);
  return [...kept, ...user.toSorted((a, b) => depth(a) - depth(b))];
}

/** "rw,size=64m,noexec" of --tmpfs: docker's defaults, then the user's words. */
export function tmpfsMount(destination: string, options = ""): OciMount {
  const given = options.split(",").filter(Boolean);
  const opposites: Record<string, string> = { exec: "noexec", suid: "nosuid", dev: "nodev", rw: "ro" };
  const defaults = ["noexec", "nosuid", "nodev"].filter((word) => !given.some((each) => opposites[each] === word || each === word));
  return { destination, type: "tmpfs", source: "tmpfs", options: [...defaults, ...given] };
}
