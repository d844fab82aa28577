/** The kernel's version and the host's architecture. */
import { release } from "node:os";
import { type Check, error, type Finding, ok } from "../check.ts";

/** openat2(2), which confines lookups to a container's root, came with 5.6; volatile overlay mounts with 5.10. */
const oldest = [5, 10] as const;

/** Judges a release string such as "6.1.0-18-amd64". Pure. */
export function judgeKernel(version: string, arch: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number.parseFloat);
  const isRecent = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  const detail = `Linux ${version} on ${arch}`;
  return isRecent ? ok(detail) : error(`${detail}: older than ${oldest.join(".")}`, `boot a kernel of at least ${oldest.join(".")}`);
}

export const kernel: Check = { name: "kernel", run: () => judgeKernel(release(), process.arch) };
