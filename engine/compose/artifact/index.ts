/** Projects as packages in registries. A door of its own: nobody else needs the registry and a whole YAML parser. */
export type { ArtifactFile, OciVersion } from "./artifact.ts";
export { packProject } from "./pack.ts";
export { type Published, pushProject, targetOf } from "./push.ts";
export { findSensitive } from "./sensitive.ts";
