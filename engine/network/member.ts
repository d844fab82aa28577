/** A container as the networks room sees it: who it is, what it asked for, and the name files that change with its networks. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerConfig, EndpointSettings, HostConfig } from "../container/types.ts";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import type { Place } from "./connect.ts";
import { containerFiles } from "./files.ts";
import type { NetworkSpec } from "./records.ts";

export interface Member {
  id: string;
  /** Without the leading slash. */
  name: string;
  /** HostConfig.NetworkMode, "bridge" for the default. */
  mode: string;
  config: ContainerConfig;
  hostConfig: HostConfig;
  /** Endpoints asked for, by network name. */
  networking: Record<string, EndpointSettings>;
}

interface Row {
  id: string;
  name: string;
  config: string;
  host_config: string;
  networking: string;
}

/**
 * The container a word means: full id, name, or unique id prefix.
 * @throws EngineError `not-found`, `ambiguous`
 */
export function memberByRef(house: House, ref: string): Member {
  const columns = "SELECT id, name, config, host_config, networking FROM containers";
  const name = ref.replace(/^\//, "");
  const exact = house.db.get<Row>(`${columns} WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1`, name);
  const rows = exact ? [exact] : house.db.all<Row>(`${columns} WHERE substr(id, 1, ?) = ?`, name.length, name);
  const [row, other] = name ? rows : [];
  if (!row) throw new EngineError("not-found", `no such container: ${ref}`, { hint: "list the containers with 'berth ps -a'" });
  if (other) throw new EngineError("ambiguous", `multiple containers match the id prefix ${JSON.stringify(ref)}`);
  const hostConfig = JSON.parse(row.host_config) as HostConfig;
  const mode = hostConfig.NetworkMode;
  return {
    id: row.id,
    name: row.name.replace(/^\//, ""),
    mode: !mode || mode === "default" ? "bridge" : mode,
    config: JSON.parse(row.config) as ContainerConfig,
    hostConfig,
    networking: JSON.parse(row.networking) as Record<string, EndpointSettings>,
  };
}

/** True for a container that was taken off all its networks: "none" only keeps the place of the next one. */
export function isAdrift({ mode, networking }: Pick<Member, "mode" | "networking">): boolean {
  return mode === "none" && "none" in networking;
}

/** Adds a network to what the container asks for at its next start; for one that is adrift, it becomes the network of its mode. */
export function rememberConnection(house: House, member: Member, network: string, settings: EndpointSettings): void {
  if (isAdrift(member)) remember(house, member, { [network]: settings }, network);
  else remember(house, member, { ...member.networking, [network]: settings });
}

/**
 * Takes a network out of what the container asks for at its next start. The network of its mode cannot simply be
 * dropped: another one that it is connected to takes its place, or "none".
 */
export function forgetConnection(house: House, member: Member, dropped: NetworkSpec): void {
  const { [dropped.Name]: _name, [dropped.Id]: _id, ...rest } = member.networking;
  const [next] = Object.keys(rest);
  if (member.mode !== dropped.Name && !dropped.Id.startsWith(member.mode)) remember(house, member, rest);
  else remember(house, member, next ? rest : { none: {} }, next ?? "none");
}

function remember(house: House, { id, hostConfig }: Member, networking: Record<string, EndpointSettings>, mode?: string): void {
  const changes: Record<string, string> = { networking: JSON.stringify(networking) };
  if (mode) changes["host_config"] = JSON.stringify({ ...hostConfig, NetworkMode: mode });
  house.db.update("containers", "id", id, changes);
}

/**
 * Brings /etc/hosts and /etc/resolv.conf up to date with a change of networks, in place, as they are bind mounted.
 * Lines of others stay; a resolv.conf that the container's user changed is left alone, as docker does.
 */
export function rewriteFiles(house: House, member: Member, before: readonly Place[], after: readonly Place[]): void {
  const { config, hostConfig } = member;
  const names = {
    hostname: config.Hostname || member.id.slice(0, 12),
    domainname: config.Domainname ?? "",
    dns: hostConfig.Dns ?? [],
    dnsSearch: hostConfig.DnsSearch ?? [],
    dnsOptions: hostConfig.DnsOptions ?? [],
    extraHosts: [],
  };
  const [old, now] = [containerFiles(names, before, {}), containerFiles(names, after, {})];
  const directory = join(house.paths.containers, member.id);
  edit(join(directory, "hosts"), (text) => replaceLines(text, old.hosts, now.hosts));
  edit(join(directory, "resolv.conf"), (text) => (text === old.resolvConf ? now.resolvConf : text));
}

function edit(file: string, change: (text: string) => string): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return; // the container has no such file: nothing shows it
  }
  const changed = change(text);
  if (changed !== text) writeFileSync(file, changed);
}

/** Takes out the lines that only `old` has and adds those that only `now` has. Pure. */
export function replaceLines(text: string, old: string, now: string): string {
  const [oldLines, nowLines] = [new Set(old.split("\n")), new Set(now.split("\n"))];
  const kept = text.split("\n").filter((line) => line !== "" && !(oldLines.has(line) && !nowLines.has(line)));
  const added = [...nowLines].filter((line) => line !== "" && !kept.includes(line));
  return `${[...kept, ...added].join("\n")}\n`;
}
