/** Published ports: held on the host and led to a container. */
export { type HeldPort, portKey } from "./ports.ts";
export { followPorts, holdAndPublish } from "./publishing.ts";
