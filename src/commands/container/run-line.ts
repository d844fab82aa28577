/**
 * The `run` line that would make a container: the inverse of flags/. What the image says by itself is left out, and so is what
 * a flag's absence means.
 */
import { goDuration } from "../../../engine/duration.ts";
import type { ContainerInspect, EndpointSettings, Engine, HostConfig, ImageInspect, Mount } from "../../../engine/index.ts";

/** What a line is about. */
export interface RunScene {
  container: ContainerInspect;
  /** Of its image; without it, all that came from there is said by flags. */
  image?: ImageInspect["Config"];
  /** What the engine does where a line says nothing. */
  defaults?: { runtime?: string; cgroupns?: string; logDriver?: string };
}

export interface RunLine {
  /** "run", its flags, the image, the command. */
  words: string[];
  /** Names of flags as `said` has them, each with the words that say it, in the order of the line. */
  flags: [name: string, words: string[]][];
  image: string;
  command: string[];
  /** What no flag can say, in words; all else is exact. */
  unsaid: string[];
}

/** @returns the line, which begins with "run" */
export function runLine(scene: RunScene): RunLine {
  const { Image: image } = scene.container.Config;
  const { entrypoint, command } = commandOf(scene);
  const own = Object.entries(said).map(([name, read]): [string, string[]] => [name, wordsOf(name, read(scene))]);
  const flags = [...own, ["entrypoint", entrypoint] as [string, string[]]].filter(([, words]) => words.length > 0);
  const words = ["run", ...flags.flatMap(([, said]) => said), image, ...command];
  return { words, flags, image, command, unsaid: unsaidOf(scene) };
}

function unsaidOf({ container: { HostConfig, NetworkSettings, Config }, image }: RunScene): string[] {
  const joined = isDefaultNetwork(HostConfig) ? Object.keys(NetworkSettings.Networks).filter((name) => !modes.includes(name)) : [];
  const { Test } = Config.Healthcheck ?? {};
  const isForeignTest = Test?.[0] === "CMD" && String(Test) !== String(image?.Healthcheck?.Test);
  return [
    ...(HostConfig.SecurityOpt?.some(isInlined) ? ["its seccomp profile: --security-opt seccomp=FILE takes one"] : []),
    ...joined.map((name) => `that it is on network "${name}", too: network connect`),
    ...(isForeignTest ? ["its health check, which needs no shell"] : []),
  ];
}

/** Of a flag: its values, whether it is there, or undefined for its absence. */
type Said = string | number | boolean | readonly string[] | null | undefined;

/** The short names that people write. */
const shorts: Record<string, string> = {
  ...{
    detach: "d",
    interactive: "i",
    tty: "t",
    publish: "p",
    "publish-all": "P",
    volume: "v",
    env: "e",
    label: "l",
    user: "u",
    workdir: "w",
  },
};

function wordsOf(name: string, value: Said): string[] {
  const flag = Object.hasOwn(shorts, name) ? `-${shorts[name]}` : `--${name}`;
  if (value === undefined || value === null || value === false) return [];
  if (value === true) return [flag];
  if (typeof value === "object") return value.flatMap((each) => wordsOf(name, each));
  const text = String(value);
  // What could be taken for a flag, or for nothing, is tied to its own.
  return text.startsWith("-") || text === "" ? [`--${name}=${text}`] : [flag, text];
}

const given = <Value extends string | number>(value: Value | null | undefined): Value | undefined => value || undefined;
/** "128m": in the largest unit that says it exactly. */
const bytes = (value: number | null | undefined): Said => {
  const unit = units.find(([, size]) => value && value % size === 0);
  return unit ? `${value! / unit[1]}${unit[0]}` : given(value);
};
const units: readonly (readonly [string, number])[] = [
  ["g", 2 ** 30],
  ["m", 2 ** 20],
  ["k", 2 ** 10],
];
const pairs = (of: Record<string, string> | null | undefined) => Object.entries(of ?? {}).map(([name, value]) => `${name}=${value}`);
const without = (all: Record<string, object> | null | undefined, ...others: (Record<string, unknown> | null | undefined)[]) =>
  Object.keys(all ?? {}).filter((name) => !others.some((other) => Object.hasOwn(other ?? {}, name)));

