/** Connection tracking (<linux/netfilter/nfnetlink_conntrack.h>): forgetting flows whose translation has changed. */
import { attribute, ERRNO, NETLINK, NetlinkSocket, NLM_F, parseAttributes } from "./netlink.ts";

const SUBSYSTEM = 1 << 8; // NFNL_SUBSYS_CTNETLINK
const IPCTNL_MSG_CT = { GET: 1, DELETE: 2 };
const CTA = { TUPLE_ORIG: 1, ZONE: 18 };
const CTA_TUPLE = { PROTO: 2 };
const CTA_PROTO = { NUM: 1, DST_PORT: 3 };
const IPPROTO_UDP = 17;
const NESTED = 0x8000;

/** struct nfgenmsg */
const header = (family: number) => Buffer.from([family, 0, 0, 0]);

/**
 * Deletes the UDP flows addressed to any of the ports. A flow lives 30 s to 3 min after its last packet and keeps the
 * translation it began with: a client that goes on sending would never see the container that just took the port, or
 * would still be sent to the one that left.
 */
export function forgetUdpFlows(ports: ReadonlySet<number>): void {
  using socket = new NetlinkSocket(NETLINK.NETFILTER);
  for (const family of [2, 10]) {
    const bodies = socket.query({
      type: SUBSYSTEM | IPCTNL_MSG_CT.GET,
      flags: NLM_F.ROOT | NLM_F.MATCH,
      parts: [header(family)],
      doing: "list tracked connections",
    });
    for (const body of bodies) {
      const attributes = parseAttributes(body.subarray(4));
      const tuple = attributes.get(CTA.TUPLE_ORIG);
      const protocol = parseAttributes(parseAttributes(tuple ?? Buffer.alloc(0)).get(CTA_TUPLE.PROTO) ?? Buffer.alloc(0));
      if (!tuple || protocol.get(CTA_PROTO.NUM)?.[0] !== IPPROTO_UDP || !ports.has(protocol.get(CTA_PROTO.DST_PORT)?.readUInt16BE(0) ?? -1))
        continue;
      const zone = attributes.get(CTA.ZONE);
      const parts = [header(family), attribute(CTA.TUPLE_ORIG | NESTED, tuple), ...(zone ? [attribute(CTA.ZONE, zone)] : [])];
      socket.request({ type: SUBSYSTEM | IPCTNL_MSG_CT.DELETE, parts, doing: "forget a tracked connection", tolerate: [ERRNO.ENOENT] });
    }
  }
}
