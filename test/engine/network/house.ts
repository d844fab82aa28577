/** A house without the rooms above the network, and the plainest request: what tests and their second processes share. */
import type { House } from "../../../engine/house.ts";
import { createNetworks } from "../../../engine/network/room.ts";
import type { NetworkRequest } from "../../../engine/network/types.ts";
import { openDatabase } from "../../../engine/state/db.ts";
import { pathsFor } from "../../../engine/state/paths.ts";

export const requestOf = (owner: string, change: Partial<NetworkRequest> = {}): NetworkRequest => ({
  owner,
  name: owner,
  mode: "default",
  hostname: owner,
  domainname: "",
  endpoints: {},
  ports: {},
  publishAll: false,
  exposed: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  extraHosts: [],
  ...change,
});

/** Paths, database and the networks room. */
export function openBareHouse(root: string): House {
  const paths = pathsFor(root);
  const house = { paths, options: {}, db: openDatabase(paths) } as unknown as House;
  return Object.assign(house, { networks: createNetworks(house) });
}
