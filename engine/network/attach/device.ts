/** Driver options of an endpoint, docker's `com.docker.network.endpoint.…`: what its interface is called, and settings for it. Pure. */
import type { EndpointSettings } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { isInterfaceName } from "../kernel/index.ts";

type Options = Pick<EndpointSettings, "DriverOpts">;

const optionOf = ({ DriverOpts }: Options, name: string) => DriverOpts?.[`com.docker.network.endpoint.${name}`];

/**
 * An interface's name in its container: the one asked for, or the first of eth0, eth1, … that is free.
 * @param taken names of the container's other interfaces
 * @throws EngineError `invalid`, `conflict`
 */
export function deviceOf(settings: Options, taken: readonly string[]): string {
  const wanted = optionOf(settings, "ifname");
  if (!wanted) return freeDevice(new Set(taken));
  if (!isInterfaceName(wanted) || wanted === "lo")
    throw new EngineError("invalid", `invalid interface name "${wanted}"`, { hint: "up to 15 letters, digits, '_', '-' and '.'" });
  if (taken.includes(wanted)) throw new EngineError("conflict", `interface name "${wanted}" is already in use in the container`);
  return wanted;
}

function freeDevice(taken: ReadonlySet<string>): string {
  for (let number = 0; ; number++) if (!taken.has(`eth${number}`)) return `eth${number}`;
}

/**
 * Files below /proc/sys/net, with what to write there once the interface is in: settings of its own, and no others. docker's command
 * line writes small letters.
 * @throws EngineError `invalid`
 */
export function interfaceSettings(settings: Options, device: string): Record<string, string> {
  const lines = optionOf(settings, "sysctls")?.split(",") ?? [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, family, kind, name, value] = /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.(?:IFNAME|ifname)\.(\w+)=(\S+)$/.exec(line.trim()) ?? [];
      if (value === undefined)
        throw new EngineError("invalid", `invalid sysctl "${line.trim()}" for the interface`, {
          hint: "write it as net.ipv4.conf.IFNAME.NAME=VALUE, with the word IFNAME",
        });
      return [`${family}/${kind}/${device}/${name}`, value];
    }),
  );
}
