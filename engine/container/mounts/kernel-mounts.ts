/**
 * What may be mounted over the kernel's files: as runc has it, whatever the runtime. A directory in the place of /proc, or
 * of a part of it, makes what reads and writes there believe what an image or a volume says (CVE-2019-16884 and its kin).
 */
import { statfsSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { resolveInRoot } from "../../sys/in-root.ts";

/** Files that a host shows smaller than they are (lxcfs), and that checkpoints set. */
const allowed = new Set(
  [
    "cpuinfo",
    "diskstats",
    "loadavg",
    "meminfo",
    "slabinfo",
    "stat",
    "swaps",
    "uptime",
    "sys/kernel/ns_last_pid",
    "sys/crypto/fips_enabled",
  ].map((name) => `/proc/${name}`),
);
const procMagic = 0x9fa0;

/**
 * @param source host path of a bind
 * @throws EngineError `invalid` on or below /proc, with runc's exceptions
 */
export function checkKernelPlace(destination: string, source?: string): void {
  const why =
    destination === "/proc" && !isProc(source)
      ? "it is not of type proc"
      : destination.startsWith("/proc/") && !allowed.has(destination)
        ? "it is inside /proc"
        : undefined;
  if (why)
    throw new EngineError("invalid", `"${destination}" cannot be mounted because ${why}`, {
      exit: 125,
      hint: "the kernel's own files are not replaced: choose another place",
    });
}

function isProc(source: string | undefined): boolean {
  try {
    return source !== undefined && statfsSync(source).type === procMagic;
  } catch {
    return false;
  }
}

/** The same of where a destination leads in the container's root, by links of its image. Nothing runs in the root yet. */
export function checkWhereItLeads(rootfs: string, destination: string, source?: string): void {
  const place = resolveInRoot(rootfs, destination);
  if (place !== destination) checkKernelPlace(place, source);
}
