/** `berth info`: counts and facts, in docker's shape. */

import { readFileSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem } from "node:os";
import { basename } from "node:path";
import type { Containers } from "../container/index.ts";
import { findInit } from "../container/mounts/index.ts";
import { EngineError } from "../errors.ts";
import { imageUsage } from "../image/store/index.ts";
import { findProgram } from "../process/spawn.ts";
import { cgroupVersion } from "../runtime/cgroup.ts";
import { hostFacts } from "../runtime/host-facts.ts";
import type { Ground } from "../state/ground.ts";
import { readCgroups } from "./checks/cgroup.ts";
import type { SystemInfo } from "./index.ts";
import { operatingSystem, operatingSystemVersion, runtimeVersion } from "./operating-system.ts";

export async function systemInfo(ground: Ground, rooms: { containers: Pick<Containers, "list"> }): Promise<SystemInfo> {
  const containers = await rooms.containers.list({ all: true });
  const count = (...states: string[]) => containers.filter(({ State }) => states.includes(State)).length;
  const { name } = await runtimeVersion(ground);
  return {
    ID: installationId(ground),
    Containers: containers.length,
    ContainersRunning: count("running"),
    ContainersPaused: count("paused"),
    ContainersStopped: containers.length - count("running", "paused"),
    Images: imageUsage(ground).count,
    Driver: "overlay",
    CgroupDriver: "cgroupfs",
    CgroupVersion: cgroupVersion() === "v2" ? "2" : "1",
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSType: "linux",
    Architecture: { x64: "x86_64", arm64: "aarch64" }[arch() as string] ?? arch(),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    Name: hostname(),
    ServerVersion: ground.options.version ?? "",
    DefaultRuntime: name,
    DockerRootDir: ground.paths.root,
    SecurityOptions: securityOptions(),
    Warnings: warnings(),
    ...abilities(),
    ...settings(),
    Runtimes: runtimes(),
  };
}

function securityOptions(): string[] {
  const { seccomp, cgroup } = hostFacts();
  return [...(seccomp ? ["name=seccomp,profile=builtin"] : []), ...(cgroup === "v2" ? ["name=cgroupns"] : [])];
}

/** What containers can be limited in on this kernel. */
function abilities() {
  const { swapLimit } = hostFacts();
  const { controllers, mode } = readCgroups();
  const has = (name: string) => controllers.includes(name);
  return {
    MemoryLimit: has("memory"),
    SwapLimit: swapLimit,
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    OomKillDisable: has("memory") && mode !== "v2",
    IPv4Forwarding: isForwarding(),
  };
}

function isForwarding(): boolean {
  try {
    return readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim() === "1";
  } catch {
    return false;
  }
}

/** How berth itself is set up; docker's members for what it has not are empty. */
function settings() {
  const env = (name: string) => process.env[name] ?? process.env[name.toLowerCase()] ?? "";
  const Swarm = { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "", RemoteManagers: null } as const;
  return {
    DriverStatus: [] as [string, string][],
    Plugins: { Volume: ["local"], Network: ["bridge", "host", "null"], Authorization: null, Log: ["k8s-file", "none"] },
    Debug: false,
    SystemTime: new Date().toISOString(),
    LoggingDriver: "k8s-file",
    OSVersion: operatingSystemVersion(),
    IndexServerAddress: "https://index.docker.io/v1/",
    HttpProxy: env("HTTP_PROXY"),
    HttpsProxy: env("HTTPS_PROXY"),
    NoProxy: env("NO_PROXY"),
    Labels: [],
    ExperimentalBuild: false,
    Swarm,
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: basename(findInit() ?? ""),
  };
}

function runtimes(): Record<string, { path: string }> {
  const found = ["crun", "runc"].map((name) => [name, findProgram(name)] as const);
  return Object.fromEntries(found.flatMap(([name, path]) => (path ? [[name, { path }]] : [])));
}

/** One id for the life of a state directory. */
function installationId(ground: Ground): string {
  const id = process.getBuiltinModule("node:crypto").randomUUID();
  ground.db.insert("meta", { key: "installation", value: id }, "OR IGNORE");
  const row = ground.db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'installation'");
  if (!row) throw new EngineError("state", "cannot read the installation's id from the state database");
  return row.value;
}

function warnings(): string[] {
  const { swapLimit, seccomp } = hostFacts();
  return [...(swapLimit ? [] : ["No swap limit support"]), ...(seccomp ? [] : ["No seccomp support: containers run unconfined"])];
}
