/** What containers have of the network, for the room that shows them: one query each, of one container or of all. */
import type { EndpointSettings } from "../../docker.ts";
import type { Ground } from "../../state/ground.ts";
import { type PortRecord, shownSettings } from "./records.ts";

export type PublishedPort = Omit<PortRecord, "network">;

export interface Attachments {
  /** By owner, by the network's name. */
  endpoints: Map<string, Record<string, EndpointSettings>>;
  /** By owner. */
  ports: Map<string, PublishedPort[]>;
}

export function readAttachments(ground: Ground, owner?: string): Attachments {
  const where = owner === undefined ? "" : "WHERE owner = ?";
  const published = owner === undefined ? "WHERE network <> ''" : "WHERE owner = ? AND network <> ''"; // others are only held
  const values = owner === undefined ? [] : [owner];
  const endpoints = new Map<string, Record<string, EndpointSettings>>();
  const rows = ground.db.all<{ owner: string; name: string; settings: string }>(
    `SELECT owner, networks.name AS name, settings FROM endpoints JOIN networks ON networks.id = endpoints.network ${where}`,
    ...values,
  );
  for (const row of rows) {
    const mine = endpoints.get(row.owner) ?? {};
    mine[row.name] = shownSettings(row.settings);
    endpoints.set(row.owner, mine);
  }
  const ports = Map.groupBy(
    ground.db.all<PublishedPort>(`SELECT owner, protocol, host_ip, host_port, container_port FROM ports ${published}`, ...values),
    (row) => row.owner,
  );
  return { endpoints, ports };
}

/** The networks that an owner is on. */
export function networksOf(ground: Ground, owner: string): { id: string; name: string; driver: string }[] {
  return ground.db.all("SELECT id, name, driver FROM endpoints JOIN networks ON networks.id = endpoints.network WHERE owner = ?", owner);
}
