/**
 * One 512-byte tar header (POSIX ustar, with GNU's base-256 numbers), both ways. Extended headers are pax.ts; the order
 * of blocks in an archive is reader.ts and writer.ts.
 */
import { decodeName, encodeName } from "./names.ts";

export const blockSize = 512;

export type EntryType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

/** What an archive says of one entry. Names are as written: nothing is cleaned or trusted yet. */
export interface TarHeader {
  type: EntryType;
  name: string;
  /** Target of a symlink, or the earlier entry a hardlink names. */
  linkName: string;
  /** Permission and set-id bits, without the type. */
  mode: number;
  uid: number;
  gid: number;
  uname: string;
  gname: string;
  /** Bytes of content; 0 for anything but a file. */
  size: number;
  /** The archive holds the content without its holes. */
  sparse?: boolean;
  /** Seconds since the epoch, and the nanoseconds above them. */
  mtime: number;
  mtimeNs: number;
  major: number;
  minor: number;
  /** Extended attributes by name. */
  xattrs?: Map<string, Buffer>;
}

const typeOfFlag: Record<string, EntryType> = {
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};
const flagOfType: Record<EntryType, string> = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", directory: "5", fifo: "6" };

/** The entry type of a type flag; undefined for extensions and unknown flags. */
export function entryType(flag: string): EntryType | undefined {
  return typeOfFlag[flag];
}

/** An octal field, or GNU's base-256 when the first byte's top bit is set; NaN when it is neither. */
export function parseNumber(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80) return parseBinary(block, at, length);
  let value = 0;
  let seen = false;
  for (let i = at; i < at + length; i++) {
    const byte = block[i]!;
    if (byte === 0x20 || byte === 0) {
      if (seen) break;
      continue;
    }
    if (byte < 0x30 || byte > 0x37) return Number.NaN;
    value = value * 8 + (byte - 0x30);
    seen = true;
  }
  return value;
}

function parseBinary(block: Buffer, at: number, length: number): number {
  const negative = (block[at]! & 0x40) !== 0;
  let value = negative ? -1n : BigInt(block[at]! & 0x7f);
  if (negative) value = (value << 7n) | BigInt(block[at]! & 0x7f);
  for (let i = at + 1; i < at + length; i++) value = (value << 8n) | BigInt(block[i]!);
  const result = Number(value);
  return Number.isSafeInteger(result) ? result : Number.NaN;
}

/** A field that ends at its first NUL or its length. */
export function parseText(block: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  return decodeName(block.subarray(at, end));
}

/** True when the checksum field fits the block, summed with unsigned bytes (POSIX) or signed ones (old tars). */
export function checksumFits(block: Buffer): boolean {
  const stated = parseNumber(block, 148, 8);
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}

/** True for the all-zero block that ends an archive. */
export function isZeroBlock(block: Buffer): boolean {
  for (let i = 0; i < blockSize; i++) if (block[i] !== 0) return false;
  return true;
}

/** Before ustar the flag was NUL, and a directory was a file whose name ends in a slash. */
export function typeFlag(block: Buffer): string {
  if (block[156] !== 0) return String.fromCharCode(block[156]!);
  return parseName(block).endsWith("/") ? "5" : "0";
}

/** Name with the ustar prefix; GNU tar uses the prefix's bytes for other things. */
export function parseName(block: Buffer): string {
  const name = parseText(block, 0, 100);
  const isUstar = block.toString("latin1", 257, 263) === "ustar\0";
  return isUstar && block[345] !== 0 ? `${parseText(block, 345, 155)}/${name}` : name;
}

/** What fits the fixed fields of a header: the caller puts the rest into a PAX header. */
export interface HeaderFields {
  name: Buffer;
  prefix?: Buffer;
  linkName: Buffer;
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  uname: string;
  gname: string;
  major: number;
  minor: number;
}

export function flagFor(type: EntryType): string {
  return flagOfType[type];
}

/** Encodes the block with its checksum. Fields must fit. */
export function encodeBlock(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(blockSize);
  fields.name.copy(block, 0, 0, 100);
  putOctal(block, fields.mode, 100, 8);
  putOctal(block, fields.uid, 108, 8);
  putOctal(block, fields.gid, 116, 8);
  putOctal(block, fields.size, 124, 12);
  putOctal(block, fields.mtime, 136, 12);
  block.fill(0x20, 148, 156);
  block.write(fields.flag, 156, "latin1");
  fields.linkName.copy(block, 157, 0, 100);
  block.write("ustar\x0000", 257, "latin1");
  encodeName(fields.uname).copy(block, 265, 0, 32);
  encodeName(fields.gname).copy(block, 297, 0, 32);
  putOctal(block, fields.major, 329, 8);
  putOctal(block, fields.minor, 337, 8);
  fields.prefix?.copy(block, 345, 0, 155);
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += block[i]!;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function putOctal(block: Buffer, value: number, at: number, length: number): void {
  block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
}
