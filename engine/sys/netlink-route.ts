/** Links, addresses and routes: the messages of rtnetlink(7) that a container's network takes. Built here, sent by netlink.ts. */
import { attribute, ERRNO, type Message, type NetlinkSocket, NLM_F, nested, parseAttributes, text, u32 } from "./netlink.ts";

// <linux/rtnetlink.h>
const RTM = { NEWLINK: 16, DELLINK: 17, GETLINK: 18, NEWADDR: 20, DELADDR: 21, NEWROUTE: 24, DELROUTE: 25, GETROUTE: 26 };
// <linux/if_link.h>
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, MASTER: 10, LINKINFO: 18, NET_NS_FD: 28 };
const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 };
const VETH_INFO_PEER = 1;
const IFLA_BRPORT = { MODE: 4, ISOLATED: 33 };
// <linux/if_addr.h>, <linux/rtnetlink.h>
const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4 };
const IFA_F_NODAD = 2;
const RTA = { DST: 1, OIF: 4, GATEWAY: 5, TABLE: 15 };
const IFF_UP = 1;
const AF = { UNSPEC: 0, INET: 2, INET6: 10 };

/** struct ifinfomsg */
function linkHeader(index = 0, up = false): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(up ? IFF_UP : 0, 8);
  header.writeUInt32LE(up ? IFF_UP : 0, 12);
  return header;
}

const family = (address: Uint8Array) => (address.length === 4 ? AF.INET : AF.INET6);

/** A bridge, down. Fails with EEXIST when the name is taken. */
export function newBridge(name: string, mac: Uint8Array, mtu?: number): Message {
  const parts = [linkHeader(), attribute(IFLA.IFNAME, text(name)), attribute(IFLA.ADDRESS, mac)];
  if (mtu) parts.push(attribute(IFLA.MTU, u32(mtu)));
  parts.push(nested(IFLA.LINKINFO, attribute(IFLA_INFO.KIND, text("bridge"))));
  return { type: RTM.NEWLINK, flags: NLM_F.CREATE | NLM_F.EXCL, parts, doing: `make bridge "${name}"` };
}

export interface VethPair {
  /** Host side. */
  name: string;
  /** Interface index of the bridge. */
  master: number;
  peer: { name: string; mac: Uint8Array; namespaceFd: number };
  mtu?: number;
}

/** A veth pair in one message: the host side up and on its bridge, the peer born inside the namespace. */
export function newVeth({ name, master, peer, mtu }: VethPair): Message {
  const size = mtu ? [attribute(IFLA.MTU, u32(mtu))] : [];
  const inside = [
    linkHeader(),
    attribute(IFLA.IFNAME, text(peer.name)),
    attribute(IFLA.ADDRESS, peer.mac),
    ...size,
    attribute(IFLA.NET_NS_FD, u32(peer.namespaceFd)),
  ];
  const info = nested(IFLA.LINKINFO, attribute(IFLA_INFO.KIND, text("veth")), nested(IFLA_INFO.DATA, nested(VETH_INFO_PEER, ...inside)));
  const parts = [linkHeader(0, true), attribute(IFLA.IFNAME, text(name)), attribute(IFLA.MASTER, u32(master)), ...size, info];
  return { type: RTM.NEWLINK, flags: NLM_F.CREATE | NLM_F.EXCL, parts, doing: `make interface "${name}"` };
}

/** Hairpin lets a container reach its own published port; `isolated` keeps ports of one bridge from each other. */
export function setBridgePort(name: string, options: { hairpin: boolean; isolated: boolean }): Message {
  const flag = (value: boolean) => Buffer.from([value ? 1 : 0]);
  const data = nested(
    IFLA_INFO.SLAVE_DATA,
    attribute(IFLA_BRPORT.MODE, flag(options.hairpin)),
    attribute(IFLA_BRPORT.ISOLATED, flag(options.isolated)),
  );
  const info = nested(IFLA.LINKINFO, attribute(IFLA_INFO.SLAVE_KIND, text("bridge")), data);
  return { type: RTM.NEWLINK, parts: [linkHeader(), attribute(IFLA.IFNAME, text(name)), info], doing: `set bridge port "${name}"` };
}

/** Takes a port off its bridge, which forgets its addresses at once; a link that is not there is fine. */
export function leaveBridge(name: string): Message {
  return {
    type: RTM.NEWLINK,
    parts: [linkHeader(), attribute(IFLA.IFNAME, text(name)), attribute(IFLA.MASTER, u32(0))],
    doing: `take "${name}" off its bridge`,
    tolerate: [ERRNO.ENODEV],
  };
}

export function setLinkUp(name: string): Message {
  return { type: RTM.NEWLINK, parts: [linkHeader(0, true), attribute(IFLA.IFNAME, text(name))], doing: `bring up "${name}"` };
}

