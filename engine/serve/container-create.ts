/** From the body of "Create a container" to what the engine creates: what clients send for "not given", and what berth has not. Pure. */
import type { ContainerCreate, UpdateConfig } from "../container/index.ts";
import type { EndpointSettings, HostConfig } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { type create, type hostConfig, refusedHostMembers, type update } from "./container-shapes.ts";
import type { Shape } from "./shapes.ts";

type ReadOf<S> = S extends Shape<infer T> ? T : never;
type Given = ReadOf<typeof create>;
type GivenHost = ReadOf<typeof hostConfig>;

interface Wish {
  name: string | undefined;
  platform: string | undefined;
  /** Of the client's API. */
  version: number;
}

/** @throws EngineError `invalid`, `unsupported` */
export function toContainerCreate(body: Given | undefined, { name, platform, version }: Wish): ContainerCreate {
  if (!body || Object.keys(body).length === 0) throw new EngineError("invalid", "config cannot be empty in order to create a container");
  const { HostConfig: given = {}, NetworkingConfig = {}, MacAddress, NetworkDisabled, ...config } = body;
  if (!config.Image) throw new EngineError("invalid", "no image was named: Image is missing");
  const HostConfig = toHostConfig(given, version);
  if (NetworkDisabled) HostConfig.NetworkMode = "none";
  const network = HostConfig.NetworkMode ?? "bridge";
  return {
    ...(config as ContainerCreate),
    ...(name !== undefined && { Name: name.replace(/^\//, "") }),
    ...(platform !== undefined && { Platform: platform }),
    Pull: "never", // pulling is the client's business
    HostConfig,
    NetworkingConfig: { EndpointsConfig: endpointsOf(NetworkingConfig.EndpointsConfig ?? {}, network, MacAddress) },
  };
}

/** "default" is the network of a container that names none; the oldest place of a MAC address is beside the networks. */
function endpointsOf(given: Record<string, object>, network: string, MacAddress: string | undefined): Record<string, EndpointSettings> {
  const named = Object.entries(given).map(([name, each]) => [name === "default" ? network : name, each] as const);
  const endpoints: Record<string, EndpointSettings> = Object.fromEntries(named);
  if (MacAddress && !endpoints[network]?.MacAddress) endpoints[network] = { ...endpoints[network], MacAddress };
  return endpoints;
}

/** Names of the default network for a container, and what clients send for "not given". */
export function toHostConfig(given: GivenHost, version: number): HostConfig {
  refuseMembers(given);
  const {
    PortBindings,
    RestartPolicy,
    ConsoleSize,
    NetworkMode,
    LogConfig,
    MemorySwappiness,
    OomKillDisable,
    PidsLimit,
    ReadonlyRootfs,
    ...rest
  } = given;
  for (const name of Object.keys(refusedHostMembers)) Reflect.deleteProperty(rest, name);
  return {
    ...(rest as HostConfig),
    ...(NetworkMode && NetworkMode !== "default" && { NetworkMode }),
    ...(PortBindings && { PortBindings: toPortBindings(PortBindings) }),
    ...(RestartPolicy?.Name && { RestartPolicy: toRestartPolicy(RestartPolicy) }),
    ...(LogConfig?.Type || LogConfig?.Config ? { LogConfig: { Type: LogConfig.Type ?? "", Config: LogConfig.Config ?? {} } } : {}),
    // docker's daemon heeds it from 1.42 on: older clients send the size that they have not measured.
    ...(version >= 142 && ConsoleSize?.length === 2 && ConsoleSize.every(Boolean) && { ConsoleSize: ConsoleSize as [number, number] }),
    ...(MemorySwappiness !== undefined && MemorySwappiness !== -1 && { MemorySwappiness }),
    ...(OomKillDisable && { OomKillDisable }),
    ...(PidsLimit && { PidsLimit }),
    ...(ReadonlyRootfs && { ReadonlyRootfs }),
  };
}

function toPortBindings(given: Record<string, { HostIp?: string; HostPort?: string }[]>): HostConfig["PortBindings"] {
  const bindings = Object.entries(given).map(([key, each]) => [
    key.includes("/") ? key : `${key}/tcp`,
    each.length > 0
      ? each.map(({ HostIp = "", HostPort = "" }) => ({ HostIp, HostPort: checkedPort(HostPort) }))
      : [{ HostIp: "", HostPort: "" }],
  ]);
  return Object.fromEntries(bindings);
}

/** A port, or the first and last of which one is taken. */
function checkedPort(port: string): string {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port) ?? [];
  if (port !== "" && (first === undefined || Number(last) > 65_535 || Number(first) > Number(last)))
    throw new EngineError("invalid", `invalid port specification: ${JSON.stringify(port)}`);
  return port;
}

const restartNames = ["no", "always", "unless-stopped", "on-failure"] as const;

function toRestartPolicy({ Name = "", MaximumRetryCount = 0 }: { Name?: string; MaximumRetryCount?: number }) {
  const name = restartNames.find((each) => each === Name);
  if (!name)
    throw new EngineError(
      "invalid",
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (MaximumRetryCount !== 0 && name !== "on-failure")
    throw new EngineError("invalid", "invalid restart policy: maximum retry count can only be used with 'on-failure'");
  if (MaximumRetryCount < 0) throw new EngineError("invalid", "invalid restart policy: maximum retry count cannot be negative");
  return { Name: name, MaximumRetryCount };
}

function refuseMembers(given: Record<string, unknown>): void {
  for (const [name, unused] of Object.entries(refusedHostMembers)) {
    const value = given[name];
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    if (value === undefined || value === null || isEmpty || unused.includes(value)) continue;
    throw new EngineError("unsupported", `berth has nothing for HostConfig.${name}: leave it out`);
  }
}

/** What clients send for "not given" is 0, "" or null; what they mean to change is anything else. */
export function toUpdate(given: ReadOf<typeof update> = {}): UpdateConfig {
  const { RestartPolicy, PidsLimit, ...limits } = given;
  const changes = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== 0 && value !== ""));
  return {
    ...changes,
    ...(RestartPolicy?.Name && { RestartPolicy: toRestartPolicy(RestartPolicy) }),
    ...(PidsLimit !== undefined && { PidsLimit: PidsLimit <= 0 ? -1 : PidsLimit }),
  };
}
