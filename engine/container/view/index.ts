/** What is shown of containers: ps, inspect, stats, top. */
export { noProcessStatus } from "./top.ts";
