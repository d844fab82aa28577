/** What contradicts a network mode, in docker's words and order (runconfig). Pure. */

import type { ContainerConfig, HostConfig } from "../../docker.ts";
import type { EngineError } from "../../errors.ts";
import { refusal } from "./limit-rules.ts";

/** @throws EngineError `invalid` */
export function checkNetworkMode(own: Pick<ContainerConfig, "Hostname" | "ExposedPorts">, host: HostConfig): void {
  const mode = host.NetworkMode ?? "";
  if (mode === "container" || mode.startsWith("container:")) checkShared(own, host);
  if (host.UTSMode === "host" && own.Hostname) throw refusal("conflicting options: hostname and the UTS mode");
  if (mode === "host" && host.Links?.length) throw linkConflict("host");
}

/** A container on another's network has that one's names, links and ports. */
function checkShared(own: Pick<ContainerConfig, "Hostname" | "ExposedPorts">, host: HostConfig): void {
  const conflict = (what: string) => refusal(`conflicting options: ${what}`);
  if (!host.NetworkMode?.slice("container:".length)) throw refusal("invalid network mode: invalid container format container:<name|id>");
  if (own.Hostname) throw conflict("hostname and the network mode");
  if (host.Links?.length) throw linkConflict("container");
  if (host.Dns?.length) throw conflict("dns and the network mode");
  if (host.ExtraHosts?.length) throw conflict("custom host-to-IP mapping and the network mode");
  if (Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts)
    throw conflict("port publishing and the container type network mode");
  if (Object.keys(own.ExposedPorts ?? {}).length > 0) throw conflict("port exposing and the container type network mode");
}

/** A container without a network of its own can neither link nor be linked to. */
export function linkConflict(kind: "host" | "container"): EngineError {
  const what = kind === "host" ? "host type networking" : "container type network";
  return refusal(`conflicting options: ${what} can't be used with links. This would result in undefined behavior`);
}
