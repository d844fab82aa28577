/** Lists and inspects networks, with docker's filters. */
import type { Filters } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import type { NetworkInspect } from "./index.ts";
import { ensurePredefined, predefinedNames } from "./predefined.ts";
import { allNetworks, findNetwork, type NetworkRecord, subnetsOf } from "./records.ts";

interface EndpointRow {
  network: string;
  owner: string;
  name: string;
  endpoint_id: string;
  mac: string;
  ipv4: string;
  ipv6: string;
}

function endpointRows(house: House): EndpointRow[] {
  return house.db.all<EndpointRow>(
    `SELECT endpoints.*, coalesce(containers.name, endpoints.owner) AS name FROM endpoints LEFT JOIN containers ON containers.id = endpoints.owner ORDER BY endpoints.rowid`,
  );
}

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
  return { ...spec, Containers: Object.fromEntries(containers) };
}

/** @throws EngineError `not-found`, `ambiguous` */
export async function inspectNetwork(house: House, ref: string): Promise<NetworkInspect> {
  ensurePredefined(house);
  return inspectOf(findNetwork(house, ref), endpointRows(house));
}

/** True when the labels hold "key" or "key=value". */
function hasLabel(labels: Record<string, string>, wanted: string): boolean {
  const [key = "", value] = wanted.split(/=(.*)/s);
  return key in labels && (value === undefined || labels[key] === value);
}

const isTrue = (value: string) => /^(1|t|true)$/i.test(value);

const tests: Record<string, (network: NetworkInspect, value: string) => boolean> = {
  id: ({ Id }, value) => Id.startsWith(value),
  name: ({ Name }, value) => Name.includes(value),
  driver: ({ Driver }, value) => Driver === value,
  scope: ({ Scope }, value) => Scope === value,
  type: ({ Name }, value) => predefinedNames.includes(Name) === (value === "builtin"),
  label: ({ Labels }, value) => hasLabel(Labels, value),
  "label!": ({ Labels }, value) => !hasLabel(Labels, value),
  dangling: ({ Name, Containers }, value) => (!predefinedNames.includes(Name) && Object.keys(Containers).length === 0) === isTrue(value),
  /** Seconds since the epoch: made before. */
  until: ({ Created }, value) => Date.parse(Created) < Number(value) * 1000,
};

/**
 * Values of one key are OR-ed, keys AND-ed; labels are AND-ed, as docker.
 * @throws EngineError `invalid` for an unknown filter
 */
export function matchesNetwork(network: NetworkInspect, filters: Filters): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const test = tests[key];
    if (!test) throw new EngineError("invalid", `invalid filter '${key}'`, { hint: `the filters are ${Object.keys(tests).join(", ")}` });
    const passes = (value: string) => test(network, value);
    return values.length === 0 || (key.startsWith("label") ? values.every(passes) : values.some(passes));
  });
}

export async function listNetworks(house: House, filters: Filters = {}): Promise<NetworkInspect[]> {
  ensurePredefined(house);
  const rows = endpointRows(house);
  return allNetworks(house)
    .map((network) => inspectOf(network, rows))
    .filter((network) => matchesNetwork(network, filters))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}
