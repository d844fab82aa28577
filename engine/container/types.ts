/**
 * The plain data of containers. Field names and shapes are those of the Docker Engine API v1.47 (ContainerCreate,
 * ContainerInspect, ContainerSummary), because scripts live on `{{.State.Running}}` and a compatible API comes later.
 * Durations in Healthcheck are nanoseconds, memory is bytes, CPUs are NanoCpus, times are RFC 3339 with nanoseconds.
 */
import type { Readable, Writable } from "node:stream";
import type { ContainerConfig, EndpointSettings, Filters, HostConfig, MountPoint, PortBinding } from "../docker.ts";

export type {
  ContainerConfig,
  DeviceMapping,
  EndpointSettings,
  Filters,
  HealthcheckConfig,
  HostConfig,
  Mount,
  MountPoint,
  PortBinding,
  ThrottleDevice,
  Ulimit,
  WeightDevice,
} from "../docker.ts";

/** What `create` takes: docker's ContainerCreate body plus the name, the pull policy and the platform. */
export interface ContainerCreate extends ContainerConfig {
  Name?: string;
  HostConfig?: HostConfig;
  NetworkingConfig?: { EndpointsConfig?: Record<string, EndpointSettings> };
  /** "os/arch[/variant]" */
  Platform?: string;
  Pull?: "always" | "missing" | "never";
  /** Names of annotations that may steer the OCI runtime ("run.oci.…"); others of the kind are refused. */
  AllowAnnotations?: string[];
  /** A file that shall not exist yet, and gets the id; what HostConfig.ContainerIDFile says is told, and no more. */
  IdFile?: string;
  /** Without what this host's policies ask of images, if they permit that. */
  NoVerify?: boolean;
}

export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

export interface HealthState {
  Status: "none" | "starting" | "healthy" | "unhealthy";
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[];
}

export interface ContainerState {
  Status: ContainerStatus;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  OOMKilled: boolean;
  Dead: boolean;
  Pid: number;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
  Health?: HealthState;
}

/** What a path inside a container is (Engine API, ContainerArchiveInfo). */
export interface PathStat {
  name: string;
  size: number;
  /** st_mode of stat(2). */
  mode: number;
  /** RFC 3339. */
  mtime: string;
  /** Where a symbolic link leads in the end, as a path inside the container; "" for anything else. */
  linkTarget: string;
}

export interface ContainerInspect {
  Id: string;
  Created: string;
  Path: string;
  Args: string[];
  State: ContainerState;
  Image: string;
  ResolvConfPath: string;
  HostnamePath: string;
  HostsPath: string;
  LogPath: string;
  /** "/name", as docker writes it. */
  Name: string;
  RestartCount: number;
  Driver: string;
  Platform: string;
  ExecIDs: string[] | null;
  HostConfig: HostConfig;
  GraphDriver: { Name: string; Data: Record<string, string> };
  /** Bytes; only when asked for with `size`. */
  SizeRw?: number;
  SizeRootFs?: number;
  Mounts: MountPoint[];
  /** No volumes are null, as docker writes it. */
  Config: Omit<ContainerConfig, "Volumes"> & { Volumes?: Record<string, object> | null };
  NetworkSettings: {
    SandboxID: string;
    EndpointID?: string;
    SandboxKey: string;
    Ports: Record<string, PortBinding[] | null>;
    Gateway: string;
    IPAddress: string;
    IPPrefixLen: number;
    MacAddress: string;
    Networks: Record<string, EndpointSettings>;
  };
}

export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: "tcp" | "udp" | "sctp";
}

export interface ContainerSummary {
  Id: string;
  /** With the leading "/", as docker's API. */
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Seconds since the epoch. */
  Created: number;
  Ports: PortSummary[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: ContainerStatus;
  /** "Up 3 minutes (healthy)", "Exited (0) 2 hours ago". */
  Status: string;
  /** Not docker's: RFC 3339 time of the last start, so that a live list can count on without asking again. */
  StartedAt?: string;
  /** The same of the last end. */
  FinishedAt?: string;
  /** Not docker's either: how often its policy has started it again since somebody did; absent when it has not. */
  RestartCount?: number;
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> };
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  Mounts: MountPoint[];
}

/**
 * The one way to be interactive. The shell passes its real TTY, the TUI a pane, the REPL an ExpectTerminal, a test a
 * fake. Bytes, not text: nothing decodes on the way.
 */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** Raw bytes the user types. */
  readonly input: Readable;
  readonly output: Writable;
  /** Calls back after each change of size; returns the unsubscriber. */
  onResize(listener: () => void): () => void;
  /** Raw mode on or off; a pane needs nothing. */
  setRaw(raw: boolean): void;
  /** Calls back with each key as it is pressed, Ctrl-C too; lines that are written are as ever. Returns the unsubscriber. */
  onKey?(listener: (key: string) => void): () => void;
  /** There is another way to leave a session than its detach keys: those need not be held back from the program. */
  readonly hasWayOut?: boolean;
  /**
   * It has a screen of its own: what was logged lately comes first, so that it shows at once what the program shows, in the
   * modes that the program has set. Called before; the returned function when the present begins.
   */
  recall?(): () => void;
}

/** Where an attached process reads and writes. `terminal` set means a TTY session; else plain streams. */
export interface Streams {
  terminal?: Terminal;
  stdin?: Readable;
  stdout: Writable;
  stderr: Writable;
  /** Writes in turn with those two, without making a stream of them; resolves when the system has taken it. */
  put?(to: "stdout" | "stderr", data: Uint8Array): Promise<void>;
  /** True when stdin/stdout/stderr are this process's own descriptors 0, 1, 2, so that a child may inherit them. */
  inherit?: boolean;
}

