/** The room's door: projects of the Compose Specification. They need an engine's contract and nothing else of this host. */

export { isWished } from "../truth.ts";
export type * from "./build-section.ts";
export type * from "./deploy-section.ts";
export { variablesWithoutFiles } from "./discover.ts";
export type * from "./elements.ts";
export { composeVersion, containerName, imageName, label } from "./labels.ts";
export * from "./life/index.ts";
export { loadDocument, loadProject } from "./load.ts";
export { noSuchService } from "./model/selection.ts";
export { printBake } from "./print/bake.ts";
export { serviceHash } from "./print/hash.ts";
export { printDocument, printProject } from "./print/project.ts";
export { printVariables, type UsedVariable, variablesOf } from "./print/variables.ts";
export type * from "./project.ts";
export type * from "./service.ts";
export { hostReader } from "./source/reader.ts";
export * from "./watch/index.ts";
