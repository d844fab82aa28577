/** The bodies of requests about containers (Engine API, "Create a container", "Update a container", "Create an exec instance"). */
import { anything, boolean, list, map, number, object, type Shape, set, string, unsigned, words } from "./shapes.ts";

/** Members of which it matters alone whether there is something in them. */
const unread = <M extends object>(members: M) =>
  Object.fromEntries(Object.keys(members).map((name) => [name, anything])) as Record<keyof M, Shape<unknown>>;

const throttle = list(object({ Path: string, Rate: unsigned }));

const healthcheck = object({
  Test: list(string),
  Interval: number,
  Timeout: number,
  StartPeriod: number,
  StartInterval: number,
  Retries: number,
});

export const config = {
  Hostname: string,
  Domainname: string,
  User: string,
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ExposedPorts: set,
  Tty: boolean,
  OpenStdin: boolean,
  StdinOnce: boolean,
  Env: list(string),
  Cmd: words,
  Healthcheck: healthcheck,
  ArgsEscaped: boolean,
  Image: string,
  Volumes: set,
  WorkingDir: string,
  Entrypoint: words,
  OnBuild: list(string),
  Labels: map(string),
  StopSignal: string,
  StopTimeout: number,
  Shell: list(string),
  MacAddress: string,
  NetworkDisabled: boolean,
};

const mount = object({
  Type: string,
  Source: string,
  Target: string,
  ReadOnly: boolean,
  Consistency: string,
  BindOptions: object({
    Propagation: string,
    NonRecursive: boolean,
    CreateMountpoint: boolean,
    ReadOnlyNonRecursive: boolean,
    ReadOnlyForceRecursive: boolean,
  }),
  VolumeOptions: object({
    NoCopy: boolean,
    Labels: map(string),
    Subpath: string,
    DriverConfig: object({ Name: string, Options: map(string) }),
  }),
  ImageOptions: object({ Subpath: string }),
  TmpfsOptions: object({ SizeBytes: number, Mode: number, Options: list(list(string)) }),
  ClusterOptions: anything,
});

const portBindings: Shape<Record<string, { HostIp?: string; HostPort?: string }[]>> = map(
  list(object({ HostIp: string, HostPort: string })),
);

/** What can be changed later, too. */
const resources = {
  CpuShares: number,
  Memory: number,
  NanoCpus: number,
  CpuPeriod: number,
  CpuQuota: number,
  CpuRealtimePeriod: number,
  CpuRealtimeRuntime: number,
  CpusetCpus: string,
  CpusetMems: string,
  MemoryReservation: number,
  MemorySwap: number,
  BlkioWeight: unsigned,
  PidsLimit: number,
  RestartPolicy: object({ Name: string, MaximumRetryCount: number }),
};

/** Of a container that there is, docker changes these, too; berth has no way to. */
export const fixedLimits = {
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
} as const satisfies Record<string, readonly unknown[]>;

export const update = object({ ...resources, ...unread(fixedLimits) });

/** Members that docker's daemon passes over on Linux, too. */
export const unheededHostMembers: readonly string[] = ["Cgroup", "CpuCount", "CpuPercent"];

/** Members that berth has no capability for, each with what docker means by "not used". */
export const refusedHostMembers: Record<string, readonly unknown[]> = {
  VolumeDriver: ["", "local"],
  StorageOpt: [],
  DeviceRequests: [],
  Isolation: ["", "default"],
  IOMaximumIOps: [0],
  IOMaximumBandwidth: [0],
  Capabilities: [],
  KernelMemoryTCP: [0],
};

export const hostConfig = object({
  ...resources,
  Binds: list(string),
  ContainerIDFile: string,
  LogConfig: object({ Type: string, Config: map(string) }),
  NetworkMode: string,
  PortBindings: portBindings,
  AutoRemove: boolean,
  VolumesFrom: list(string),
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: string,
  Dns: list(string),
  DnsOptions: list(string),
  DnsSearch: list(string),
  ExtraHosts: list(string),
  Links: list(string),
  GroupAdd: list(string),
  IpcMode: string,
  OomScoreAdj: number,
  PidMode: string,
  Privileged: boolean,
  PublishAllPorts: boolean,
  ReadonlyRootfs: boolean,
  SecurityOpt: list(string),
  Tmpfs: map(string),
  ConsoleSize: list(number),
  UTSMode: string,
  UsernsMode: string,
  ShmSize: number,
  Sysctls: map(string),
  Runtime: string,
  Annotations: map(string),
  Mounts: list(mount),
  Init: boolean,
  CgroupParent: string,
  BlkioWeightDevice: list(object({ Path: string, Weight: unsigned })),
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  Devices: list(object({ PathOnHost: string, PathInContainer: string, CgroupPermissions: string })),
  DeviceCgroupRules: list(string),
  MemorySwappiness: number,
  OomKillDisable: boolean,
  Ulimits: list(object({ Name: string, Soft: number, Hard: number })),
  MaskedPaths: list(string),
  ReadonlyPaths: list(string),
  ...Object.fromEntries(unheededHostMembers.map((name) => [name, anything])),
  ...unread(refusedHostMembers),
});

export const endpoint = object({
  IPAMConfig: object({ IPv4Address: string, IPv6Address: string, LinkLocalIPs: list(string) }),
  Links: list(string),
  Aliases: list(string),
  MacAddress: string,
  DriverOpts: map(string),
  GwPriority: number,
});

export const create = object({ ...config, HostConfig: hostConfig, NetworkingConfig: object({ EndpointsConfig: map(endpoint) }) });

export const execCreate = object({
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ConsoleSize: list(number),
  DetachKeys: string,
  Tty: boolean,
  Env: list(string),
  Cmd: list(string),
  Privileged: boolean,
  User: string,
  WorkingDir: string,
});

export const execStart = object({ Detach: boolean, Tty: boolean, ConsoleSize: list(number) });
