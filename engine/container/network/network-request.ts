/** What a container asks of the network, in the form that the networks room takes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NetworkRequest } from "../../network/types.ts";
import type { Ground } from "../../state/ground.ts";
import type { ContainerRecord } from "../record/index.ts";

/** @param other the container whose network it shares ("container:ID"), when it does and that one runs */
export function networkRequest(ground: Ground, record: ContainerRecord, other?: ContainerRecord): NetworkRequest {
  const { config, host } = record;
  return {
    owner: record.id,
    name: record.name,
    mode: !host.NetworkMode || host.NetworkMode === "default" ? "bridge" : host.NetworkMode,
    hostname: config.Hostname ?? "",
    domainname: config.Domainname ?? "",
    endpoints: record.networking,
    ports: host.PortBindings ?? {},
    publishAll: host.PublishAllPorts ?? false,
    exposed: Object.keys(config.ExposedPorts ?? {}),
    dns: host.Dns ?? [],
    dnsSearch: host.DnsSearch ?? [],
    dnsOptions: host.DnsOptions ?? [],
    extraHosts: host.ExtraHosts ?? [],
    ...(other && { containerNetns: namespaceOf(ground, other) }),
  };
}

/** The network namespace of a running container. */
export function namespaceOf(ground: Ground, { id, pid }: ContainerRecord): { path: string } {
  const shared = join(ground.paths.netns, id);
  return { path: existsSync(shared) ? shared : `/proc/${pid}/ns/net` };
}
