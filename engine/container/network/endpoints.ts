/** The network half of a container's answers: endpoints and published ports, read from the networks room's rows. */

import type { EndpointSettings, PortBinding } from "../../docker.ts";
import { shownSettings } from "../../network/records/index.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { compareText } from "../../state/sorted.ts";
import type { PortSummary } from "../types.ts";

interface EndpointRow {
  owner: string;
  name: string;
  settings: string;
}

interface PortRow {
  owner: string;
  protocol: string;
  host_ip: string;
  host_port: number;
  container_port: number;
}

export interface Attachments {
  endpoints: Map<string, Record<string, EndpointSettings>>;
  ports: Map<string, PortRow[]>;
}

/** Of one container, or of all: two queries either way. */
export function readAttachments(ground: Ground, owner?: string): Attachments {
  const where = owner === undefined ? "" : "WHERE owner = ?";
  const published = owner === undefined ? "WHERE network <> ''" : "WHERE owner = ? AND network <> ''"; // others are only held
  const values = owner === undefined ? [] : [owner];
  const endpoints = new Map<string, Record<string, EndpointSettings>>();
  const rows = ground.db.all<EndpointRow>(
    `SELECT owner, networks.name AS name, settings FROM endpoints JOIN networks ON networks.id = endpoints.network ${where}`,
    ...values,
  );
  for (const row of rows) {
    const mine = endpoints.get(row.owner) ?? {};
    mine[row.name] = shownSettings(row.settings);
    endpoints.set(row.owner, mine);
  }
  const ports = Map.groupBy(
    ground.db.all<PortRow>(`SELECT owner, protocol, host_ip, host_port, container_port FROM ports ${published}`, ...values),
    (row) => row.owner,
  );
  return { endpoints, ports };
}

/** Tells that a container joins its networks, or leaves them. */
export function emitNetworks(ground: Ground, id: string, action: "connect" | "disconnect"): void {
  const rows = ground.db.all<{ id: string; name: string; driver: string }>(
    "SELECT id, name, driver FROM endpoints JOIN networks ON networks.id = endpoints.network WHERE owner = ?",
    id,
  );
  for (const { id: network, name, driver } of rows) emit(ground, "network", action, network, { container: id, name, type: driver });
}

/** As `ps` shows them: published ones, and exposed ones of a running container. */
export function portSummaries(ports: readonly PortRow[], exposed: readonly string[]): PortSummary[] {
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
export function portMap(ports: readonly PortRow[], exposed: readonly string[]): Record<string, PortBinding[] | null> {
  const result: Record<string, PortBinding[] | null> = {};
  for (const key of exposed) result[key.includes("/") ? key : `${key}/tcp`] = null;
  for (const row of ports)
    (result[`${row.container_port}/${row.protocol}`] ??= []).push({ HostIp: row.host_ip, HostPort: String(row.host_port) });
  return result;
}
