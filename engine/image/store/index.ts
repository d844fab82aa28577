/** The images that are stored: their records, names and documents, from a reference to what runs. */
export {
  BlobHolds,
  below,
  collectBlobs,
  documentLimit,
  findBlob,
  oweBlobs,
  readBlobBytes,
  readDocument,
  recordBlobs,
  referrersOf,
  type StoredDocument,
} from "./blobs.ts";
export { commitImage } from "./commit-image.ts";
export type { KeepLayer, Watch } from "./keep-layer.ts";
export { type KeptDocuments, keptDocuments } from "./kept.ts";
export { partsOfNames } from "./parts.ts";
export { attachReferrer, describeReferrer, listReferrers } from "./referrers.ts";
export { type ResolvedImage, resolveImage, tryResolveImage } from "./resolve.ts";
export {
  addManifest,
  changeTop,
  configOf,
  descriptorOf,
  digestsBeside,
  emitImage,
  type Found,
  familiarNames,
  findImage,
  type ImageRow,
  imageById,
  insertImage,
  keepImage,
  manifestsOf,
  parseConfig,
  referencesOf,
  requireImage,
  sameRepository,
  setReference,
  tagsBeside,
  topOf,
  topsOf,
} from "./store.ts";
export { unpackVariant } from "./unpack-variant.ts";
export { imageUsage, storedChains } from "./usage.ts";
export { chooseVariant, type Variant, variantsOf } from "./variants.ts";
