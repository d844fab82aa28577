/** The network half of a container's answers: its networks told of, and its published ports as docker shows them. */

import type { PortBinding } from "../../docker.ts";
import { networksOf, type PublishedPort } from "../../network/records/index.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { compareText } from "../../state/sorted.ts";
import type { PortSummary } from "../types.ts";

/** Tells that a container joins its networks, or leaves them. */
export function emitNetworks(ground: Ground, id: string, action: "connect" | "disconnect"): void {
  for (const { id: network, name, driver } of networksOf(ground, id))
    emit(ground, "network", action, network, { container: id, name, type: driver });
}

/** As `ps` shows them: published ones, and exposed ones of a running container. */
export function portSummaries(ports: readonly PublishedPort[], exposed: readonly string[]): PortSummary[] {
  const published: PortSummary[] = ports.map((row) => ({
    IP: row.host_ip,
    PrivatePort: row.container_port,
    PublicPort: row.host_port,
    Type: row.protocol as PortSummary["Type"],
  }));
  const rest = exposed.flatMap((text): PortSummary[] => {
    const [port, Type = "tcp"] = text.split("/");
    const isPublished = published.some((each) => each.PrivatePort === Number(port) && each.Type === Type);
    return isPublished ? [] : [{ PrivatePort: Number(port), Type: Type as PortSummary["Type"] }];
  });
  return [...rest, ...published].sort(
    (a, b) => a.PrivatePort - b.PrivatePort || (a.PublicPort ?? 0) - (b.PublicPort ?? 0) || compareText(a.IP ?? "", b.IP ?? ""),
  );
}

/** As `inspect` shows them: null for exposed and not published. */
export function portMap(ports: readonly PublishedPort[], exposed: readonly string[]): Record<string, PortBinding[] | null> {
  const result: Record<string, PortBinding[] | null> = {};
  for (const key of exposed) result[key.includes("/") ? key : `${key}/tcp`] = null;
  for (const row of ports)
    (result[`${row.container_port}/${row.protocol}`] ??= []).push({ HostIp: row.host_ip, HostPort: String(row.host_port) });
  return result;
}
