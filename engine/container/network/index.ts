/** What a container asks of the networks, and what it has of them. */
export { emitNetworks, portMap, portSummaries } from "./endpoints.ts";
export { networkRequest } from "./network-request.ts";
