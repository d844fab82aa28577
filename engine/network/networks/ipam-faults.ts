/** What is wrong with one subnet that is asked for, its range, its gateway and the addresses that are set aside, in docker's words. Pure. */
import { type Cidr, contains, containsCidr, formatCidr, parseAddress, parseCidr } from "../address/index.ts";
import type { IpamConfig } from "../index.ts";

/** @returns the first fault; undefined when there is none. */
export function faultOf({ Subnet = "", IPRange, Gateway, AuxiliaryAddresses = {} }: IpamConfig): string | undefined {
  const subnet = parseCidr(Subnet);
  if (!subnet) return `invalid subnet ${Subnet}: invalid CIDR block notation`;
  if (formatCidr(subnet) !== Subnet.toLowerCase()) return `invalid subnet ${Subnet}: it should be ${formatCidr(subnet)}`;
  const range = IPRange ? ofRange(IPRange, subnet) : undefined;
  if (range !== undefined) return `invalid ip-range ${IPRange}: ${range}`;
  const named = Object.entries(AuxiliaryAddresses).map(([name, text]) => [`auxiliary address ${name}`, text] as const);
  for (const [what, text] of [[`gateway ${Gateway}`, Gateway ?? ""] as const, ...named]) {
    const fault = text ? ofAddress(text, subnet) : undefined;
    if (fault !== undefined) return `invalid ${what}: ${fault}`;
  }
  return undefined;
}

const blockOf = ({ family }: Cidr) => `parent subnet is an IPv${family} block`;

function ofRange(text: string, subnet: Cidr): string | undefined {
  const range = parseCidr(text);
  if (!range) return "invalid CIDR block notation";
  if (range.family !== subnet.family) return blockOf(subnet);
  if (range.prefix < subnet.prefix) return `CIDR block is bigger than its parent subnet ${formatCidr(subnet)}`;
  if (!containsCidr(subnet, range)) return `parent subnet ${formatCidr(subnet)} doesn't contain ip-range`;
  return formatCidr(range) === text.toLowerCase() ? undefined : `it should be ${formatCidr(range)}`;
}

function ofAddress(text: string, subnet: Cidr): string | undefined {
  const address = parseAddress(text);
  if (!address) return "invalid address";
  if (address.family !== subnet.family) return blockOf(subnet);
  return contains(subnet, address) ? undefined : `parent subnet ${formatCidr(subnet)} doesn't contain this address`;
}
