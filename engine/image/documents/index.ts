/** What images are made of, as names and JSON: parsed, judged, chosen. */
export { chainOf, chainsOf, sha256 } from "./chain.ts";
export { applyChanges } from "./changes.ts";
export { encodeConfig } from "./config.ts";
export { parseHead, parseImageConfig, parseIndex, parseManifest } from "./documents.ts";
export { isDistributable, isDocumentType, isImageConfigType, isIndexType, isManifestType, mediaTypes } from "./media-types.ts";
export { satisfies, selectManifest } from "./platform.ts";
export {
  familiar,
  familiarRepository,
  full,
  parseReference,
  parseTag,
  pulledNames,
  type Reference,
  refuseReserved,
  repository,
  withTag,
} from "./reference.ts";
export { repositoryGlob } from "./repository-glob.ts";
export { listOf, mapOf, object, parseShaped, type Refuse, required, text, truth, whole } from "./shape.ts";
