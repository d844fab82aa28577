/** What sets a container apart from the one that the project wants in its place, in the words of a compose file. Pure. */
import type { ContainerCreate, ContainerInspect } from "../../container/index.ts";
import type { ContainerConfig, EndpointSettings, HostConfig, Mount } from "../../docker.ts";
import type { ImageInspect } from "../../image/index.ts";

/** A container as it is, or as it would be: the image's share included. */
interface Made {
  config: Omit<ContainerConfig, "Volumes">;
  host: HostConfig;
  networks: Record<string, EndpointSettings>;
}

/** An element of a service: one text, several, or several with names. */
type Value = string | readonly string[] | Readonly<Record<string, string>>;

interface Facet {
  name: string;
  of(made: Made): Value | undefined;
  /** Where the file says nothing the engine has a choice of its own: no difference. */
  onlyAsked?: boolean;
}

const words = (list: readonly string[] | null | undefined) => list?.join(" ");
const flag = (value: boolean | undefined) => (value ? "true" : undefined);
const amount = (value: number | undefined) => (value ? String(value) : undefined);
const seconds = (nanoseconds: number | undefined) => `${(nanoseconds ?? 0) / 1e9}s`;

/** Labels of compose's own and those that say the same as the facets do. */
const isOwn = ([name]: [string, unknown]) => !name.startsWith("com.docker.compose.");

