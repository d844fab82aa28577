/** Internet addresses and networks in CIDR notation (RFC 4632, RFC 4291) as plain values. Pure. */

export interface Address {
  family: 4 | 6;
  value: bigint;
}

/** A network: `base` has no bits beyond the prefix. */
export interface Cidr {
  family: 4 | 6;
  base: bigint;
  prefix: number;
}

const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);

/** Dotted quad without leading zeros, or RFC 4291 text (no zone); undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return value === undefined ? undefined : { family: text.includes(":") ? 6 : 4, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const low = parseIpv4(tail[2] ?? "");
    if (low === undefined) return undefined;
    text = `${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill("0"), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** Canonical text (RFC 5952 for IPv6). */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const text = groups.join(":");
  // The longest run of two or more zero groups, the first of equals, becomes "::".
  const runs = [...text.matchAll(/(?:^|:)(0(?::0)+)(?=:|$)/g)].sort(
    (a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0) || a.index - b.index,
  );
  const run = runs[0];
  if (!run) return text;
  return `${text.slice(0, run.index)}::${text.slice(run.index + run[0].length + 1)}`;
}

/** Network byte order: 4 or 16 bytes. */
export function addressBytes({ family, value }: Address): Buffer {
  const bytes = Buffer.alloc(bitsOf(family) / 8);
  for (let index = bytes.length - 1, rest = value; index >= 0; index--, rest >>= 8n) bytes[index] = Number(rest & 255n);
  return bytes;
}

export function addressOf(bytes: Uint8Array): Address {
  return { family: bytes.length === 4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

const maskOf = (family: 4 | 6, prefix: number) => ((1n << BigInt(bitsOf(family))) - 1n) ^ ((1n << BigInt(bitsOf(family) - prefix)) - 1n);

/** The network an address lies in. */
export function networkOf(address: Address, prefix: number): Cidr {
  return { family: address.family, base: address.value & maskOf(address.family, prefix), prefix };
}

/** "10.0.0.0/8"; host bits are cleared. Undefined when it is not CIDR notation. */
export function parseCidr(text: string): Cidr | undefined {
  const [host = "", length = "", ...rest] = text.split("/");
  const address = parseAddress(host);
  if (!address || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bitsOf(address.family)) return undefined;
  return networkOf(address, Number(length));
}

export function formatCidr({ family, base, prefix }: Cidr): string {
  return `${formatAddress({ family, value: base })}/${prefix}`;
}

function lastOf({ family, base, prefix }: Cidr): bigint {
  return base + (1n << BigInt(bitsOf(family) - prefix)) - 1n;
}

export function contains(network: Cidr, address: Address): boolean {
  return network.family === address.family && address.value >= network.base && address.value <= lastOf(network);
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.base <= inner.base && lastOf(inner) <= lastOf(outer);
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}

/** The first host address of a network: where its gateway goes unless told otherwise. */
export function firstHost(network: Cidr): Address {
  return { family: network.family, value: network.base + 1n };
}

/** The broadcast address of an IPv4 network. */
export function broadcastOf(network: Cidr): Address {
  return { family: network.family, value: lastOf(network) };
}

/**
 * The lowest free host address of `range` (a part of `subnet`, or all of it); undefined when there is none.
 * The network's own address and the IPv4 broadcast address are never given out.
 */
export function chooseAddress(subnet: Cidr, range: Cidr, taken: ReadonlySet<string>): Address | undefined {
  const last = lastOf(range);
  for (let value = range.base; value <= last; value++) {
    if (value === subnet.base || (subnet.family === 4 && value === lastOf(subnet))) continue;
    const address: Address = { family: subnet.family, value };
    if (!taken.has(formatAddress(address))) return address;
  }
  return undefined;
}

/** A locally administered unicast MAC made from an IPv4 address, as docker's bridge driver does: unique where the address is. */
export function macOf(address: Address): string {
  const low = addressBytes(address).subarray(-4);
  return ["02", "42", ...[...low].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** Six bytes of "02:42:0a:00:00:02"; undefined when it is not a unicast MAC address. */
export function parseMac(text: string): Buffer | undefined {
  if (!/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)) return undefined;
  const bytes = Buffer.from(text.replace(/[:-]/g, ""), "hex");
  return ((bytes[0] ?? 0) & 1) === 0 && !bytes.every((byte) => byte === 0) ? bytes : undefined;
}