/** What each flag says of a container, in the order of the line. */
export const said: Readonly<Record<string, (scene: RunScene) => Said>> = {
  detach: ({ container: { Config } }) => (Config.OpenStdin ? !Config.StdinOnce : !Config.AttachStdout),
  interactive: ({ container }) => container.Config.OpenStdin,
  tty: ({ container }) => container.Config.Tty,
  rm: ({ container }) => container.HostConfig.AutoRemove,
  name: ({ container }) => container.Name.replace(/^\//, ""),
  hostname: ({ container: { Config, Id, HostConfig } }) =>
    Config.Hostname === Id.slice(0, 12) || HostConfig.NetworkMode === "host" ? undefined : given(Config.Hostname),
  domainname: ({ container }) => given(container.Config.Domainname),
  restart: ({ container: { HostConfig } }) => restartOf(HostConfig),
  publish: ({ container }) => published(container.HostConfig),
  "publish-all": ({ container }) => container.HostConfig.PublishAllPorts,
  expose: ({ container: { Config, HostConfig }, image }) =>
    without(Config.ExposedPorts, image?.ExposedPorts, HostConfig.PortBindings).map((port) => port.replace(/\/tcp$/, "")),
  volume: ({ container, image }) => [...(container.HostConfig.Binds ?? []), ...without(container.Config.Volumes, image?.Volumes)],
  mount: ({ container }) => container.HostConfig.Mounts?.map(mountText),
  tmpfs: ({ container }) =>
    Object.entries(container.HostConfig.Tmpfs ?? {}).map(([path, options]) => (options ? `${path}:${options}` : path)),
  "volumes-from": ({ container }) => container.HostConfig.VolumesFrom,
  network: ({ container }) => networksOf(container),
  "mac-address": ({ container }) => askedMac(plainEndpoint(container)),
  "link-local-ip": ({ container }) => plainEndpoint(container).IPAMConfig?.LinkLocalIPs,
  link: ({ container }) =>
    container.HostConfig.Links?.map((link) => link.replace(/^\/([^:]+):.*\/([^/]+)$/, "$1:$2")).map((link) =>
      link.replace(/^(.+):\1$/, "$1"),
    ),
  dns: ({ container }) => container.HostConfig.Dns,
  "dns-search": ({ container }) => container.HostConfig.DnsSearch,
  "dns-option": ({ container }) => container.HostConfig.DnsOptions,
  "add-host": ({ container }) => container.HostConfig.ExtraHosts,
  env: ({ container, image }) => environmentOf(container.Config.Env ?? [], image?.Env ?? []),
  label: ({ container, image }) => pairs(container.Config.Labels).filter((pair) => !pairs(image?.Labels).includes(pair)),
  annotation: ({ container }) => pairs(container.HostConfig.Annotations),
  "allow-annotation": ({ container }) => Object.keys(container.HostConfig.Annotations ?? {}).filter((name) => steering.test(name)),
  user: ({ container, image }) => other(container.Config.User, image?.User),
  "group-add": ({ container }) => container.HostConfig.GroupAdd,
  workdir: ({ container, image }) => other(container.Config.WorkingDir, image?.WorkingDir),
  memory: ({ container }) => bytes(container.HostConfig.Memory),
  "memory-swap": ({ container: { HostConfig } }) =>
    HostConfig.MemorySwap === 2 * (HostConfig.Memory ?? 0) ? undefined : bytes(HostConfig.MemorySwap),
  "memory-reservation": ({ container }) => bytes(container.HostConfig.MemoryReservation),
  "memory-swappiness": ({ container: { HostConfig } }) => (HostConfig.MemorySwappiness === -1 ? undefined : HostConfig.MemorySwappiness),
  cpus: ({ container }) => (container.HostConfig.NanoCpus ? container.HostConfig.NanoCpus / 1e9 : undefined),
  "cpu-shares": ({ container }) => given(container.HostConfig.CpuShares),
  "cpu-period": ({ container }) => given(container.HostConfig.CpuPeriod),
  "cpu-quota": ({ container }) => given(container.HostConfig.CpuQuota),
  "cpu-rt-period": ({ container }) => given(container.HostConfig.CpuRealtimePeriod),
  "cpu-rt-runtime": ({ container }) => given(container.HostConfig.CpuRealtimeRuntime),
  "cpuset-cpus": ({ container }) => given(container.HostConfig.CpusetCpus),
  "cpuset-mems": ({ container }) => given(container.HostConfig.CpusetMems),
  "pids-limit": ({ container }) => given(container.HostConfig.PidsLimit),
  "blkio-weight": ({ container }) => given(container.HostConfig.BlkioWeight),
  "blkio-weight-device": ({ container }) => container.HostConfig.BlkioWeightDevice?.map(({ Path, Weight }) => `${Path}:${Weight}`),
  "device-read-bps": ({ container }) => rates(container.HostConfig.BlkioDeviceReadBps),
  "device-read-iops": ({ container }) => rates(container.HostConfig.BlkioDeviceReadIOps),
  "device-write-bps": ({ container }) => rates(container.HostConfig.BlkioDeviceWriteBps),
  "device-write-iops": ({ container }) => rates(container.HostConfig.BlkioDeviceWriteIOps),
  "cgroup-parent": ({ container }) => given(container.HostConfig.CgroupParent),
  "oom-kill-disable": ({ container }) => container.HostConfig.OomKillDisable,
  "oom-score-adj": ({ container }) => given(container.HostConfig.OomScoreAdj),
  ulimit: ({ container }) =>
    container.HostConfig.Ulimits?.map(({ Name, Soft, Hard }) => `${Name}=${Soft}${Hard === Soft ? "" : `:${Hard}`}`),
  "shm-size": ({ container }) => (container.HostConfig.ShmSize === sharedMemory ? undefined : bytes(container.HostConfig.ShmSize)),
  device: ({ container }) =>
    container.HostConfig.Devices?.map(
      ({ PathOnHost, PathInContainer, CgroupPermissions }) => `${PathOnHost}:${PathInContainer}:${CgroupPermissions}`,
    ),
  "device-cgroup-rule": ({ container }) => container.HostConfig.DeviceCgroupRules,
  "cap-add": ({ container }) => container.HostConfig.CapAdd?.map(bareCapability),
  "cap-drop": ({ container }) => container.HostConfig.CapDrop?.map(bareCapability),
  privileged: ({ container }) => container.HostConfig.Privileged,
  "security-opt": ({ container: { HostConfig } }) => [
    ...(HostConfig.SecurityOpt ?? []).filter((option) => !isInlined(option)),
    ...(HostConfig.MaskedPaths?.length === 0 && !HostConfig.Privileged ? ["systempaths=unconfined"] : []),
  ],
  "read-only": ({ container }) => container.HostConfig.ReadonlyRootfs,
  pid: ({ container }) => given(container.HostConfig.PidMode),
  ipc: ({ container: { HostConfig } }) => (HostConfig.IpcMode === "private" ? undefined : given(HostConfig.IpcMode)),
  uts: ({ container }) => given(container.HostConfig.UTSMode),
  userns: ({ container }) => given(container.HostConfig.UsernsMode),
  cgroupns: ({ container, defaults }) => other(container.HostConfig.CgroupnsMode, defaults?.cgroupns),
  sysctl: ({ container }) => pairs(container.HostConfig.Sysctls),
  init: ({ container }) => container.HostConfig.Init === true,
  "stop-signal": ({ container, image }) => other(container.Config.StopSignal, image?.StopSignal),
  "stop-timeout": ({ container }) => container.Config.StopTimeout,
  "log-driver": ({ container, defaults }) => other(container.HostConfig.LogConfig?.Type, defaults?.logDriver),
  "log-opt": ({ container }) => pairs(container.HostConfig.LogConfig?.Config),
  "no-healthcheck": ({ container, image }) =>
    container.Config.Healthcheck?.Test?.[0] === "NONE" && image?.Healthcheck?.Test?.[0] !== "NONE",
  "health-cmd": ({ container: { Config }, image }) => {
    const [kind, text] = Config.Healthcheck?.Test ?? [];
    return kind === "CMD-SHELL" && String(Config.Healthcheck?.Test) !== String(image?.Healthcheck?.Test) ? text : undefined;
  },
  "health-interval": (scene) => healthTime(scene, "Interval"),
  "health-timeout": (scene) => healthTime(scene, "Timeout"),
  "health-start-period": (scene) => healthTime(scene, "StartPeriod"),
  "health-start-interval": (scene) => healthTime(scene, "StartInterval"),
  "health-retries": ({ container: { Config }, image }) =>
    Config.Healthcheck?.Retries === image?.Healthcheck?.Retries ? undefined : Config.Healthcheck?.Retries,
  runtime: ({ container, defaults }) => other(container.HostConfig.Runtime, defaults?.runtime ?? container.HostConfig.Runtime),
};

/** Bytes of /dev/shm, unless something else is asked for. */
const sharedMemory = 64 << 20;
/** Annotations that are refused unless they are allowed by name. */
const steering = /^(run\.oci|module\.wasm|org\.criu|org\.systemd\.property)\./;
const isInlined = (option: string) => option.startsWith("seccomp={");
const bareCapability = (name: string) => name.replace(/^CAP_/, "");

/** What differs from what there would be anyway. */
function other(own: string | undefined, anyway: string | null | undefined): string | undefined {
  return own === anyway ? undefined : given(own);
}

function rates(devices: readonly { Path: string; Rate: number }[] | null | undefined): string[] | undefined {
  return devices?.map(({ Path, Rate }) => `${Path}:${Rate}`);
}

function restartOf({ RestartPolicy }: HostConfig): string | undefined {
  const { Name = "no", MaximumRetryCount = 0 } = RestartPolicy ?? {};
  return ["no", ""].includes(Name) ? undefined : `${Name}${MaximumRetryCount > 0 ? `:${MaximumRetryCount}` : ""}`;
}

/** "8080:80", "127.0.0.1::53/udp", "[::1]:80:80" */
function published({ PortBindings }: HostConfig): string[] {
  return Object.entries(PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp = "", HostPort }) => {
      const address = HostIp === "" ? "" : `${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:`;
      const host = HostPort === "" && address === "" ? "" : `${HostPort}:`;
      return `${address}${host}${port.replace(/\/tcp$/, "")}`;
    }),
  );
}

