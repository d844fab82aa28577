/** What root is allowed to do here: inside a container or a restricted service, parts of root's power are missing. */
import { readFileSync } from "node:fs";
import { type Check, error, type Finding, ok, warning } from "../check.ts";

/** Bits of <linux/capability.h>, and what is lost without each. */
const table: readonly { bit: number; name: string; needed: boolean; lost: string }[] = [
  { bit: 0, name: "CAP_CHOWN", needed: true, lost: "images cannot be unpacked" },
  { bit: 1, name: "CAP_DAC_OVERRIDE", needed: true, lost: "other users' files cannot be reached" },
  { bit: 12, name: "CAP_NET_ADMIN", needed: true, lost: "networks cannot be made" },
  { bit: 18, name: "CAP_SYS_CHROOT", needed: true, lost: "layers cannot be unpacked safely" },
  { bit: 21, name: "CAP_SYS_ADMIN", needed: true, lost: "nothing can be mounted, and no namespace made" },
  { bit: 23, name: "CAP_SYS_NICE", needed: false, lost: "priorities and CPU sets may be refused" },
  { bit: 24, name: "CAP_SYS_RESOURCE", needed: false, lost: "limits (--ulimit, --oom-score-adj) cannot exceed this process's own" },
  { bit: 27, name: "CAP_MKNOD", needed: false, lost: "device files in images and --device are refused" },
  { bit: 31, name: "CAP_SETFCAP", needed: false, lost: "files with capabilities in images lose them" },
];

/** Judges a capability mask as /proc/PID/status prints it (hexadecimal). Pure. */
export function judgeCapabilities(effective: string): Finding {
  const mask = BigInt(`0x${effective}`);
  const missing = table.filter(({ bit }) => ((mask >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0) return ok("all that containers may need");
  const detail = missing.map(({ name, lost }) => `no ${name}: ${lost}`).join("; ");
  const names = missing.map(({ name }) => name.replace("CAP_", "")).join(",");
  const remedy = `run on the host itself, or give the surrounding container or service ${names} (docker: --cap-add, systemd: CapabilityBoundingSet=)`;
  return missing.some(({ needed }) => needed) ? error(detail, remedy) : warning(detail, remedy);
}

export const capabilities: Check = {
  name: "capabilities",
  run: () => judgeCapabilities(/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"),
};
