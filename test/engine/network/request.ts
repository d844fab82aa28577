/** The plainest request: what tests and their second processes share. */
import type { NetworkRequest } from "../../../engine/network/types.ts";

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
