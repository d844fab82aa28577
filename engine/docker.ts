/**
 * The shapes of Docker's Engine API v1.47 that several rooms speak: containers, images, networks and volumes name each
 * other in them. What one room alone shows is in its own types.ts. Durations in Healthcheck are nanoseconds, memory is
 * bytes, CPUs are NanoCpus.
 */

export interface HealthcheckConfig {
  /** [] inherit, ["NONE"] off, ["CMD", …], ["CMD-SHELL", "command"]. */
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

export interface ContainerConfig {
  Hostname?: string;
  Domainname?: string;
  User?: string;
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  /** "80/tcp" → {}. */
  ExposedPorts?: Record<string, object>;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  Env?: string[];
  Cmd?: string[] | null;
  Healthcheck?: HealthcheckConfig;
  ArgsEscaped?: boolean;
  Image: string;
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  Entrypoint?: string[] | null;
  OnBuild?: string[] | null;
  Labels?: Record<string, string>;
  StopSignal?: string;
  /** Seconds. */
  StopTimeout?: number;
  Shell?: string[];
}

export interface PortBinding {
  HostIp: string;
  /** "8080", "8080-8090", or "" for any free port. */
  HostPort: string;
}

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

/** `Rate` in bytes or operations per second. */
export type ThrottleDevice = { Path: string; Rate: number };
/** Weight: 10-1000 */
export type WeightDevice = { Path: string; Weight: number };

export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

export interface HostConfig {
  /** "SRC:DST[:OPTIONS]" with an absolute source path or a volume name. */
  Binds?: string[];
  ContainerIDFile?: string;
  LogConfig?: { Type: string; Config: Record<string, string> };
  /** "bridge", "none", "host", "container:ID", a network's name or id; "default" is bridge. */
  NetworkMode?: string;
  PortBindings?: Record<string, PortBinding[]>;
  RestartPolicy?: { Name: "no" | "on-failure" | "always" | "unless-stopped"; MaximumRetryCount: number };
  AutoRemove?: boolean;
  VolumesFrom?: string[];
  CapAdd?: string[];
  CapDrop?: string[];
  CgroupnsMode?: "host" | "private" | "";
  Dns?: string[];
  DnsOptions?: string[];
  DnsSearch?: string[];
  ExtraHosts?: string[];
  /** "CONTAINER:ALIAS", of the default network; inspect shows "/NAME:/OWN/ALIAS". */
  Links?: string[];
  GroupAdd?: string[];
  IpcMode?: string;
  OomScoreAdj?: number;
  PidMode?: string;
  Privileged?: boolean;
  PublishAllPorts?: boolean;
  ReadonlyRootfs?: boolean;
  SecurityOpt?: string[];
  Tmpfs?: Record<string, string>;
  /** Height and width of the terminal that a process starts with. */
  ConsoleSize?: [number, number];
  UTSMode?: string;
  UsernsMode?: string;
  ShmSize?: number;
  Sysctls?: Record<string, string>;
  Runtime?: string;
  Annotations?: Record<string, string>;
  Mounts?: Mount[];
  Init?: boolean;
  CpuShares?: number;
  Memory?: number;
  NanoCpus?: number;
  CpuPeriod?: number;
  CpuQuota?: number;
  /** Microseconds. */
  CpuRealtimePeriod?: number;
  /** Microseconds. */
  CpuRealtimeRuntime?: number;
  /** The control group in which the container's own lies, from the mount point. */
  CgroupParent?: string;
  BlkioWeight?: number;
  BlkioWeightDevice?: WeightDevice[];
  BlkioDeviceReadBps?: ThrottleDevice[];
  BlkioDeviceWriteBps?: ThrottleDevice[];
  BlkioDeviceReadIOps?: ThrottleDevice[];
  BlkioDeviceWriteIOps?: ThrottleDevice[];
  CpusetCpus?: string;
  CpusetMems?: string;
  Devices?: DeviceMapping[];
  DeviceCgroupRules?: string[];
  MemoryReservation?: number;
  MemorySwap?: number;
  MemorySwappiness?: number;
  OomKillDisable?: boolean;
  PidsLimit?: number;
  Ulimits?: Ulimit[];
  MaskedPaths?: string[];
  ReadonlyPaths?: string[];
}

export interface EndpointSettings {
  IPAMConfig?: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] };
  Links?: string[];
  Aliases?: string[];
  MacAddress?: string;
  NetworkID?: string;
  EndpointID?: string;
  Gateway?: string;
  IPAddress?: string;
  IPPrefixLen?: number;
  IPv6Gateway?: string;
  GlobalIPv6Address?: string;
  GlobalIPv6PrefixLen?: number;
  DriverOpts?: Record<string, string> | null;
  DNSNames?: string[] | null;
  /** The network with the greatest provides the way out. */
  GwPriority?: number;
}

/** What a client shows a registry. */
export interface Credentials {
  username: string;
  password: string;
  /** An OAuth2 refresh token, in place of the password. */
  identityToken?: string;
  /** A Bearer token for the registry itself, in place of all that. */
  registryToken?: string;
}

/** Docker's `--filter key=value`, several values of one key are OR-ed. */
export type Filters = Record<string, string[]>;

export interface Mount {
  Type: "bind" | "volume" | "tmpfs" | "image";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    CreateMountpoint?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  ImageOptions?: { Subpath?: string };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number; Options?: string[][] };
}

export interface MountPoint {
  Type: "bind" | "volume" | "tmpfs" | "image";
  /** Of a volume; the id of an image. */
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
  /** Not docker's: the part of the volume or image that is mounted, relative to its root. */
  Subpath?: string;
}
