/** The three networks that are always there: bridge (the default), host and none. Rows like others, made on first use. */

import type { Ground } from "../../state/ground.ts";
import { defaultRoot } from "../../state/paths.ts";
import { sha256 } from "../../sys/digest.ts";
import { randomHex } from "../../sys/random.ts";
import { type Cidr, chooseSubnet, firstHost, formatAddress, formatCidr, hostSubnets, poolStart } from "../address/index.ts";
import { allNetworks, hasPredefined, insertNetwork, type NetworkRecord, type NetworkSpec, subnetsOf } from "./records.ts";

/** 64 hexadecimal digits, as docker's ids. */
export function newId(): string {
  return randomHex(32);
}

/** RFC 3339 with nanoseconds. */
function timestamp(): string {
  return new Date().toISOString().replace("Z", "000000Z");
}

export function blankSpec(name: string, driver: NetworkSpec["Driver"]): NetworkSpec {
  return {
    Name: name,
    Id: newId(),
    Created: timestamp(),
    Scope: "local",
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: {}, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    Options: {},
    Labels: {},
  };
}

/** Where this state directory's automatic subnets start in the pool. */
export function poolStartOf(ground: Ground): number {
  return poolStart(ground.paths.root === defaultRoot ? "" : ground.paths.root);
}

/** The default bridge: "berth0", or for another state directory a name made from its path, so that two never meet. */
function defaultBridgeName(root: string): string {
  if (root === defaultRoot) return "berth0";
  return `berth-${sha256(root).slice(0, 8)}`;
}

function ipamFor(subnet: Cidr): { Subnet: string; Gateway: string } {
  return { Subnet: formatCidr(subnet), Gateway: formatAddress(firstHost(subnet)) };
}

/** Records the predefined networks unless they are. */
export function ensurePredefined(ground: Ground): void {
  if (hasPredefined(ground)) return;
  const taken = hostSubnets();
  ground.db.transaction(() => {
    if (hasPredefined(ground)) return;
    const bridge = blankSpec("bridge", "bridge");
    bridge.IPAM.Config = [ipamFor(chooseSubnet(4, taken, poolStartOf(ground)))];
    const name = defaultBridgeName(ground.paths.root);
    bridge.Options = {
      "com.docker.network.bridge.default_bridge": "true",
      "com.docker.network.bridge.enable_icc": "true",
      "com.docker.network.bridge.enable_ip_masquerade": "true",
      "com.docker.network.bridge.name": name,
    };
    insertNetwork(ground, { spec: bridge, bridge: name });
    insertNetwork(ground, { spec: blankSpec("host", "host"), bridge: "(host)" });
    insertNetwork(ground, { spec: blankSpec("none", "null"), bridge: "(none)" });
  });
}

/**
 * Gives the default network another subnet when the host has come to use its own meanwhile (a VPN, another program's
 * bridge). Only while nothing is connected to it.
 */
export function moveDefaultSubnet(ground: Ground, network: NetworkRecord, taken: readonly Cidr[]): NetworkRecord {
  const mine = allNetworks(ground)
    .filter(({ spec }) => spec.Id !== network.spec.Id)
    .flatMap(({ spec }) => subnetsOf(spec).map((subnet) => subnet.network));
  const spec = {
    ...network.spec,
    IPAM: { ...network.spec.IPAM, Config: [ipamFor(chooseSubnet(4, [...taken, ...mine], poolStartOf(ground)))] },
  };
  ground.db.update("networks", "id", spec.Id, { spec: JSON.stringify(spec) });
  return { ...network, spec };
}
