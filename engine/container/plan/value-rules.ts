/** What a single value of a wish cannot be, in docker's words and whatever face it came from: what is not refused here would be ignored. Pure. */
import type { ContainerConfig, EndpointSettings, HostConfig } from "../../docker.ts";
import { parseCapability } from "../../linux-capabilities.ts";
import { refusal } from "./limit-rules.ts";

/** @throws EngineError `invalid` */
export function checkValues(own: Partial<ContainerConfig>, host: HostConfig): void {
  const nameless = own.Env?.find((each) => each === "" || each.startsWith("="));
  if (nameless !== undefined) throw refusal(`invalid environment variable: ${nameless}`);
  checkNumbers(host);
  checkModes(host);
  host.VolumesFrom?.forEach(checkVolumesFrom);
  checkCapabilities("CapAdd", host.CapAdd);
  checkCapabilities("CapDrop", host.CapDrop);
  host.SecurityOpt?.forEach(checkSecurity);
  host.ExtraHosts?.forEach(checkExtraHost);
  if ("" in (host.Annotations ?? {})) throw refusal("invalid Annotations: the empty string is not permitted as an annotation key");
  const relative = Object.keys(host.Tmpfs ?? {}).find((path) => !path.startsWith("/"));
  if (relative !== undefined) throw refusal(`invalid mount path: '${relative}' mount path must be absolute`);
  if (Object.keys(host.Tmpfs ?? {}).some((path) => /^\/+$/.test(path))) throw refusal("invalid specification: destination can't be '/'");
  const strange = Object.keys(host.PortBindings ?? {}).find((key) => !/^\d+(-\d+)?(\/|$)/.test(key));
  if (strange !== undefined) throw refusal(`invalid port specification: "${strange.replace(/\/.*$/, "")}"`);
}

function checkNumbers({ ShmSize = 0, OomScoreAdj = 0, MemorySwappiness = -1 }: HostConfig): void {
  if (ShmSize < 0) throw refusal("SHM size can not be less than 0");
  if (Math.abs(OomScoreAdj) > 1000) throw refusal(`Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  if (MemorySwappiness < -1 || MemorySwappiness > 100)
    throw refusal(`Invalid value: ${MemorySwappiness}, valid memory swappiness range is 0-100`);
}

const modes: readonly [keyof HostConfig, what: string, values: RegExp][] = [
  ["IpcMode", "IPC mode", /^(none|private|shareable|host|container:.+)?$/],
  ["PidMode", "PID mode", /^(host|container:.+)?$/],
  ["UTSMode", "UTS mode", /^(host)?$/],
  ["CgroupnsMode", "cgroup namespace mode", /^(private|host)?$/],
];

function checkModes(host: HostConfig): void {
  for (const [name, what, values] of modes) {
    const value = host[name];
    if (typeof value === "string" && !values.test(value)) throw refusal(`invalid ${what}: ${value}`);
  }
}

/** "NAME[:ro|rw|z|Z]" */
function checkVolumesFrom(text: string): void {
  const [name, mode] = text.split(/:(.*)/s);
  if (!name) throw refusal("volumes-from specification cannot be an empty string");
  if ((mode || "rw").split(",").some((word) => !["ro", "rw", "z", "Z"].includes(word))) throw refusal(`invalid mode: ${mode}`);
}

function checkCapabilities(member: string, names: readonly string[] = []): void {
  const unknown = names.find((name) => parseCapability(name) === undefined);
  if (unknown === undefined) return;
  const full = unknown.toUpperCase().replace(/^(CAP_)?/, "CAP_");
  throw refusal(`invalid ${member}: unknown capability: "${full}"`);
}

/** A word that means nothing here would be a protection that is not there. */
function checkSecurity(option: string): void {
  const [key, value] = option.split(/[=:](.*)/s);
  if (key === "no-new-privileges" && (value === undefined || /^(1|0|true|false)$/i.test(value))) return;
  if (value === undefined) throw refusal(`invalid --security-opt 1: "${option}"`);
  if (!["seccomp", "apparmor", "label", "writable-cgroups"].includes(key!)) throw refusal(`invalid --security-opt 2: "${option}"`);
}

/** 4, 6, or 0 for what is no address. The module is slow to load, and seldom asked. */
const isIP = (text: string) => process.getBuiltinModule("node:net").isIP(text);

/** "NAME:ADDRESS" or "NAME=ADDRESS"; "host-gateway" is this host. */
function checkExtraHost(text: string): void {
  const [, name, address = ""] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  if (name === undefined || address === "") throw refusal(`bad format for add-host: "${text}"`);
  if (address !== "host-gateway" && isIP(address.replace(/^\[(.*)\]$/, "$1")) === 0)
    throw refusal(`invalid IP address in add-host: "${address}"`);
}

/** @throws EngineError `invalid` */
export function checkEndpoints(endpoints: Record<string, EndpointSettings> = {}): void {
  for (const [network, settings] of Object.entries(endpoints)) {
    const { MacAddress = "" } = settings;
    if (MacAddress !== "" && !/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(MacAddress))
      throw refusal(`invalid config for network ${network}: invalid MAC address ${MacAddress}`);
    const wrong = wrongAddress(settings);
    if (wrong !== undefined) throw refusal(`invalid config for network ${network}: invalid endpoint settings:\n${wrong}`);
  }
}

function wrongAddress({ IPAMConfig }: EndpointSettings): string | undefined {
  const { IPv4Address = "", IPv6Address = "", LinkLocalIPs } = IPAMConfig ?? {};
  if (IPv4Address !== "" && isIP(IPv4Address) !== 4) return `invalid IPv4 address: ${IPv4Address}`;
  if (IPv6Address !== "" && isIP(IPv6Address) !== 6) return `invalid IPv6 address: ${IPv6Address}`;
  const local = (LinkLocalIPs ?? []).find((address) => isIP(address) === 0);
  return local === undefined ? undefined : `invalid link-local IP address: ${local}`;
}