export interface AttachOptions {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  /** Docker's notation: "ctrl-p,ctrl-q". */
  detachKeys?: string;
  /** Waits for the next start of a container that does not run, and misses nothing of that run; without, that is `not-running`. */
  ahead?: boolean;
  /** What was logged before is shown first. */
  past?: boolean;
  /** Called when it is attached, or waits for the start: nothing that is written from now on is missed. */
  onAttached?: () => void;
  /** Proxy received signals to the process; default true. */
  sigProxy?: boolean;
  /**
   * Signals that the face received ("SIGINT", "SIGTERM", "SIGHUP", …), for the process while `sigProxy` holds; returns the
   * unsubscriber. While somebody listens the face does not act on them itself.
   */
  onSignal?: (listener: (signal: string) => void) => () => void;
  signal?: AbortSignal;
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

/** How an attached session ended. */
export interface SessionEnd {
  /** The user typed the detach keys: the process goes on. */
  detached: boolean;
  /** Exit status of the process when it ended: 0-255, 128+n for a signal. */
  exitCode?: number;
}

export interface ExecConfig {
  Cmd: string[];
  User?: string;
  WorkingDir?: string;
  Env?: string[];
  Tty?: boolean;
  Privileged?: boolean;
  AttachStdin?: boolean;
  /** Noted for `inspect`; default true. What is shown is the caller's business. */
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  Detach?: boolean;
  DetachKeys?: string;
}

/** How an exec that was made by id begins. */
export interface ExecStart {
  /** Default: its output goes nowhere. */
  streams?: Streams;
  /** Resolves when the process has started; how it ends, `inspect` tells. */
  detach?: boolean;
  /** Of its terminal at the start; default that of `streams.terminal`, else 80 columns, 24 rows. */
  size?: { columns: number; rows: number };
  /** Sends the process SIGTERM. */
  signal?: AbortSignal;
}

/** Engine API, "Inspect an exec instance". */
export interface ExecInspect {
  ID: string;
  ContainerID: string;
  Running: boolean;
  /** null until it has ended; 126, 127 when it could not be executed, was not found. */
  ExitCode: number | null;
  /** On the host; 0 before there is one. */
  Pid: number;
  OpenStdin: boolean;
  OpenStdout: boolean;
  OpenStderr: boolean;
  CanRemove: boolean;
  DetachKeys: string;
  ProcessConfig: { entrypoint: string; arguments: string[]; tty: boolean; privileged: boolean; user: string };
}

export interface ListOptions {
  all?: boolean;
  /** Only the newest n, running or not. */
  last?: number;
  size?: boolean;
  filters?: Filters;
}

export type { LogEntry, LogsOptions } from "./log-types.ts";

export interface StatsOptions {
  /** A list of samples again and again instead of one. */
  stream?: boolean;
  /** Milliseconds between two of them; default 1000. */
  every?: number;
  /** Stopped containers too, with zeros. */
  all?: boolean;
  /** All that the kernel counts. */
  detail?: boolean;
  signal?: AbortSignal;
}

export interface StatsSample {
  ID: string;
  Name: string;
  /** RFC 3339 */
  read: string;
  cpu: {
    /** nanoseconds, total */ usage: number /** nanoseconds of all host CPUs */;
    system: number;
    online: number /** of one CPU, since the previous sample */;
    percent: number;
  };
  /** Bytes. */
  memory: { usage: number; limit: number; percent: number };
  pids: { current: number; limit?: number };
  blkio: { read: number; write: number };
  network: { rx: number; tx: number };
  /** When it was asked for. */
  detail?: StatsDetail;
}

/** The rest of what the kernel counts. Nanoseconds and bytes. */
export interface StatsDetail {
  /** `perCpu` with control groups v1 alone. */
  cpu: { user: number; kernel: number; perCpu?: number[]; periods: number; throttled: number; throttledTime: number };
  /** `usage` with the page cache; the kernel's counters by its names. */
  memory: { usage: number; max?: number; failures?: number; stats: Record<string, number> };
  /** By device, in the kernel's words. */
  blocks: { major: number; minor: number; op: string; value: number }[];
  /** By interface, but for the loopback. */
  interfaces: Record<string, InterfaceCounters>;
}

/** docker's names. */
export interface InterfaceCounters {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
}

export interface CopyToOptions {
  /** Everything belongs to the container's user. */
  archive?: boolean;
  /** A file takes the place of a directory with all that is in it, and the other way; else neither does. */
  replace?: boolean;
}

export interface ProcessTable {
  Titles: string[];
  Processes: string[][];
}

/** docker diff: 0 modified, 1 added, 2 deleted. */
export interface FilesystemChange {
  Kind: 0 | 1 | 2;
  Path: string;
}

export type UpdateConfig = Pick<
  HostConfig,
  | "CpuShares"
  | "Memory"
  | "NanoCpus"
  | "CpuPeriod"
  | "CpuQuota"
  | "CpuRealtimePeriod"
  | "CpuRealtimeRuntime"
  | "CpusetCpus"
  | "CpusetMems"
  | "MemoryReservation"
  | "MemorySwap"
  | "BlkioWeight"
  | "PidsLimit"
  | "RestartPolicy"
>;