/** A field of --mount, quoted where it would end early. */
const field = (name: string, value: string | number) =>
  /[",]/.test(String(value)) ? `"${`${name}=${value}`.replaceAll('"', '""')}"` : `${name}=${value}`;

function mountText({
  Type,
  Source,
  Target,
  ReadOnly,
  Consistency,
  BindOptions = {},
  VolumeOptions = {},
  ImageOptions,
  TmpfsOptions = {},
}: Mount): string {
  const { Propagation, NonRecursive, ReadOnlyNonRecursive, ReadOnlyForceRecursive, CreateMountpoint } = BindOptions;
  const recursion = NonRecursive ? "disabled" : ReadOnlyNonRecursive ? "writable" : ReadOnlyForceRecursive ? "readonly" : undefined;
  const fields: (string | false | undefined)[] = [
    `type=${Type}`,
    Source ? field("source", Source) : undefined,
    field("target", Target),
    ReadOnly && "readonly",
    Consistency && field("consistency", Consistency),
    Propagation && field("bind-propagation", Propagation),
    recursion && `bind-recursive=${recursion}`,
    CreateMountpoint && "bind-create-src",
    VolumeOptions.NoCopy && "volume-nocopy",
    VolumeOptions.Subpath && field("volume-subpath", VolumeOptions.Subpath),
    ...pairs(VolumeOptions.Labels).map((pair) => field("volume-label", pair)),
    VolumeOptions.DriverConfig?.Name && field("volume-driver", VolumeOptions.DriverConfig.Name),
    ...pairs(VolumeOptions.DriverConfig?.Options).map((pair) => field("volume-opt", pair)),
    ImageOptions?.Subpath && field("image-subpath", ImageOptions.Subpath),
    TmpfsOptions.SizeBytes !== undefined && `tmpfs-size=${TmpfsOptions.SizeBytes}`,
    TmpfsOptions.Mode !== undefined && `tmpfs-mode=${TmpfsOptions.Mode.toString(8)}`,
  ];
  return fields.filter(Boolean).join(",");
}

const modes = ["bridge", "default", "host", "none"];

const isDefaultNetwork = ({ NetworkMode = "default" }: HostConfig) => ["bridge", "default"].includes(NetworkMode);

/** The place on the default network. */
function plainEndpoint({ HostConfig, NetworkSettings }: ContainerInspect): EndpointSettings {
  return (isDefaultNetwork(HostConfig) && NetworkSettings.Networks["bridge"]) || {};
}

/** A MAC address that does not come from its IP address was asked for. */
function askedMac({ MacAddress, IPAddress }: EndpointSettings): string | undefined {
  if (!MacAddress) return undefined;
  const own = `02:42:${(IPAddress ?? "")
    .split(".")
    .map((byte) => Number(byte).toString(16).padStart(2, "0"))
    .join(":")}`;
  return MacAddress === own ? undefined : MacAddress;
}

/** Each network with what is asked of the place on it, the first first. */
function networksOf({ Id, HostConfig, NetworkSettings: { Networks } }: ContainerInspect): string[] {
  const { NetworkMode = "default" } = HostConfig;
  if (isDefaultNetwork(HostConfig)) return [];
  if (modes.includes(NetworkMode) || NetworkMode.startsWith("container:")) return [NetworkMode];
  const names = [NetworkMode, ...Object.keys(Networks).filter((name) => name !== NetworkMode)];
  return names.map((name) => networkText(name, Networks[name] ?? {}, Id));
}

function networkText(name: string, endpoint: EndpointSettings, id: string): string {
  const { IPAMConfig, Aliases, GwPriority, DriverOpts } = endpoint;
  const mac = askedMac(endpoint);
  const fields = [
    ...(Aliases ?? []).filter((alias) => alias !== id.slice(0, 12)).map((alias) => field("alias", alias)),
    ...(IPAMConfig?.IPv4Address ? [`ip=${IPAMConfig.IPv4Address}`] : []),
    ...(IPAMConfig?.IPv6Address ? [`ip6=${IPAMConfig.IPv6Address}`] : []),
    ...(IPAMConfig?.LinkLocalIPs ?? []).map((address) => `link-local-ip=${address}`),
    ...(mac ? [`mac-address=${mac}`] : []),
    ...(GwPriority ? [`gw-priority=${GwPriority}`] : []),
    ...pairs(DriverOpts ?? {}).map((pair) => field("driver-opt", pair)),
  ];
  return fields.length > 0 ? [field("name", name), ...fields].join(",") : name;
}

/** Variables that the image has not, or otherwise; a bare name takes one of the image's away. */
function environmentOf(own: readonly string[], base: readonly string[]): string[] {
  const nameOf = (line: string) => line.split("=", 1)[0] ?? "";
  const gone = base.map(nameOf).filter((name) => !own.some((line) => nameOf(line) === name));
  return [...own.filter((line) => !base.includes(line)), ...gone];
}

function healthTime(
  { container: { Config }, image }: RunScene,
  name: "Interval" | "Timeout" | "StartPeriod" | "StartInterval",
): string | undefined {
  const time = Config.Healthcheck?.[name];
  return time === undefined || time === image?.Healthcheck?.[name] ? undefined : goDuration(time);
}

/** The entry point's flag and the words after the image. */
function commandOf({ container: { Config }, image }: RunScene): { entrypoint: string[]; command: string[] } {
  const [own, base] = [Config.Entrypoint ?? [], image?.Entrypoint ?? []];
  const command = Config.Cmd ?? [];
  const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((word, at) => word === b[at]);
  if (same(own, base)) return { entrypoint: [], command: same(command, image?.Cmd ?? []) ? [] : [...command] };
  const [first = "", ...rest] = own;
  return { entrypoint: wordsOf("entrypoint", first), command: [...rest, ...command] };
}

/** Reads what the line of a container is made from. @throws EngineError `not-found` */
export async function readRunLine(
  { containers, images, system }: Pick<Engine, "containers" | "images" | "system">,
  name: string,
): Promise<RunLine> {
  const container = await containers.inspect(name);
  const [image, info] = await Promise.all([
    images.inspect(container.Image).catch(() => undefined), // it may be gone: then flags say what came from it
    system.info().catch(() => undefined), // what an engine does by itself is left in the line where it does not tell
  ]);
  const defaults = info && {
    runtime: info.DefaultRuntime,
    cgroupns: info.CgroupVersion === "1" ? "host" : "private",
    logDriver: info.LoggingDriver,
  };
  return runLine({ container, ...(image && { image: image.Config }), ...(defaults && { defaults }) });
}
