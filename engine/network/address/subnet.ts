/**
 * Which subnet a network gets when nobody names one: the first of a pool that overlaps nothing the host already
 * reaches. Choosing is pure; looking at the host is one netlink dump.
 */

import { EngineError } from "../../errors.ts";
import { sha256 } from "../../sys/digest.ts";
import { NetlinkSocket } from "../../sys/netlink.ts";
import { listRoutes } from "../../sys/netlink-route.ts";
import { addressOf, type Cidr, networkOf, overlaps, parseCidr } from "./address.ts";

/** `count` subnets in a row, from `first`. */
interface Pool {
  first: Cidr;
  count: number;
}

/**
 * Private space (RFC 1918): away from what docker, podman, libvirt and home routers take by default; then, for hosts
 * that route all of 10.0.0.0/8 to somewhere, ends of the two other blocks. For IPv6, unique local addresses (RFC 4193).
 */
const pools: Record<4 | 6, Pool[]> = {
  4: [
    { first: parseCidr("10.210.0.0/20") as Cidr, count: 20 * 16 },
    { first: parseCidr("172.28.0.0/20") as Cidr, count: 64 },
    { first: parseCidr("192.168.128.0/20") as Cidr, count: 8 },
  ],
  6: [{ first: parseCidr("fd6b:e27a:9d10::/64") as Cidr, count: 4096 }],
};

/**
 * The first subnet of the pools that overlaps none of `taken`.
 * @param start where to begin in the first pool: spreads several state directories over it, so that they rarely meet
 * @throws EngineError `network` when everything is taken
 */
export function chooseSubnet(family: 4 | 6, taken: readonly Cidr[], start = 0): Cidr {
  for (const { first, count } of pools[family]) {
    const size = 1n << BigInt((family === 4 ? 32 : 128) - first.prefix);
    for (let tried = 0; tried < count; tried++) {
      const candidate: Cidr = { ...first, base: first.base + BigInt((start + tried) % count) * size };
      if (!taken.some((other) => overlaps(candidate, other))) return candidate;
    }
  }
  throw new EngineError(
    "network",
    "could not find an available, non-overlapping address pool among the defaults to assign to the network",
    {
      hint: "name a subnet with --subnet",
    },
  );
}

/** Where a state directory starts in the pool: the default one at the front, others by a hash. */
export function poolStart(seed: string): number {
  return seed === "" ? 0 : 16 + (Buffer.from(sha256(seed), "hex").readUInt32LE(0) % 304);
}

/** Networks the host has routes to, the default route left out. */
export function hostSubnets(): Cidr[] {
  using socket = new NetlinkSocket();
  return ([4, 6] as const).flatMap((family) =>
    listRoutes(socket, family)
      .filter((route) => route.prefix > 0)
      .map((route) => networkOf(addressOf(route.destination), route.prefix)),
  );
}
