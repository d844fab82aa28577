/** Rows of lists in docker's shapes. Pure. */
import type { ContainerInspect, ContainerSummary } from "../container/index.ts";
import type { MountPoint } from "../docker.ts";
import type { ImageSummary } from "../image/index.ts";
import { predefinedNames } from "../network/records/index.ts";

const toMount = ({ Subpath: _subpath, ...mount }: MountPoint): object => mount;

/** Of a container that is not on a network yet. */
const unconnected = {
  ...{ IPAMConfig: null, Links: null, Aliases: null, MacAddress: "", DriverOpts: null, GwPriority: 0, NetworkID: "", EndpointID: "" },
  ...{ Gateway: "", IPAddress: "", IPPrefixLen: 0, IPv6Gateway: "", GlobalIPv6Address: "", GlobalIPv6PrefixLen: 0, DNSNames: null },
};

/** docker's row: what it does not know of stays here. */
export function toContainerRow(summary: ContainerSummary, version: number): object {
  const {
    StartedAt: _started,
    FinishedAt: _finished,
    RestartCount: _restarts,
    Mounts,
    NetworkSettings,
    SizeRw,
    HostConfig,
    ...row
  } = summary;
  // The names in a network are inspect's to tell.
  const endpoints = Object.entries(NetworkSettings.Networks ?? {}).map(([name, each]) => [
    name,
    { ...unconnected, ...each, DNSNames: null },
  ]);
  const { Annotations, ...host } = HostConfig;
  return {
    ...row,
    HostConfig: { ...host, ...(version >= 146 && Annotations && { Annotations }) },
    ...(SizeRw && { SizeRw }),
    NetworkSettings: { ...NetworkSettings, Networks: Object.fromEntries(endpoints) },
    Mounts: Mounts.map(toMount),
  };
}

const written = new WeakMap<ContainerSummary, { version: number; text: string }>();

/** A list of rows as JSON; a row that the engine gives again is not written again. */
export function writeContainerRows(summaries: readonly ContainerSummary[], version: number): string {
  const texts = summaries.map((summary) => {
    const kept = written.get(summary);
    if (kept?.version === version) return kept.text;
    const text = JSON.stringify(toContainerRow(summary, version));
    written.set(summary, { version, text });
    return text;
  });
  return `[${texts.join(",")}]`;
}

/** The driver whose logs clients read: by any other name they do not ask for them. */
export const logDriver = (type: string) => (type === "k8s-file" ? "json-file" : type);

export function toContainerInspect(container: ContainerInspect, version: number): object {
  const { HostConfig, Mounts, NetworkSettings } = container;
  const { LogConfig } = HostConfig;
  return {
    ...container,
    ...(version < 145 && { NetworkSettings: { ...NetworkSettings, Networks: withAliases(container) } }),
    HostConfig: {
      ...HostConfig,
      ...(HostConfig.PidsLimit === -1 && { PidsLimit: 0 }), // lifted by an update: Go's client tells that from null
      ...(LogConfig && { LogConfig: { ...LogConfig, Type: logDriver(LogConfig.Type) } }),
    },
    Mounts: Mounts.map(toMount),
  };
}

/** Before 1.45 a container's short id and its host name were among its aliases. */
function withAliases({ Id, Config, NetworkSettings }: ContainerInspect): object {
  const own = [Id.slice(0, 12), ...(Config.Hostname ? [Config.Hostname] : [])];
  const endpoints = Object.entries(NetworkSettings.Networks).map(([name, each]) => {
    if (predefinedNames.includes(name)) return [name, each];
    return [name, { ...each, Aliases: [...new Set([...(each.Aliases ?? []), ...own])] }];
  });
  return Object.fromEntries(endpoints);
}

interface ImageRowOptions {
  /** Of the client's API: members come and go with it. */
  version: number;
  withShared: boolean;
  withContainers: boolean;
}

export function toImageRow(image: ImageSummary, { version, withShared, withContainers }: ImageRowOptions): object {
  const { Dangling: _dangling, SharedSize, Containers, RepoTags, RepoDigests, Labels, ...row } = image;
  const isNameless = version < 143 && RepoTags.length === 0 && RepoDigests.length === 0;
  return {
    ...row,
    RepoTags: isNameless ? ["<none>:<none>"] : RepoTags,
    RepoDigests: isNameless ? ["<none>@<none>"] : version < 143 && RepoDigests.length === 0 ? null : RepoDigests,
    Labels: Object.keys(Labels).length > 0 ? Labels : null,
    SharedSize: withShared ? SharedSize : -1,
    Containers: withContainers ? Containers : -1,
    ...(version < 144 && { VirtualSize: row.Size }),
  };
}
