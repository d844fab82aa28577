/** The bytes of layers, touched by threads that are shut into one tree: packing, unpacking, compressing. */
export { attributesText, readAttributes, writeAttributes } from "./attributes.ts";
export { copyInto, copyOutOf, mountAt, pathOf, type RootedTree, statInTree } from "./copy-in-root.ts";
export { compressionOf, openDecompressor } from "./decompress.ts";
export { gzip } from "./gzip.ts";
export { LayerThread } from "./layer-thread.ts";
export { type Hold, pourable } from "./lent.ts";
export { isSmall, packLayerHere } from "./pack-layer.ts";
export type { PackResult, TarSource, UnpackResult } from "./protocol.ts";
export { packTree, unpackTree } from "./tree-stream.ts";
export { isWhiteout, opaqueAttribute } from "./whiteout.ts";
