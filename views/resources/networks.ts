/** The networks tab. */
import type { NetworkInspect } from "../../engine/index.ts";
import { type DetailSection, inspectTab, type ResourceView, shortId, usedBy } from "./resource.ts";

const subnets = (row: NetworkInspect) =>
  row.IPAM.Config.map((each) => each.Subnet ?? "")
    .filter(Boolean)
    .join(" ");

export const networks: ResourceView<NetworkInspect> = {
  id: "networks",
  title: "Networks",
  key: "4",
  noun: "network",
  events: ["network", "container"],
  columns: [
    { header: "NAME", min: 14, grow: 3, value: (row) => row.Name, sort: (row) => row.Name },
    { header: "DRIVER", min: 7, value: (row) => row.Driver, sort: (row) => row.Driver },
    { header: "SUBNET", min: 18, grow: 2, drop: 2, value: subnets, tone: () => "accent" },
    {
      header: "CONTAINERS",
      min: 10,
      align: "right",
      drop: 3,
      value: (row) => String(Object.keys(row.Containers).length),
      sort: (row) => -Object.keys(row.Containers).length,
    },
    { header: "ID", min: 12, drop: 4, value: (row) => shortId(row.Id), tone: () => "dim" },
  ],
  load: (engine) => engine.networks.list(),
  identify: (row) => row.Id,
  name: (row) => row.Name,
  haystack: (row) => `${row.Name} ${row.Driver} ${subnets(row)} ${row.Id}`.toLowerCase(),
  labels: (row) => row.Labels ?? {},
  detail: async (engine, row) => sections(await engine.networks.inspect(row.Id)),
  tabs: [
    { title: "Topology", read: async (engine, row) => topology(await engine.networks.inspect(row.Id)) },
    {
      title: "Used by",
      read: (engine, row) => usedBy(engine, "network", ({ NetworkSettings }) => Object.hasOwn(NetworkSettings.Networks, row.Name)),
    },
    inspectTab((engine, row) => engine.networks.inspect(row.Id)),
  ],
  empty: ["No networks.", "Press <network.create> to create one."],
};

/** Who is on it with which address, below where its packets leave. */
function topology(network: NetworkInspect): DetailSection[] {
  const ends = Object.values(network.Containers).sort((a, b) => (a.Name < b.Name ? -1 : 1));
  const gateway = network.IPAM.Config[0]?.Gateway;
  const width = Math.max(0, ...ends.map(({ Name }) => Name.length));
  const branch = (at: number) => (at < ends.length - 1 ? "├─" : "└─");
  const lines = [
    `${network.Internal ? "no way out" : `the host${gateway ? ` ${gateway}` : ""}`}`,
    `└─ ${network.Name}  ${subnets(network)}`,
    ...ends.map(
      ({ Name, IPv4Address, IPv6Address }, at) =>
        `   ${branch(at)} ${Name.padEnd(width)}  ${[IPv4Address, IPv6Address].filter(Boolean).join("  ")}`,
    ),
  ];
  return [{ kind: "lines", title: "", lines: ends.length > 0 ? lines : [...lines, "   nobody is on it"] }];
}

function sections(network: NetworkInspect): DetailSection[] {
  const [config] = network.IPAM.Config;
  const facts: [string, string][] = [
    ["Name", network.Name],
    ["Id", shortId(network.Id)],
    ["Driver", network.Driver],
    ["Subnet", subnets(network) || "none"],
    ["Gateway", config?.Gateway ?? "none"],
    ["Internal", network.Internal ? "yes" : "no"],
    ["Created", network.Created.replace(/\.\d+/, "")],
  ];
  const members = Object.values(network.Containers).map((end) => ({ container: end.Name, address: end.IPv4Address }));
  return [
    { kind: "pairs", title: "", rows: facts },
    ...(members.length > 0 ? [{ kind: "table" as const, title: "Containers", rows: members }] : []),
  ];
}
