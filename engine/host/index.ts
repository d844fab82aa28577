/** The host room: what this kernel and this host can do, and what berth uses of them. The interface only. */

import type { Credentials, Filters } from "../docker.ts";
import type { LoginResult, SearchResult } from "../registry/types.ts";

/** One line of `berth doctor`. */
export interface DoctorCheck {
  /** "runtime", "cgroup", "overlay", "nft", "conmon", "dns", "capabilities", "seccomp", … */
  name: string;
  status: "ok" | "warning" | "error";
  /** What was found, in one line. */
  detail: string;
  /** The exact command or step that mends it; set whenever the status is not "ok". */
  remedy?: string;
}

export interface SystemInfo {
  ID: string;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  CgroupDriver: string;
  CgroupVersion: string;
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  Name: string;
  ServerVersion: string;
  DefaultRuntime: string;
  DockerRootDir: string;
  SecurityOptions: string[];
  Warnings: string[];
  /** What docker's has beyond these: what the kernel's groups can limit, and features that berth has or has not. */
  DriverStatus: [string, string][];
  Plugins: { Volume: string[]; Network: string[]; Authorization: null; Log: string[] };
  MemoryLimit: boolean;
  SwapLimit: boolean;
  CpuCfsPeriod: boolean;
  CpuCfsQuota: boolean;
  CPUShares: boolean;
  CPUSet: boolean;
  PidsLimit: boolean;
  OomKillDisable: boolean;
  IPv4Forwarding: boolean;
  Debug: boolean;
  /** RFC 3339 */
  SystemTime: string;
  LoggingDriver: string;
  OSVersion: string;
  IndexServerAddress: string;
  HttpProxy: string;
  HttpsProxy: string;
  NoProxy: string;
  Labels: string[];
  ExperimentalBuild: boolean;
  Runtimes: Record<string, { path: string }>;
  Swarm: { NodeID: string; NodeAddr: string; LocalNodeState: "inactive"; ControlAvailable: false; Error: string; RemoteManagers: null };
  LiveRestoreEnabled: boolean;
  Isolation: string;
  InitBinary: string;
}

export interface VersionInfo {
  Version: string;
  ApiVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
  /** Oldest version of the API whose shapes still fit. */
  MinAPIVersion: string;
  Components: { Name: string; Version: string; Details?: Record<string, string> }[];
}

export interface DiskUsageRow {
  Type: "Images" | "Containers" | "Local Volumes" | "Build Cache";
  TotalCount: number;
  Active: number;
  /** Bytes. */
  Size: number;
  Reclaimable: number;
}

export interface System {
  /** What keeps this engine from recording, or from reading what it recorded, in lines for the user; costs no look at the disk. */
  troubles(): Promise<string[]>;
  /**
   * Waits until nobody holds the name, and holds it until it is disposed of or the process ends, however it ends. Who shares it:
   * every process that uses this engine, as far as the host can tell; this one at least.
   */
  exclusive(name: string, signal?: AbortSignal): Promise<Disposable>;
  /** True when nobody holds the name just now. False says nothing: where that cannot be told without waiting, somebody may. */
  isFree(name: string): Promise<boolean>;
  /** What a command has left here for the next one under a name: undefined at any time. */
  note(name: string): Promise<string | undefined>;
  /** Leaves it, private; for what can be done without. */
  keepNote(name: string, text: string): Promise<void>;
  doctor(): Promise<DoctorCheck[]>;
  /** Makes the database anew where it is lost, from what lies on disk; says what it found and what it could not. */
  repair(): Promise<DoctorCheck[]>;
  info(): Promise<SystemInfo>;
  version(): Promise<VersionInfo>;
  df(): Promise<DiskUsageRow[]>;
  /**
   * Tries credentials at a registry and keeps them where docker does.
   * @param server host[:port] or URL; "" for Docker Hub
   * @param options.keep default true; else they are tried alone
   * @throws EngineError `registry-auth` when they are not accepted, `registry`, `invalid`, `system`
   */
  login(server: string, credentials: Credentials, signal?: AbortSignal, options?: { keep?: boolean }): Promise<LoginResult>;
  /** Forgets a registry's credentials; fine when there are none. @returns the registry's name in docker's configuration */
  logout(server: string): Promise<{ Server: string }>;
  /**
   * Asks a registry's index: Docker Hub's, or that of the registry that the term begins with.
   * @param options.limit 1-100; 0 for 25
   * @throws EngineError `invalid`, `registry`, `registry-auth`, `unsupported` by a registry without an index
   */
  search(
    term: string,
    options?: { limit?: number; filters?: Filters; credentials?: Credentials | null; signal?: AbortSignal },
  ): Promise<SearchResult[]>;
}

export type { LoginResult, SearchResult } from "../registry/types.ts";
