/**
 * docker's structures (API 1.51) as templates see them: the fields of each in their order, under their Go names, with the
 * kind of value that stands there when JSON leaves the field out. Data only; go-shape.ts reads it.
 *
 * A field is its name, its name in JSON where that is another word ("AuxAddress|AuxiliaryAddresses"), and a mark: none text, `#` number, `?` boolean, `@` time, `~` duration in nanoseconds, `!` anything,
 * `=Type` structure, `^Type` embedded structure, whose fields are this one's too; before these, `*` pointer, `[]` list,
 * `{}` map.
 */

const endpoint =
  "IPAMConfig*=EndpointIPAMConfig Links[] Aliases[] MacAddress DriverOpts{} GwPriority# NetworkID EndpointID Gateway IPAddress IPPrefixLen# IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen# DNSNames[]";

export const goTypes = {
  ContainerJSONBase:
    "ID Created Path Args[] State*=State Image ResolvConfPath HostnamePath HostsPath LogPath Name RestartCount# Driver Platform MountLabel ProcessLabel AppArmorProfile ExecIDs[] HostConfig*=HostConfig GraphDriver=DriverData SizeRw*# SizeRootFs*#",
  Container:
    "ContainerJSONBase^ContainerJSONBase Mounts[]=MountPoint Config*=Config NetworkSettings*=NetworkSettings ImageManifestDescriptor*=Descriptor",
  State: "Status Running? Paused? Restarting? OOMKilled? Dead? Pid# ExitCode# Error StartedAt FinishedAt Health*=Health",
  Health: "Status FailingStreak# Log[]=HealthcheckResult",
  HealthcheckResult: "Start@ End@ ExitCode# Output",
  DriverData: "Data{} Name",
  MountPoint: "Type Name Source Destination Driver Mode RW? Propagation",
  Config:
    "Hostname Domainname User AttachStdin? AttachStdout? AttachStderr? ExposedPorts{}!  Tty? OpenStdin? StdinOnce? Env[] Cmd[] Healthcheck*=Healthcheck ArgsEscaped? Image Volumes{}! WorkingDir Entrypoint[] NetworkDisabled? MacAddress OnBuild[] Labels{} StopSignal StopTimeout*# Shell[]",
  Healthcheck: "Test[] Interval~ Timeout~ StartPeriod~ StartInterval~ Retries#",
  HostConfig:
    "Binds[] ContainerIDFile LogConfig=LogConfig NetworkMode PortBindings{}[]=PortBinding RestartPolicy=RestartPolicy AutoRemove? VolumeDriver VolumesFrom[] ConsoleSize[]# Annotations{} CapAdd[] CapDrop[] CgroupnsMode DNS[] DNSOptions[] DNSSearch[] ExtraHosts[] GroupAdd[] IpcMode Cgroup Links[] OomScoreAdj# PidMode Privileged? PublishAllPorts? ReadonlyRootfs? SecurityOpt[] StorageOpt{} Tmpfs{} UTSMode UsernsMode ShmSize# Sysctls{} Runtime Isolation Resources^Resources Mounts[]=Mount MaskedPaths[] ReadonlyPaths[] Init*?",
  Resources:
    "CPUShares# Memory# NanoCPUs# CgroupParent BlkioWeight# BlkioWeightDevice[]=WeightDevice BlkioDeviceReadBps[]=ThrottleDevice BlkioDeviceWriteBps[]=ThrottleDevice BlkioDeviceReadIOps[]=ThrottleDevice BlkioDeviceWriteIOps[]=ThrottleDevice CPUPeriod# CPUQuota# CPURealtimePeriod# CPURealtimeRuntime# CpusetCpus CpusetMems Devices[]=DeviceMapping DeviceCgroupRules[] DeviceRequests[]=DeviceRequest KernelMemory# KernelMemoryTCP# MemoryReservation# MemorySwap# MemorySwappiness*# OomKillDisable*? PidsLimit*# Ulimits[]=Ulimit CPUCount# CPUPercent# IOMaximumIOps# IOMaximumBandwidth#",
  LogConfig: "Type Config{}",
  RestartPolicy: "Name MaximumRetryCount#",
  PortBinding: "HostIP HostPort",
  WeightDevice: "Path Weight#",
  ThrottleDevice: "Path Rate#",
  DeviceMapping: "PathOnHost PathInContainer CgroupPermissions",
  DeviceRequest: "Driver Count# DeviceIDs[] Capabilities[][] Options{}",
  Ulimit: "Name Hard# Soft#",
  Mount:
    "Type Source Target ReadOnly? Consistency BindOptions*=BindOptions VolumeOptions*=VolumeOptions ImageOptions*=ImageOptions TmpfsOptions*=TmpfsOptions ClusterOptions*!",
  BindOptions: "Propagation NonRecursive? CreateMountpoint? ReadOnlyNonRecursive? ReadOnlyForceRecursive?",
  VolumeOptions: "NoCopy? Labels{} Subpath DriverConfig*=VolumeDriver",
  VolumeDriver: "Name Options{}",
  ImageOptions: "Subpath",
  TmpfsOptions: "SizeBytes# Mode# Options[][]",
  NetworkSettings: "NetworkSettingsBase^NetworkSettingsBase DefaultNetworkSettings^DefaultNetworkSettings Networks{}*=EndpointSettings",
  NetworkSettingsBase:
    "Bridge SandboxID SandboxKey Ports{}[]=PortBinding HairpinMode? LinkLocalIPv6Address LinkLocalIPv6PrefixLen# SecondaryIPAddresses[]=Address SecondaryIPv6Addresses[]=Address",
  DefaultNetworkSettings: "EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen# IPAddress IPPrefixLen# IPv6Gateway MacAddress",
  Address: "Addr PrefixLen#",
  EndpointSettings: endpoint,
  EndpointIPAMConfig: "IPv4Address IPv6Address LinkLocalIPs[]",
  Descriptor: "MediaType Digest Size# URLs[] Annotations{} Data[]# Platform*=Platform ArtifactType",
  Platform: "Architecture OS OSVersion|os.version OSFeatures|os.features[] Variant",

  Image:
    "ID RepoTags[] RepoDigests[] Parent Comment Created Container ContainerConfig*=Config DockerVersion Author Config*=DockerImageConfig Architecture Variant Os OsVersion Size# VirtualSize# GraphDriver=DriverData RootFS=RootFS Metadata=Metadata Descriptor*=Descriptor Manifests[]=ManifestSummary",
  DockerImageConfig: "ImageConfig^ImageConfig DockerOCIImageConfigExt^DockerOCIImageConfigExt",
  ImageConfig: "User ExposedPorts{}! Env[] Entrypoint[] Cmd[] Volumes{}! WorkingDir Labels{} StopSignal ArgsEscaped?",
  DockerOCIImageConfigExt: "Healthcheck*=Healthcheck OnBuild[] Shell[]",
  ManifestSummary:
    "ID Descriptor=Descriptor Available? Size=ManifestSize Kind ImageData*=ImageProperties AttestationData*=AttestationProperties",
  ManifestSize: "Content# Total#",
  ImageProperties: "Platform=Platform Size=UnpackedSize Containers[]",
  UnpackedSize: "Unpacked#",
  AttestationProperties: "For",
  RootFS: "Type Layers[]",
  Metadata: "LastTagTime@",

  Network:
    "Name ID Created@ Scope Driver EnableIPv4? EnableIPv6? IPAM=IPAM Internal? Attachable? Ingress? ConfigFrom=ConfigReference ConfigOnly? Containers{}=EndpointResource Options{} Labels{} Peers[]=PeerInfo Services{}=ServiceInfo",
  ServiceInfo: "VIP Ports[] LocalLBIndex# Tasks[]=Task",
  Task: "Name EndpointID EndpointIP Info{}",
  IPAM: "Driver Options{} Config[]=IPAMConfig",
  IPAMConfig: "Subnet IPRange Gateway AuxAddress|AuxiliaryAddresses{}",
  ConfigReference: "Network",
  EndpointResource: "Name EndpointID MacAddress IPv4Address IPv6Address",
  PeerInfo: "Name IP",

  Volume: "ClusterVolume*! CreatedAt Driver Labels{} Mountpoint Name Options{} Scope Status{}! UsageData*=UsageData",
  UsageData: "RefCount# Size#",

  Event: "Status ID From Type Action Actor=Actor Scope Time# TimeNano#",
  Actor: "ID Attributes{}",

  Versions: "Client=ClientVersion Server*=ServerVersion",
  ClientVersion: "Platform=PlatformName Version APIVersion DefaultAPIVersion GitCommit GoVersion Os Arch BuildTime Context",
  ServerVersion:
    "Platform=PlatformName Components[]=ComponentVersion Version APIVersion MinAPIVersion GitCommit GoVersion Os Arch KernelVersion Experimental? BuildTime",
  PlatformName: "Name",
  ComponentVersion: "Name Version Details{}",

  Info: "ID Containers# ContainersRunning# ContainersPaused# ContainersStopped# Images# Driver DriverStatus[][] SystemStatus[][] Plugins=PluginsInfo MemoryLimit? SwapLimit? KernelMemory? KernelMemoryTCP? CPUCfsPeriod? CPUCfsQuota? CPUShares? CPUSet? PidsLimit? IPv4Forwarding? Debug? NFd# OomKillDisable? NGoroutines# SystemTime LoggingDriver CgroupDriver CgroupVersion NEventsListener# KernelVersion OperatingSystem OSVersion OSType Architecture IndexServerAddress RegistryConfig*=ServiceConfig NCPU# MemTotal# GenericResources[]! DockerRootDir HTTPProxy HTTPSProxy NoProxy Name Labels[] ExperimentalBuild? ServerVersion Runtimes{}=Runtime DefaultRuntime Swarm=Swarm LiveRestoreEnabled? Isolation InitBinary ContainerdCommit=Commit RuncCommit=Commit InitCommit=Commit SecurityOptions[] ProductLicense DefaultAddressPools[]=NetworkAddressPool FirewallBackend*=FirewallInfo CDISpecDirs[] DiscoveredDevices[]! Containerd*! Warnings[] ServerErrors[] ClientInfo*=ClientInfo",
  PluginsInfo: "Volume[] Network[] Authorization[] Log[]",
  ServiceConfig:
    "AllowNondistributableArtifactsCIDRs[]! AllowNondistributableArtifactsHostnames[] InsecureRegistryCIDRs[]! IndexConfigs{}! Mirrors[]",
  Runtime: "Path Args[] Type Options{}! Status{}",
  Swarm: "NodeID NodeAddr LocalNodeState ControlAvailable? Error RemoteManagers[]! Nodes# Managers# Cluster*! Warnings[]",
  Commit: "ID Expected",
  NetworkAddressPool: "Base Size#",
  FirewallInfo: "Driver Info[][]",
  ClientInfo: "Debug? Version GitCommit GoVersion Os Arch BuildTime Context Plugins[]! Warnings[]",
} as const satisfies Record<string, string>;

export type GoType = keyof typeof goTypes;