/** Deletes a link (a veth's peer goes with it); a link that is not there is fine. */
export function deleteLink(name: string): Message {
  return {
    type: RTM.DELLINK,
    parts: [linkHeader(), attribute(IFLA.IFNAME, text(name))],
    doing: `delete interface "${name}"`,
    tolerate: [ERRNO.ENODEV],
  };
}

/** An address on an interface; IPv6 skips duplicate address detection, as the address is ours by the database. */
export function newAddress(index: number, address: Uint8Array, prefix: number, broadcast?: Uint8Array): Message {
  const header = Buffer.alloc(8);
  header[0] = family(address);
  header[1] = prefix;
  header[2] = address.length === 16 ? IFA_F_NODAD : 0;
  header.writeUInt32LE(index, 4);
  const parts = [header, attribute(IFA.LOCAL, address), attribute(IFA.ADDRESS, address)];
  if (broadcast) parts.push(attribute(IFA.BROADCAST, broadcast));
  return {
    type: RTM.NEWADDR,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    parts,
    doing: `add an address to interface ${index}`,
    tolerate: [ERRNO.EEXIST],
  };
}

/** struct rtmsg: main table, boot protocol, universe, unicast. */
function routeHeader(routeFamily: number): Buffer {
  return Buffer.from([routeFamily, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]);
}

/** The default route; an earlier one of the family is replaced. */
export function setDefaultRoute(gateway: Uint8Array): Message {
  return {
    type: RTM.NEWROUTE,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    parts: [routeHeader(family(gateway)), attribute(RTA.GATEWAY, gateway)],
    doing: "set the default route",
  };
}

export function deleteDefaultRoute(routeFamily: 4 | 6): Message {
  return {
    type: RTM.DELROUTE,
    parts: [routeHeader(routeFamily === 4 ? AF.INET : AF.INET6)],
    doing: "delete the default route",
    tolerate: [ERRNO.ESRCH],
  };
}

/** Interface index by name; undefined when there is none. */
export function linkIndex(socket: NetlinkSocket, name: string): number | undefined {
  const [body] = socket.query({
    type: RTM.GETLINK,
    parts: [linkHeader(), attribute(IFLA.IFNAME, text(name))],
    doing: `find interface "${name}"`,
    tolerate: [ERRNO.ENODEV],
  });
  return body?.readInt32LE(4);
}

export interface Link {
  index: number;
  name: string;
  up: boolean;
  /** Bytes. */
  mtu: number;
  /** Index of the bridge it belongs to, 0 when none. */
  master: number;
}

/** Bytes; undefined when there is no such interface. */
export function linkMtu(socket: NetlinkSocket, index: number): number | undefined {
  const [body] = socket.query({
    type: RTM.GETLINK,
    parts: [linkHeader(index)],
    doing: "read an interface's MTU",
    tolerate: [ERRNO.ENODEV],
  });
  return body && parseAttributes(body.subarray(16)).get(IFLA.MTU)?.readUInt32LE(0);
}

/** All links of the socket's namespace. */
export function listLinks(socket: NetlinkSocket): Link[] {
  const bodies = socket.query({ type: RTM.GETLINK, flags: NLM_F.ROOT | NLM_F.MATCH, parts: [linkHeader()], doing: "list interfaces" });
  return bodies.map((body) => {
    const attributes = parseAttributes(body.subarray(16));
    return {
      index: body.readInt32LE(4),
      name: attributes.get(IFLA.IFNAME)?.toString("utf8").replace(/\0.*$/s, "") ?? "",
      up: (body.readUInt32LE(8) & IFF_UP) !== 0,
      mtu: attributes.get(IFLA.MTU)?.readUInt32LE(0) ?? 0,
      master: attributes.get(IFLA.MASTER)?.readUInt32LE(0) ?? 0,
    };
  });
}

export interface Route {
  destination: Uint8Array;
  /** Prefix length; 0 is the default route. */
  prefix: number;
  /** Interface index, 0 when there is none (blackhole). */
  index: number;
}

/** Unicast routes of a family in the main and local tables' order, as the kernel gives them. */
export function listRoutes(socket: NetlinkSocket, routeFamily: 4 | 6): Route[] {
  const size = routeFamily === 4 ? 4 : 16;
  const bodies = socket.query({
    type: RTM.GETROUTE,
    flags: NLM_F.ROOT | NLM_F.MATCH,
    parts: [routeHeader(routeFamily === 4 ? AF.INET : AF.INET6)],
    doing: "list routes",
  });
  return bodies
    .filter((body) => body[4] === 254) // the main table: RT_TABLE_MAIN
    .map((body) => {
      const attributes = parseAttributes(body.subarray(12));
      return {
        destination: attributes.get(RTA.DST) ?? new Uint8Array(size),
        prefix: body[1] ?? 0,
        index: attributes.get(RTA.OIF)?.readUInt32LE(0) ?? 0,
      };
    });
}
