/**
 * Links (`--link`): names that one container alone has for another on its network, as lines of its /etc/hosts, which
 * follow the other one wherever it goes. Those of the default network ("legacy") are to one container, by its id, and
 * name it by alias, host name and name; those of user networks are to any container that has the name, now or later.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { readBounded } from "../../sys/bounded.ts";
import { type EndpointRecord, endpointsOf, endpointsOn, type NetworkRecord, networkById } from "../records/index.ts";
import { writeNames } from "./dns.ts";
import { parseLink } from "./parse-link.ts";

/** The lines that an endpoint's links stand for now. Pure. @param others on the same network */
function linkLines({ settings }: Pick<EndpointRecord, "settings">, others: readonly EndpointRecord[]): string[] {
  const named = (settings.Links ?? []).map(parseLink).flatMap(({ name, alias }) => {
    const other = others.find((each) => each.settings.DNSNames?.includes(name) || each.owner === name);
    return other ? [{ other, names: alias }] : [];
  });
  const legacy = (settings.legacyLinks ?? []).flatMap(({ target, names }) => {
    const other = others.find(({ owner }) => owner === target);
    return other ? [{ other, names }] : [];
  });
  return [...legacy, ...named].flatMap(({ other: { ipv4, ipv6 }, names }) =>
    [ipv4, ipv6].filter(Boolean).map((address) => `${address}\t${names}`),
  );
}

/** Works an endpoint's lines out and writes down that its file has them. */
export function settleLinks(ground: Ground, endpoint: EndpointRecord): string[] {
  const { settings } = endpoint;
  if (!settings.Links?.length && !settings.legacyLinks?.length && !settings.linkLines?.length) return [];
  const lines = linkLines(endpoint, endpointsOn(ground, endpoint.network));
  ground.db.update("endpoints", "endpoint_id", endpoint.endpoint_id, { settings: JSON.stringify({ ...settings, linkLines: lines }) });
  return lines;
}

/** After a container joined a network, left it, or was renamed: the names and links of the others on it are brought up to date. */
export async function tellNeighbours(ground: Ground, network: NetworkRecord): Promise<void> {
  refreshLinks(ground, network);
  await writeNames(ground, network);
}

function refreshLinks(ground: Ground, { spec }: NetworkRecord): void {
  const linked = ground.db.get(`SELECT 1 FROM endpoints WHERE network = ? AND settings LIKE '%"linkLines":%' LIMIT 1`, spec.Id);
  if (!linked) return;
  for (const endpoint of endpointsOn(ground, spec.Id)) {
    const before = endpoint.settings.linkLines ?? [];
    const now = settleLinks(ground, endpoint);
    if (before.join("\n") !== now.join("\n")) editLines(hostsOf(ground, endpoint.owner), before, now);
  }
}

/** Takes a link of the default network from a container that may be running. */
export async function forgetLink(ground: Ground, owner: string, alias: string): Promise<void> {
  using _ = await lock(ground, "network");
  for (const { endpoint_id, network: id, settings } of endpointsOf(ground, owner)) {
    const legacyLinks = settings.legacyLinks?.filter(({ names }) => names.split(" ")[0] !== alias);
    const network = networkById(ground, id);
    if (!legacyLinks || !network) continue;
    ground.db.update("endpoints", "endpoint_id", endpoint_id, { settings: JSON.stringify({ ...settings, legacyLinks }) });
    refreshLinks(ground, network);
  }
}

/** Takes the lines of an endpoint's links out of its owner's file. */
export function dropLinks(ground: Ground, { owner, settings }: EndpointRecord): void {
  if (settings.linkLines?.length) editLines(hostsOf(ground, owner), settings.linkLines, []);
}

const hostsOf = (ground: Ground, owner: string) => join(ground.paths.containers, owner, "hosts");

/** In place, as the file is bind mounted. */
export function editFile(file: string, change: (text: string) => string): void {
  let text: string;
  try {
    text = readBounded(file).toString("utf8");
  } catch {
    return; // the container has no such file, or made of it what is none: nothing to say there
  }
  const changed = change(text);
  if (changed !== text) writeFileSync(file, changed);
}

const editLines = (file: string, old: readonly string[], now: readonly string[]) =>
  editFile(file, (text) => replaceLines(text, old.join("\n"), now.join("\n")));

/** Takes out the lines that only `old` has and adds those that only `now` has. Pure. */
export function replaceLines(text: string, old: string, now: string): string {
  const [oldLines, nowLines] = [new Set(old.split("\n")), new Set(now.split("\n"))];
  const kept = text.split("\n").filter((line) => line !== "" && !(oldLines.has(line) && !nowLines.has(line)));
  const added = [...nowLines].filter((line) => line !== "" && !kept.includes(line));
  return `${[...kept, ...added].join("\n")}\n`;
}
