/** Facts about this host and this process that decide what a container can be given. Read once per process. */
import { existsSync, readFileSync } from "node:fs";
import { arch, release } from "node:os";
import { capabilityNames } from "../linux-capabilities.ts";
import { hasX32 } from "../sys/abi.ts";
import { cgroupVersion } from "./cgroup.ts";

export interface HostFacts {
  cgroup: "v1" | "v2";
  /** Capabilities this process may give away (its bounding and permitted sets), "CAP_CHOWN". */
  capabilities: readonly string[];
  /** Hard limits of this process by OCI name, "RLIMIT_NOFILE"; Infinity for unlimited. */
  hardLimits: Readonly<Record<string, number>>;
  /** Go's name of the architecture: "amd64". */
  architecture: string;
  /** "6.1" → [6, 1] */
  kernel: readonly [number, number];
  /** The kernel can filter system calls. */
  seccomp: boolean;
  /** The memory controller counts swap too. */
  swapLimit: boolean;
  /** The kernel runs programs of the x32 ABI. */
  x32: boolean;
  /** This process's own: without CAP_SYS_RESOURCE its children cannot go below it. */
  oomScoreAdj?: number;
}

let facts: HostFacts | undefined;

export function hostFacts(): HostFacts {
  facts ??= readFacts();
  return facts;
}

function readFacts(): HostFacts {
  const status = readFileSync("/proc/self/status", "latin1");
  const cgroup = cgroupVersion();
  const [major = 0, minor = 0] = release().split(/[.-]/).map(Number);
  return {
    cgroup,
    capabilities: parseCapabilities(status),
    hardLimits: parseLimits(readFileSync("/proc/self/limits", "latin1")),
    architecture: goArchitecture(arch()),
    kernel: [major, minor],
    seccomp: /^Seccomp:/m.test(status),
    oomScoreAdj: Number(readFileSync("/proc/self/oom_score_adj", "latin1")),
    x32: arch() === "x64" && hasX32(),
    swapLimit: cgroup === "v2" || existsSync("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
  };
}

/** Names of the bits set in both CapBnd and CapPrm of a /proc/PID/status. */
function parseCapabilities(status: string): string[] {
  const bits = (field: string) => BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
  const both = bits("CapBnd") & bits("CapPrm");
  return capabilityNames.filter((_, at) => both & (1n << BigInt(at)));
}

const limitNames: Record<string, string> = {
  "Max cpu time": "CPU",
  "Max file size": "FSIZE",
  "Max data size": "DATA",
  "Max stack size": "STACK",
  "Max core file size": "CORE",
  "Max resident set": "RSS",
  "Max processes": "NPROC",
  "Max open files": "NOFILE",
  "Max locked memory": "MEMLOCK",
  "Max address space": "AS",
  "Max file locks": "LOCKS",
  "Max pending signals": "SIGPENDING",
  "Max msgqueue size": "MSGQUEUE",
  "Max nice priority": "NICE",
  "Max realtime priority": "RTPRIO",
  "Max realtime timeout": "RTTIME",
};

/** Hard limits out of /proc/PID/limits. */
function parseLimits(text: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [, name = "", hard] = /^(Max [a-z ]+?)\s{2,}\S+\s+(\S+)/.exec(line) ?? [];
    const known = limitNames[name];
    if (known) limits[`RLIMIT_${known}`] = hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  }
  return limits;
}

function goArchitecture(name: string): string {
  return { x64: "amd64", ia32: "386", arm64: "arm64" }[name] ?? name;
}
