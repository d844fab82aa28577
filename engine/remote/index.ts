/** The room's door: an engine at the other end of Docker's API. Not loaded with the local one. */
export type { Endpoint } from "./link/address.ts";
export { parseAddress } from "./link/address.ts";
export type { Connection, ConnectionState, Peer } from "./link/connection.ts";
export { openRemoteEngine, type RemoteEngine, type RemoteOptions } from "./remote.ts";
