/** Lists and inspects networks, with docker's filters. */

import type { Filters } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { parseMoment } from "../../instant.ts";
import type { Ground } from "../../state/ground.ts";
import { hasLabel, matchesPattern } from "../../state/matching.ts";
import { sortKeys } from "../../state/sorted.ts";
import type { NetworkInspect } from "../index.ts";
import { allNetworks, ensurePredefined, findNetwork, type NetworkRecord, predefinedNames, subnetsOf } from "../records/index.ts";

interface EndpointRow {
  network: string;
  owner: string;
  name: string;
  endpoint_id: string;
  mac: string;
  ipv4: string;
  ipv6: string;
}

function endpointRows(ground: Ground): EndpointRow[] {
  const rows = ground.db.all<Omit<EndpointRow, "name">>("SELECT * FROM endpoints ORDER BY rowid");
  const names = ground.lent.containers.namesOf(rows.map(({ owner }) => owner));
  return rows.map((row) => ({ ...row, name: names.get(row.owner) ?? row.owner }));
}

/** Members in docker's order. */
function inspectOf({ spec }: NetworkRecord, rows: readonly EndpointRow[]): NetworkInspect {
  const prefix = (family: 4 | 6) => subnetsOf(spec).find(({ network }) => network.family === family)?.network.prefix;
  const withPrefix = (address: string, family: 4 | 6) => (address ? `${address}/${prefix(family)}` : "");
  const mine = rows.filter(({ network }) => network === spec.Id);
  const containers = mine.map((row) => [
    row.owner,
    {
      Name: row.name,
      EndpointID: row.endpoint_id,
      MacAddress: row.mac,
      IPv4Address: withPrefix(row.ipv4, 4),
      IPv6Address: withPrefix(row.ipv6, 6),
    },
  ]);
  const { Name, Id, Created, Scope, Driver, EnableIPv6, IPAM, Internal, Attachable, Ingress, Options, Labels } = spec;
  return {
    ...{ Name, Id, Created, Scope, Driver, EnableIPv4: true, EnableIPv6, IPAM, Internal, Attachable, Ingress },
    ...{ ConfigFrom: { Network: "" }, ConfigOnly: false, Containers: Object.fromEntries(containers) },
    ...{ Options: sortKeys(Options), Labels: sortKeys(Labels) },
  };
}

/** @throws EngineError `not-found`, `ambiguous` */
export async function inspectNetwork(ground: Ground, ref: string): Promise<NetworkInspect> {
  ensurePredefined(ground);
  return inspectOf(findNetwork(ground, ref), endpointRows(ground));
}

/** @throws EngineError `invalid`, with docker's words */
function isDangling(value: string): boolean {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new EngineError("invalid", `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
}

/** @throws EngineError `invalid`, with docker's words */
function isBuiltin(value: string): boolean {
  if (value === "builtin" || value === "custom") return value === "builtin";
  throw new EngineError("invalid", `invalid filter: 'type'='${value}'`, { hint: "the types are builtin and custom" });
}

const tests: Record<string, (network: NetworkInspect, value: string) => boolean> = {
  id: ({ Id }, value) => matchesPattern(value, Id),
  name: ({ Name }, value) => matchesPattern(value, Name),
  driver: ({ Driver }, value) => Driver === value,
  scope: ({ Scope }, value) => Scope === value,
  type: ({ Name }, value) => predefinedNames.includes(Name) === isBuiltin(value),
  label: ({ Labels }, value) => hasLabel(Labels, value),
  "label!": ({ Labels }, value) => !hasLabel(Labels, value),
  dangling: ({ Name, Containers }, value) =>
    (!predefinedNames.includes(Name) && Object.keys(Containers).length === 0) === isDangling(value),
  until: ({ Created }, value) => Date.parse(Created) < parseMoment(value),
};

/**
 * Values of one key are OR-ed, keys AND-ed; labels are AND-ed, as docker.
 */
function matchesNetwork(network: NetworkInspect, filters: Filters): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const passes = (value: string) => tests[key]!(network, value);
    return values.length === 0 || (key.startsWith("label") ? values.every(passes) : values.some(passes));
  });
}

/** Before any network is looked at: none may pass the filters named first. @throws EngineError `invalid` */
function checkFilters(filters: Filters): void {
  const unknown = Object.keys(filters).find((key) => !Object.hasOwn(tests, key));
  if (unknown)
    throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: `the filters are ${Object.keys(tests).join(", ")}` });
  filters["dangling"]?.forEach(isDangling);
  filters["type"]?.forEach(isBuiltin);
}

export async function listNetworks(ground: Ground, filters: Filters = {}): Promise<NetworkInspect[]> {
  checkFilters(filters);
  ensurePredefined(ground);
  const rows = endpointRows(ground);
  return allNetworks(ground)
    .map((network) => inspectOf(network, rows))
    .filter((network) => matchesNetwork(network, filters))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}
