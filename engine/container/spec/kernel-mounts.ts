/**
 * What may be mounted over the kernel's files: as runc has it, whatever the runtime. A directory in the place of /proc, or
 * of a part of it, makes what reads and writes there believe what an image or a volume says (CVE-2019-16884 and its kin).
 * So does one in the place of /dev, whose null hides other files (CVE-2025-31133).
 */
import { statfsSync, statSync } from "node:fs";
import { EngineError } from "../../errors.ts";

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

/** What is mounted: a bind's source is a host path. */
export interface Mounted {
  type?: string;
  source?: string;
}

/** @throws EngineError `invalid` on or below /proc, with runc's exceptions, and on /dev for what does not hold devices */
export function checkKernelPlace(destination: string, mounted: Mounted): void {
  const why = objection(destination, mounted);
  if (why)
    throw new EngineError("invalid", `"${destination}" cannot be mounted because ${why}`, {
      exit: 125,
      hint: "the kernel's own files are not replaced: choose another place",
    });
}

function objection(destination: string, { type, source }: Mounted): string | undefined {
  const bound = type === "bind" ? source : undefined;
  if (destination === "/proc" && !isProc(bound)) return "it is not of type proc";
  if (destination.startsWith("/proc/") && !allowed.has(destination)) return "it is inside /proc";
  // runc masks with the /dev/null that it finds there; a new tmpfs has only what the runtime makes.
  if (destination === "/dev" && type !== "tmpfs" && !isOfDevices(bound)) return "it is not the host's /dev";
  return undefined;
}

function isProc(source: string | undefined): boolean {
  try {
    return source !== undefined && statfsSync(source).type === procMagic;
  } catch {
    return false;
  }
}

function isOfDevices(source: string | undefined): boolean {
  const found = source === undefined ? undefined : statSync(source, { throwIfNoEntry: false });
  return found !== undefined && found.dev === statSync("/dev").dev;
}
