/** The room's door: projects of the Compose Specification. They need an engine's contract and nothing else of this host. */

import type { Loaded } from "./load.ts";
import type { LoadOptions, Project, Reader } from "./project.ts";

export { isWished } from "../truth.ts";
export type * from "./build-section.ts";
export type * from "./deploy-section.ts";
export type * from "./elements.ts";
export { composeVersion, containerName, imageName, label } from "./labels.ts";
export * from "./life/index.ts";
export { noSuchService } from "./model/selection.ts";
export { printBake } from "./print/bake.ts";
export { serviceHash } from "./print/hash.ts";
export { printDocument, printProject } from "./print/project.ts";
export { printVariables, type UsedVariable, variablesOf } from "./print/variables.ts";
export type * from "./project.ts";
export { loadRemembered } from "./remembered.ts";
export type * from "./service.ts";
export { hostReader } from "./source/reader.ts";
export * from "./watch/index.ts";

/** See load.ts. Loaded when a project is: one that is known from before needs none of it. */
export const loadProject = async (options: LoadOptions): Promise<Project> => (await import("./load.ts")).loadProject(options);
export const loadDocument = async (options: LoadOptions): Promise<Loaded> => (await import("./load.ts")).loadDocument(options);
/** See discover.ts. */
export const variablesWithoutFiles = async (options: LoadOptions, reader: Reader): Promise<Record<string, string>> =>
  (await import("./discover.ts")).variablesWithoutFiles(options, reader);
