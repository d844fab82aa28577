/** Makes user networks: checks what is asked, chooses what is not. The bridge itself comes with the first container. */
import { EngineError } from "../../errors.ts";
import { isConstraintError } from "../../state/db.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import {
  type Cidr,
  chooseAddress,
  chooseSubnet,
  contains,
  firstHost,
  formatAddress,
  formatCidr,
  hostSubnets,
  overlaps,
  parseAddress,
  parseCidr,
} from "../address/index.ts";
import type { IpamConfig, NetworkCreate } from "../index.ts";
import { isInterfaceName } from "../kernel/index.ts";
import {
  allNetworks,
  blankSpec,
  ensurePredefined,
  insertNetwork,
  type NetworkSpec,
  poolStartOf,
  predefinedNames,
  subnetsOf,
} from "../records/index.ts";
import { faultOf } from "./ipam-faults.ts";

/** @throws EngineError `invalid`, `conflict`, `unsupported`, `not-found` (a driver) */
export async function createNetwork(ground: Ground, asked: NetworkCreate): Promise<{ Id: string; Warning: string }> {
  checkName(asked.Name);
  checkDriver(asked.Driver || "bridge");
  checkAddressDriver(asked.IPAM?.Driver || "default");
  ensurePredefined(ground);
  const spec: NetworkSpec = {
    ...blankSpec(asked.Name, "bridge"),
    Internal: asked.Internal ?? false,
    Attachable: asked.Attachable ?? false,
    Labels: asked.Labels ?? {},
    Options: checkOptions(asked.Options ?? {}),
  };
  const configs = joinIpam(asked.IPAM?.Config ?? []).map(checkIpam);
  checkTogether(configs);
  spec.EnableIPv6 = asked.EnableIPv6 || configs.some(({ subnet }) => subnet.family === 6);
  const taken = hostSubnets();
  const bridge = spec.Options["com.docker.network.bridge.name"] ?? `bt-${spec.Id.slice(0, 12)}`;
  spec.IPAM.Options = asked.IPAM?.Options ?? {}; // the default driver knows none; docker shows them
  ground.db.transaction(() => {
    spec.IPAM.Config = settleIpam(ground, spec, configs, taken);
    spec.chosen = familiesToChoose(spec, configs);
    try {
      insertNetwork(ground, { spec, bridge });
    } catch (error) {
      if (!isConstraintError(error)) throw error;
      const name = allNetworks(ground).some((other) => other.spec.Name === spec.Name);
      throw new EngineError(
        "conflict",
        name ? `network with name ${spec.Name} already exists` : `bridge name ${JSON.stringify(bridge)} is already used by another network`,
        { cause: error },
      );
    }
  });
  emit(ground, "network", "create", spec.Id, { name: spec.Name, type: "bridge" });
  return { Id: spec.Id, Warning: "" };
}

function checkDriver(driver: string): void {
  if (driver === "bridge") return;
  if (driver === "host" || driver === "null") throw new EngineError("conflict", `only one instance of "${driver}" network is allowed`);
  const options = { hint: "the driver of user networks is bridge", exit: 1 };
  if (["macvlan", "ipvlan", "overlay"].includes(driver))
    throw new EngineError("unsupported", `networks of the driver "${driver}" are not supported`, options);
  throw new EngineError("not-found", `plugin ${JSON.stringify(driver)} not found`, options);
}

function checkAddressDriver(driver: string): void {
  if (driver === "default") return;
  throw new EngineError("not-found", `plugin ${JSON.stringify(driver)} not found`, {
    hint: 'networks have the IPAM driver "default"',
    exit: 1,
  });
}

