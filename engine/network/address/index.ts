/** Addresses and networks as values, and a subnet that nothing uses. */
export {
  type Address,
  addressBytes,
  broadcastOf,
  type Cidr,
  chooseAddress,
  contains,
  containsCidr,
  firstHost,
  formatAddress,
  formatCidr,
  macOf,
  networkOf,
  overlaps,
  parseAddress,
  parseCidr,
  parseMac,
} from "./address.ts";
export { chooseSubnet, hostSubnets, poolStart } from "./subnet.ts";
