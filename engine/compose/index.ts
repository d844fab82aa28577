/** The room's door: projects of the Compose Specification. They need an engine's contract and nothing else of this host. */
export type * from "./build-section.ts";
export type * from "./deploy-section.ts";
export type * from "./elements.ts";
export { loadProject } from "./load.ts";
export type * from "./project.ts";
export type * from "./service.ts";
