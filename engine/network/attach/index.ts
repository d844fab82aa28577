/** Containers put on networks and taken off: bridges, cables, and undoing what failed half way. */
export { lowerBridge } from "./bridge.ts";
