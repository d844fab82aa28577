/** The program that carries IPv6 ports to IPv4 containers. */
export { canForward, canHold, redirectForwarder, startForwarder } from "./start.ts";
export { stopForwarder } from "./stop.ts";
