/** From the body of "Create a container" to what the engine creates: what clients send for "not given", and what berth has not. Pure. */
import type { ContainerCreate, UpdateConfig } from "../container/index.ts";
import type { EndpointSettings, HostConfig } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { type create, fixedLimits, type hostConfig, refusedHostMembers, unheededHostMembers, type update } from "./container-shapes.ts";
import { asOfVersion, withMacAddress } from "./create-rules.ts";
import type { ReadOf } from "./shapes.ts";

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
  const { HostConfig: given = {}, NetworkingConfig = {}, MacAddress, NetworkDisabled, ...config } = asOfVersion(body, version);
  if (!config.Image) throw new EngineError("invalid", "no image was named: Image is missing");
  const HostConfig = toHostConfig(given);
  if (NetworkDisabled) HostConfig.NetworkMode = "none";
  const network = HostConfig.NetworkMode ?? "bridge";
  return {
    ...(config as ContainerCreate),
    ...(name !== undefined && { Name: name.replace(/^\//, "") }),
    ...(version >= 141 && platform !== undefined && { Platform: platform }),
    Pull: "never", // pulling is the client's business
    HostConfig,
    NetworkingConfig: {
      EndpointsConfig: withMacAddress(endpointsOf(NetworkingConfig.EndpointsConfig ?? {}, network), network, MacAddress, version),
    },
  };
}

/** "default" is the network of a container that names none. */
function endpointsOf(given: Record<string, object>, network: string): Record<string, EndpointSettings> {
  return Object.fromEntries(Object.entries(given).map(([name, each]) => [name === "default" ? network : name, each]));
}

/** Names of the default network for a container, and what clients send for "not given". */
function toHostConfig(given: GivenHost): HostConfig {
  refuseMembers(given, refusedHostMembers, "HostConfig.");
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
  for (const name of [...unheededHostMembers, ...Object.keys(refusedHostMembers)]) Reflect.deleteProperty(rest, name);
  return {
    ...(rest as HostConfig),
    ...(NetworkMode && NetworkMode !== "default" && { NetworkMode }),
    ...(PortBindings && { PortBindings: toPortBindings(PortBindings) }),
    ...(RestartPolicy && { RestartPolicy: toRestartPolicy(RestartPolicy) }),
    ...(LogConfig?.Type || LogConfig?.Config ? { LogConfig: { Type: LogConfig.Type ?? "", Config: LogConfig.Config ?? {} } } : {}),
    ...(ConsoleSize?.length === 2 && ConsoleSize.every(Boolean) && { ConsoleSize: ConsoleSize as [number, number] }),
    ...(MemorySwappiness !== undefined && MemorySwappiness !== -1 && { MemorySwappiness }),
    ...(OomKillDisable && { OomKillDisable }),
    ...(PidsLimit && { PidsLimit }),
    ...(ReadonlyRootfs && { ReadonlyRootfs }),
  };
}

function toPortBindings(given: Record<string, { HostIp?: string; HostPort?: string }[]>): HostConfig["PortBindings"] {
  const bindings = Object.entries(given).map(([key, each]) => [
    checkedKey(key.includes("/") ? key : `${key}/tcp`),
    each.length > 0
      ? each.map(({ HostIp = "", HostPort = "" }) => ({ HostIp, HostPort: checkedPort(HostPort) }))
      : [{ HostIp: "", HostPort: "" }],
  ]);
  return Object.fromEntries(bindings);
}

/** One port of the container's: "80/tcp". */
function checkedKey(key: string): string {
  const port = key.replace(/\/.*$/, "");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new EngineError("invalid", `invalid port specification: ${JSON.stringify(port)}`);
  return key;
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
  const name = Name === "" ? "no" : restartNames.find((each) => each === Name);
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

/** What docker's daemon has words for on Linux. */
const dockersRefusals: Record<string, (value: unknown) => string> = {
  Isolation: (value) => `invalid isolation (${value}): linux only supports 'default'`,
  IOMaximumIOps: () => "invalid option: QoS maximum IOPs configuration is not supported on linux",
  IOMaximumBandwidth: () => "invalid option: QoS maximum bandwidth configuration is not supported on linux",
};

/** @param members each with what means "not used" @param place before their names, for the message */
function refuseMembers(given: Record<string, unknown>, members: Record<string, readonly unknown[]>, place: string): void {
  for (const [name, unused] of Object.entries(members)) {
    const value = given[name];
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    if (value === undefined || value === null || isEmpty || unused.includes(value)) continue;
    const words = dockersRefusals[name];
    if (words) throw new EngineError("invalid", words(value));
    throw new EngineError("unsupported", `berth has nothing for ${place}${name}: leave it out`);
  }
}

/** What clients send for "not given" is 0, "" or null; what they mean to change is anything else. */
export function toUpdate(given: ReadOf<typeof update> = {}): UpdateConfig {
  refuseMembers(given, fixedLimits, "an update of ");
  const { RestartPolicy, PidsLimit, ...limits } = given;
  const isGiven = ([name, value]: [string, unknown]) => value !== 0 && value !== "" && !(name in fixedLimits);
  const changes = Object.fromEntries(Object.entries(limits).filter(isGiven));
  return {
    ...changes,
    ...(RestartPolicy?.Name && { RestartPolicy: toRestartPolicy(RestartPolicy) }),
    ...(PidsLimit !== undefined && { PidsLimit: PidsLimit <= 0 ? -1 : PidsLimit }),
  };
}
