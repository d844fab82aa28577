/** The host room: what this kernel and this machine can do, and what berth uses of them. The interface only. */

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
}

export interface VersionInfo {
  Version: string;
  ApiVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
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
  doctor(): Promise<DoctorCheck[]>;
  info(): Promise<SystemInfo>;
  version(): Promise<VersionInfo>;
  df(): Promise<DiskUsageRow[]>;
}
