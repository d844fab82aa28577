/**
 * Questions to nf_tables (<linux/netfilter/nf_tables.h>) that every start of a container asks. libnftables answers them
 * too, but loading it and its plugins takes longer than all else that a network needs.
 */
import { attribute, ERRNO, NETLINK, NetlinkSocket, parseAttributes, text } from "./netlink.ts";

const SUBSYSTEM = 10 << 8; // NFNL_SUBSYS_NFTABLES
const NFT_MSG = { GETTABLE: 1, GETCHAIN: 4 };
const NFTA_TABLE_NAME = 1;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, POLICY: 5 };
/** <linux/netfilter.h> */
const NFPROTO = { inet: 1, ip: 2, ip6: 10 };
const NF_DROP = 0;

/** The answer's attributes; undefined for what does not exist, also where the kernel has no nf_tables at all (EINVAL). */
function ask(type: number, family: keyof typeof NFPROTO, ...attributes: Buffer[]): Map<number, Buffer> | undefined {
  using socket = new NetlinkSocket(NETLINK.NETFILTER);
  const [body] = socket.query({
    type: SUBSYSTEM | type,
    parts: [Buffer.from([NFPROTO[family], 0, 0, 0]), ...attributes],
    doing: "ask nf_tables",
    tolerate: [ERRNO.ENOENT, ERRNO.EINVAL],
  });
  return body && parseAttributes(body.subarray(4));
}

export function hasTable(family: keyof typeof NFPROTO, name: string): boolean {
  return ask(NFT_MSG.GETTABLE, family, attribute(NFTA_TABLE_NAME, text(name))) !== undefined;
}

/** What a base chain does with packets that no rule decides on; undefined where there is no such chain. */
export function policyOf(family: keyof typeof NFPROTO, table: string, chain: string): "accept" | "drop" | undefined {
  const found = ask(NFT_MSG.GETCHAIN, family, attribute(NFTA_CHAIN.TABLE, text(table)), attribute(NFTA_CHAIN.NAME, text(chain)));
  return found && (found.get(NFTA_CHAIN.POLICY)?.readUInt32BE(0) === NF_DROP ? "drop" : "accept");
}
