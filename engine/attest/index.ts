/**
 * The attest room as others see it: what is attested of images (bills of materials, provenance, any statement), how it is kept, and
 * how it is read. Its verbs are loaded by the files they are in; the images room's interface has those for the outside.
 */
export type { IndexedImage } from "./give-index.ts";
export type { BuildFacts, Material, ProvenanceWish } from "./provenance/facts.ts";
