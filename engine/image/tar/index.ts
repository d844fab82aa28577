/** Tar archives, read and written: headers, PAX records, names that are bytes, sparse files. */
export { blockSize, checksumFits, type EntryType, type TarHeader } from "./header.ts";
export { decodeName, encodeName, fsPath, listNames } from "./names.ts";
export { readTar, type TarHandler, TarReader } from "./reader.ts";
export { type ScannedEntry, scanTar } from "./scan.ts";
export { encodeEntry, encodeHeader, encodeSparse, padding, tarHeader, trailer } from "./writer.ts";
