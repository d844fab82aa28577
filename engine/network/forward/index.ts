/** The program that carries IPv6 ports to IPv4 containers. */
export { canForward, canHold, redirectForwarder, startForwarder, stopForwarder } from "./start.ts";