const facets: readonly Facet[] = [
  { name: "image", of: ({ config }) => config.Image },
  { name: "command", of: ({ config }) => words(config.Cmd) },
  { name: "entrypoint", of: ({ config }) => words(config.Entrypoint) },
  { name: "environment", of: ({ config }) => pairs(config.Env) },
  { name: "labels", of: ({ config }) => Object.fromEntries(Object.entries(config.Labels ?? {}).filter(isOwn)) },
  { name: "ports", of: ({ host }) => published(host.PortBindings) },
  {
    name: "volumes",
    of: ({ host }) => [
      ...(host.Binds ?? []).map(bound),
      ...(host.Mounts ?? []).map(mounted),
      ...Object.keys(host.Tmpfs ?? {}).map((path) => `tmpfs:${path}`),
    ],
  },
  { name: "networks", of: ({ networks }) => Object.keys(networks) },
  { name: "ipv4_address", of: ({ networks }) => addresses(networks) },
  { name: "network_mode", of: ({ host, networks }) => (networks[host.NetworkMode ?? ""] ? undefined : host.NetworkMode) },
  { name: "user", of: ({ config }) => config.User },
  { name: "working_dir", of: ({ config }) => config.WorkingDir },
  { name: "hostname", of: ({ config }) => config.Hostname, onlyAsked: true },
  { name: "healthcheck", of: ({ config }) => checked(config.Healthcheck) },
  { name: "restart", of: ({ host }) => restart(host.RestartPolicy) },
  { name: "stop_signal", of: ({ config }) => config.StopSignal, onlyAsked: true },
  { name: "stop_grace_period", of: ({ config }) => amount(config.StopTimeout) && `${config.StopTimeout}s`, onlyAsked: true },
  { name: "privileged", of: ({ host }) => flag(host.Privileged) },
  { name: "read_only", of: ({ host }) => flag(host.ReadonlyRootfs) },
  { name: "init", of: ({ host }) => flag(host.Init) },
  { name: "tty", of: ({ config }) => flag(config.Tty) },
  { name: "stdin_open", of: ({ config }) => flag(config.OpenStdin) },
  { name: "cap_add", of: ({ host }) => capabilities(host.CapAdd) },
  { name: "cap_drop", of: ({ host }) => capabilities(host.CapDrop) },
  { name: "security_opt", of: ({ host }) => host.SecurityOpt, onlyAsked: true },
  { name: "group_add", of: ({ host }) => host.GroupAdd },
  { name: "devices", of: ({ host }) => host.Devices?.map(({ PathOnHost, PathInContainer }) => `${PathOnHost}:${PathInContainer}`) },
  { name: "dns", of: ({ host }) => host.Dns },
  { name: "extra_hosts", of: ({ host }) => host.ExtraHosts },
  { name: "sysctls", of: ({ host }) => host.Sysctls },
  { name: "ulimits", of: ({ host }) => host.Ulimits?.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`) },
  { name: "mem_limit", of: ({ host }) => amount(host.Memory) },
  { name: "cpus", of: ({ host }) => amount((host.NanoCpus ?? 0) / 1e9) },
  { name: "cpu_shares", of: ({ host }) => amount(host.CpuShares) },
  { name: "cpuset", of: ({ host }) => host.CpusetCpus },
  { name: "pids_limit", of: ({ host }) => amount(host.PidsLimit), onlyAsked: true },
  { name: "shm_size", of: ({ host }) => amount(host.ShmSize), onlyAsked: true },
  { name: "pid", of: ({ host }) => host.PidMode, onlyAsked: true },
  { name: "ipc", of: ({ host }) => host.IpcMode, onlyAsked: true },
  { name: "runtime", of: ({ host }) => host.Runtime, onlyAsked: true },
  {
    name: "logging",
    of: ({ host }) => host.LogConfig && `${host.LogConfig.Type} ${JSON.stringify(host.LogConfig.Config ?? {})}`,
    onlyAsked: true,
  },
];

/** Engines write them in full. */
function capabilities(list: readonly string[] | undefined): string[] | undefined {
  return list?.map((name) => name.toUpperCase().replace(/^CAP_/, ""));
}

function pairs(list: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map((text) => [text.split("=", 1)[0]!, text.slice(text.indexOf("=") + 1)]));
}

function published(bindings: HostConfig["PortBindings"]): string[] {
  return Object.entries(bindings ?? {}).flatMap(([port, hosts]) =>
    hosts.map(({ HostIp, HostPort }) => `${HostIp ? `${HostIp}:` : ""}${HostPort}:${port.replace(/\/tcp$/, "")}`),
  );
}

/** "SOURCE:TARGET:rw" as a file has it. */
function bound(bind: string): string {
  const [source, target, options = ""] = bind.split(":");
  return `${source}:${target}${options.split(",").includes("ro") ? ":ro" : ""}`;
}

/** A volume without a name of its own has an id for one. */
function mounted({ Type, Source, Target, ReadOnly }: Mount): string {
  const isNameless = Type === "volume" && (!Source || /^[0-9a-f]{64}$/.test(Source));
  return `${isNameless ? "" : `${Source ?? Type}:`}${Target}${ReadOnly ? ":ro" : ""}`;
}

function addresses(networks: Made["networks"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([name, { IPAMConfig }]) => (IPAMConfig?.IPv4Address ? [[name, IPAMConfig.IPv4Address]] : [])),
  );
}

function checked(check: ContainerConfig["Healthcheck"]): string | undefined {
  if (!check?.Test?.length) return undefined;
  const { Test, Interval, Timeout, StartPeriod, Retries = 0 } = check;
  const every = [Interval, Timeout, StartPeriod].map(seconds).join("/");
  return `${Test.join(" ")} (${every}, ${Retries})`;
}

function restart(policy: HostConfig["RestartPolicy"]): string | undefined {
  if (!policy?.Name || policy.Name === "no") return undefined;
  return policy.MaximumRetryCount > 0 ? `${policy.Name}:${policy.MaximumRetryCount}` : policy.Name;
}

/**
 * A line for each element that differs: "image node:22 → node:24", "environment +QUEUE=fast -OLD".
 * @param image the one that the new container would be made from
 */
export function differences(wanted: ContainerCreate, image: Pick<ImageInspect, "Config">, there: ContainerInspect): string[] {
  const wish: Made = {
    config: onImage(wanted, image.Config),
    host: wanted.HostConfig ?? {},
    networks: wanted.NetworkingConfig?.EndpointsConfig ?? {},
  };
  const own: Made = { config: there.Config, host: there.HostConfig, networks: there.NetworkSettings.Networks };
  return facets.flatMap(({ name, of, onlyAsked = false }) => {
    const next = of(wish);
    if (onlyAsked && isNothing(next)) return [];
    const text = difference(of(own), next);
    return text ? [`${name} ${text}`] : [];
  });
}

/** What a container has from its image where nothing else is asked for. */
function onImage(wanted: ContainerCreate, of: ImageInspect["Config"]): Made["config"] {
  const hasEntry = (wanted.Entrypoint ?? []).length > 0;
  return {
    ...wanted,
    Env: Object.entries({ ...pairs(of.Env ?? []), ...pairs(wanted.Env) }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...of.Labels, ...wanted.Labels },
    Entrypoint: hasEntry ? wanted.Entrypoint : of.Entrypoint,
    Cmd: wanted.Cmd ?? (hasEntry ? null : of.Cmd),
    User: wanted.User || (of.User ?? undefined),
    WorkingDir: wanted.WorkingDir || (of.WorkingDir ?? undefined),
    Healthcheck: wanted.Healthcheck ?? of.Healthcheck ?? undefined,
  };
}

/** Hosts write null where others write nothing. */
function isNothing(value: Value | null | undefined): boolean {
  return value === undefined || value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

/** Longer texts are cut: what changed in them is for the file to say. */
const longest = 48;
const short = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);

function difference(before: Value | undefined, after: Value | undefined): string | undefined {
  if (isNothing(before) && isNothing(after)) return undefined;
  if (typeof (before ?? after) === "string") {
    const [from, to] = [before || "none", after || "none"].map((text) => short(String(text)));
    return before === after ? undefined : `${from} → ${to}`;
  }
  const [from, to] = [named(before), named(after)];
  const changes = [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) => change(name, from[name], to[name]));
  return changes.length > 0 ? changes.join(" ") : undefined;
}

/** A list's items are names without values. */
function named(value: Value | undefined): Readonly<Record<string, string>> {
  return Array.isArray(value) ? Object.fromEntries(value.map((item) => [item, ""])) : ((value ?? {}) as Record<string, string>);
}

function change(name: string, from: string | undefined, to: string | undefined): string[] {
  if (from === to) return [];
  if (from === undefined) return [short(`+${name}${to ? `=${to}` : ""}`)];
  return [to === undefined ? `-${name}` : `${name}=${short(from)} → ${short(to)}`];
}
