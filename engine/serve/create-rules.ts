/**
 * "Create a container" by the version of the client's API, as docker's daemon reads it: what came later is passed over where nothing
 * depends on it, and refused where a client would believe itself protected. Pure.
 */
import type { EndpointSettings } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { create, endpoint, hostConfig } from "./container-shapes.ts";
import type { ReadOf } from "./shapes.ts";

type Given = ReadOf<typeof create>;
type GivenHost = ReadOf<typeof hostConfig>;
type Mount = NonNullable<GivenHost["Mounts"]>[number];
type GivenEndpoint = ReadOf<typeof endpoint>;

const refusal = (text: string) => new EngineError("invalid", text);

/** @throws EngineError `invalid`, `unsupported` */
export function asOfVersion(body: Given, version: number): Given {
  const { HostConfig = {}, NetworkingConfig, Healthcheck, ...rest } = body;
  return {
    ...rest,
    ...(Healthcheck && { Healthcheck: version < 144 ? { ...Healthcheck, StartInterval: 0 } : Healthcheck }),
    HostConfig: hostAsOf(HostConfig, version),
    ...(NetworkingConfig && { NetworkingConfig: { EndpointsConfig: endpointsAsOf(NetworkingConfig.EndpointsConfig ?? {}, version) } }),
  };
}

function hostAsOf(host: GivenHost, version: number): GivenHost {
  const { Annotations, AutoRemove, ConsoleSize, IpcMode, Mounts, ...rest } = host;
  return {
    ...rest,
    ...(Mounts && { Mounts: Mounts.map((mount) => mountAsOf(mount, version)) }),
    ...(version >= 143 && Annotations && { Annotations }),
    ...(version >= 142 && ConsoleSize && { ConsoleSize }), // older clients send a size that they have not measured
    ...(IpcMode || version >= 140 ? { IpcMode } : { IpcMode: "shareable" }),
    ...(version >= 125 && AutoRemove !== undefined && { AutoRemove }),
  };
}

/** Options that belong to one type of mounts. */
const typeOf = { VolumeOptions: "volume", BindOptions: "bind", TmpfsOptions: "tmpfs" } as const;

function mountAsOf(given: Mount, version: number): Mount {
  const { Type = "", BindOptions } = given;
  const mount = { ...given };
  for (const name of Object.keys(typeOf) as (keyof typeof typeOf)[]) {
    if (mount[name] === undefined || typeOf[name] === Type) continue;
    if (version >= 142) throw refusal(`${name} must not be specified on mount type "${Type}"`);
    if (name !== "BindOptions") Reflect.deleteProperty(mount, name);
  }
  if (version < 144 && Type === "bind" && BindOptions?.ReadOnlyForceRecursive)
    throw refusal("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
  if (version < 145 && mount.VolumeOptions?.Subpath) throw refusal("VolumeOptions.Subpath needs API v1.45 or newer");
  if (version < 148 && Type === "image") throw refusal('Mount type "Image" needs API v1.48 or newer');
  return version < 142 && BindOptions ? { ...mount, BindOptions: { ...BindOptions, CreateMountpoint: false } } : mount;
}

function endpointsAsOf(given: Record<string, GivenEndpoint>, version: number): Record<string, GivenEndpoint> {
  const names = Object.keys(given);
  if (version < 144 && names.length > 1) throw refusal(`Container cannot be created with multiple network endpoints: ${names.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, endpointAsOf(given[name]!, version)]));
}

function endpointAsOf({ GwPriority, MacAddress, ...rest }: GivenEndpoint, version: number): GivenEndpoint {
  return {
    ...rest,
    ...(version >= 144 && MacAddress !== undefined && { MacAddress }),
    ...(version >= 148 && GwPriority !== undefined && { GwPriority }),
  };
}

/**
 * The oldest place of a MAC address is beside the networks: it is the main one's.
 * @throws EngineError `invalid` when it is another than that network's own
 */
export function withMacAddress(
  endpoints: Record<string, EndpointSettings>,
  network: string,
  MacAddress: string | undefined,
  version: number,
): Record<string, EndpointSettings> {
  if (!MacAddress) return endpoints;
  if (/^(host|none|container(:.*)?)$/.test(network)) {
    if (version < 144) throw refusal("conflicting options: mac-address and the network mode");
    return endpoints;
  }
  const own = endpoints[network]?.MacAddress;
  if (own && own !== MacAddress)
    throw refusal("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
  return { ...endpoints, [network]: { ...endpoints[network], MacAddress } };
}

/** What docker's daemon says of members that have another place now. */
export function createWarnings({ MacAddress, HostConfig = {} }: Given, version: number): string[] {
  const { Mounts = [], VolumeDriver } = HostConfig as GivenHost & { VolumeDriver?: string };
  const isAmbiguous = Mounts.some(({ Type, VolumeOptions }) => Type === "volume" && !VolumeOptions?.DriverConfig?.Name);
  return [
    ...(version >= 148 && VolumeDriver && isAmbiguous
      ? [
          "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead",
        ]
      : []),
    ...(version >= 144 && MacAddress
      ? ["The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."]
      : []),
  ];
}
