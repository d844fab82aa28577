/** Published ports: held on the host and led to a container. */
export type { HeldPort } from "./ports.ts";
export { followPorts } from "./publishing.ts";