function checkName(name: string): void {
  if (predefinedNames.includes(name) || name === "default")
    throw new EngineError("conflict", `operation is not permitted on predefined ${name} network`);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name)) return;
  throw new EngineError("invalid", `invalid network name ${JSON.stringify(name)}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

const knownOptions = new Set(
  ["bridge.name", "bridge.enable_icc", "bridge.enable_ip_masquerade", "bridge.host_binding_ipv4", "driver.mtu"].map(
    (name) => `com.docker.network.${name}`,
  ),
);

function checkOptions(options: Record<string, string>): Record<string, string> {
  const bad = (name: string, value: string) =>
    new EngineError("invalid", `invalid value ${JSON.stringify(value)} for the network option ${name}`);
  for (const [name, value] of Object.entries(options)) {
    if (!knownOptions.has(name)) continue; // docker too takes and shows what it does not know
    if (name.endsWith(".name") && !isInterfaceName(value)) throw bad(name, value);
    if (name.includes(".enable_") && !/^(true|false)$/.test(value)) throw bad(name, value);
    if (name.endsWith("host_binding_ipv4") && parseAddress(value)?.family !== 4) throw bad(name, value);
    if (name.endsWith(".mtu") && !(/^\d{1,5}$/.test(value) && Number(value) >= 68 && Number(value) <= 65535)) throw bad(name, value);
  }
  return options;
}

/**
 * Joins ranges, gateways and set-aside addresses that came without their subnet (one flag each) with the subnet they
 * lie in. Pure.
 * @throws EngineError `invalid`, with docker's words
 */
export function joinIpam(configs: readonly IpamConfig[]): IpamConfig[] {
  const joined = configs.filter(({ Subnet }) => Subnet).map((config) => ({ ...config }));
  const invalid = (text: string) => new EngineError("invalid", `invalid network config: ${text}`);
  const home = (what: string, text: string) => {
    const address = parseAddress(text.split("/")[0] ?? "");
    const found = joined.find(({ Subnet }) => {
      const subnet = parseCidr(Subnet ?? "");
      return address && subnet && contains(subnet, address);
    });
    if (!found)
      throw invalid(
        joined.length === 0 ? "every ip-range or gateway must have a corresponding subnet" : `no matching subnet for ${what} ${text}`,
      );
    return found;
  };
  for (const { Subnet, IPRange, Gateway, AuxiliaryAddresses = {} } of configs) {
    if (Subnet) continue;
    if (IPRange) {
      const config = home("range", IPRange);
      if (config.IPRange)
        throw invalid(`cannot configure multiple ranges (${config.IPRange}, ${IPRange}) on the same subnet (${config.Subnet})`);
      config.IPRange = IPRange;
    }
    if (Gateway) {
      const config = home("gateway", Gateway);
      if (config.Gateway)
        throw invalid(`cannot configure multiple gateways (${config.Gateway}, ${Gateway}) on the same subnet (${config.Subnet})`);
      config.Gateway = Gateway;
    }
    for (const [name, text] of Object.entries(AuxiliaryAddresses)) {
      const config = home("aux-address", text);
      config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: text };
    }
  }
  return joined;
}

interface AskedSubnet {
  subnet: Cidr;
  config: IpamConfig;
}

/** One --subnet with its --gateway, --ip-range and --aux-address. */
function checkIpam(config: IpamConfig): AskedSubnet {
  const invalid = (text: string) => new EngineError("invalid", `invalid network config: ${text}`);
  if (!config.Subnet) throw invalid("every ip-range or gateway must have a corresponding subnet");
  const fault = faultOf(config);
  if (fault !== undefined) throw new EngineError("invalid", `invalid network config:\n${fault}`);
  const subnet = parseCidr(config.Subnet) as Cidr;
  if (subnet.prefix > (subnet.family === 4 ? 30 : 126)) throw invalid(`subnet ${config.Subnet} has no room for a gateway and a container`);
  const range = config.IPRange ? parseCidr(config.IPRange) : undefined;
  // Without --gateway the first free address of the range, as docker takes it.
  const reserved = new Set(Object.values(config.AuxiliaryAddresses ?? {}));
  const gateway = parseAddress(config.Gateway ?? "") ?? chooseAddress(subnet, range ?? subnet, reserved);
  if (!gateway) throw invalid(`no address of ${config.IPRange ?? config.Subnet} is left for the gateway`);
  return { subnet, config: { ...config, Subnet: formatCidr(subnet), Gateway: formatAddress(gateway) } };
}

/** One subnet of a family: docker's bridge driver takes no more. */
function checkTogether(asked: readonly AskedSubnet[]): void {
  const invalid = (text: string) => new EngineError("invalid", text, { hint: "give one --subnet for IPv4 and one for IPv6" });
  asked.forEach(({ subnet }, index) => {
    const before = asked.slice(0, index).map((other) => other.subnet);
    if (before.some((other) => overlaps(other, subnet))) throw invalid("multiple overlapping subnet configuration is not supported");
    if (before.some((other) => other.family === subnet.family)) throw invalid("bridge driver doesn't support multiple subnets");
  });
}

/** The final IPAM configuration: every family that the network has gets a subnet, none overlaps another network's; IPv4 first, as docker's. */
function settleIpam(ground: Ground, spec: NetworkSpec, asked: readonly AskedSubnet[], host: readonly Cidr[]): IpamConfig[] {
  const others = allNetworks(ground).flatMap(({ spec: other }) => subnetsOf(other).map(({ network }) => ({ network, name: other.Name })));
  for (const { subnet } of asked) {
    const clash = others.find(({ network }) => overlaps(network, subnet));
    if (clash) {
      throw new EngineError("conflict", "invalid pool request: Pool overlaps with other one on this address space", {
        hint: `network "${clash.name}" has ${formatCidr(clash.network)}: choose another --subnet`,
      });
    }
  }
  const chosen = familiesToChoose(spec, asked).map((family) => {
    const subnet = chooseSubnet(family, [...host, ...others.map(({ network }) => network)], poolStartOf(ground));
    return { Subnet: formatCidr(subnet), Gateway: formatAddress(firstHost(subnet)) };
  });
  return [...asked.map(({ config }) => config), ...chosen].sort(
    (a, b) => Number(a.Subnet?.includes(":")) - Number(b.Subnet?.includes(":")),
  );
}

function familiesToChoose({ EnableIPv6 }: NetworkSpec, asked: readonly AskedSubnet[]): (4 | 6)[] {
  return ([4, 6] as const).filter((family) => (family === 4 || EnableIPv6) && !asked.some(({ subnet }) => subnet.family === family));
}
