/**
 * The tar packer: headers out of attributes, canonical, so that the same entries always give the same bytes (a diff id
 * depends on it). Plain ustar where everything fits, otherwise one PAX header with only what does not fit.
 */
import { blockSize, encodeBlock, flagFor, type TarHeader } from "./header.ts";
import { encodeName } from "./names.ts";
import { encodePax } from "./pax.ts";

/** Two zero blocks end an archive. */
export const trailer: Buffer = Buffer.alloc(2 * blockSize);

const maxOctal8 = 0o7777777;
const maxOctal12 = 0o77777777777;

/** The zero bytes after `size` bytes of content. */
export function padding(size: number): Buffer {
  return trailer.subarray(0, (blockSize - (size % blockSize)) % blockSize);
}

/** A header with the usual values, for entries made up on the spot. */
export function tarHeader(fields: Partial<TarHeader> & Pick<TarHeader, "name">): TarHeader {
  const plain = {
    type: "file",
    linkName: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    uname: "",
    gname: "",
    size: 0,
    mtime: 0,
    mtimeNs: 0,
    major: 0,
    minor: 0,
  } as const;
  return { ...plain, ...fields };
}

/**
 * The header blocks of an entry: what precedes its content. Directory names get their trailing slash.
 * @param extension further PAX records
 */
export function encodeHeader(header: TarHeader, extension: readonly (readonly [string, string])[] = []): Buffer {
  const text = header.type === "directory" && !header.name.endsWith("/") ? `${header.name}/` : header.name;
  const name = encodeName(text);
  const linkName = encodeName(header.linkName);
  const records: (readonly [string, string | Buffer])[] = [...extension];
  const split = splitName(name);
  if (!split) records.push(["path", text]);
  if (linkName.length > 100 || !isAscii(linkName)) records.push(["linkpath", header.linkName]);
  const fits = (key: string, value: number, limit: number) => {
    if (value >= 0 && value <= limit) return value;
    records.push([key, String(value)]);
    return 0;
  };
  const size = fits("size", header.size, maxOctal12);
  const uid = fits("uid", header.uid, maxOctal8);
  const gid = fits("gid", header.gid, maxOctal8);
  const mtime = header.mtimeNs === 0 ? fits("mtime", header.mtime, maxOctal12) : Math.max(0, header.mtime);
  if (header.mtimeNs !== 0) records.push(["mtime", formatTime(header.mtime, header.mtimeNs)]);
  for (const key of [...(header.xattrs?.keys() ?? [])].sort()) records.push([`SCHILY.xattr.${key}`, header.xattrs!.get(key)!]);
  const { type, mode, uname, gname, major, minor } = header;
  const fixed = { linkName, flag: flagFor(type), mode, uid, gid, size, mtime, uname, gname, major, minor };
  const block = encodeBlock({ ...fixed, name: split?.name ?? name.subarray(0, 100), prefix: split?.prefix });
  return records.length === 0 ? block : Buffer.concat([encodePaxEntry(name, records), block]);
}

/** Fits name and prefix into ustar's 100 and 155 bytes; undefined when PAX must hold the name. */
function splitName(name: Buffer): { name: Buffer; prefix?: Buffer } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return { name };
  if (name.length > 256) return undefined;
  // The last byte may be a directory's slash, which has to stay in the name.
  const slash = name.lastIndexOf(0x2f, Math.min(155, name.length - 2));
  if (slash <= 0 || name.length - slash - 1 > 100) return undefined;
  return { name: name.subarray(slash + 1), prefix: name.subarray(0, slash) };
}

function isAscii(bytes: Buffer): boolean {
  return !bytes.some((byte) => byte > 0x7f || byte === 0);
}

function formatTime(seconds: number, nanoseconds: number): string {
  const negative = seconds < 0 && nanoseconds > 0;
  const whole = negative ? seconds + 1 : seconds;
  const fraction = String(negative ? 1e9 - nanoseconds : nanoseconds)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${negative && whole === 0 ? "-0" : whole}.${fraction}`;
}

function encodePaxEntry(name: Buffer, records: readonly (readonly [string, string | Buffer])[]): Buffer {
  const content = encodePax(records);
  const base = name.subarray(name.lastIndexOf(0x2f, name.length - 2) + 1);
  const block = encodeBlock({
    name: Buffer.concat([Buffer.from("PaxHeaders.0/"), base.subarray(0, 80)]),
    linkName: Buffer.alloc(0),
    flag: "x",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: 0,
    uname: "",
    gname: "",
    major: 0,
    minor: 0,
  });
  return Buffer.concat([block, content, padding(content.length)]);
}

/**
 * What precedes the data of a file with holes: header and map in GNU tar's form 1.0 (its manual, "Storing Sparse Files").
 * @param segments of data, in order; the caller writes them one behind the other, and pads their sum
 */
export function encodeSparse(header: TarHeader, segments: readonly { offset: number; length: number }[]): Buffer {
  const last = segments.at(-1);
  const end = last ? last.offset + last.length : 0;
  const all = end < header.size ? [...segments, { offset: header.size, length: 0 }] : segments; // for readers that take the size from it
  const lines = [all.length, ...all.flatMap(({ offset, length }) => [offset, length])];
  const map = Buffer.from(`${lines.join("\n")}\n`);
  const size = map.length + padding(map.length).length + segments.reduce((sum, { length }) => sum + length, 0);
  const records = [
    ["GNU.sparse.major", "1"],
    ["GNU.sparse.minor", "0"],
    ["GNU.sparse.name", header.name],
    ["GNU.sparse.realsize", String(header.size)],
  ] as const;
  // What a reader unpacks that knows nothing of all this.
  const name = header.name.replace(/([^/]*)$/, "GNUSparseFile.0/$1");
  return Buffer.concat([encodeHeader({ ...header, name, size }, records), map, padding(map.length)]);
}

/** A whole small entry: header, content, padding. */
export function encodeEntry(header: TarHeader, content: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([encodeHeader({ ...header, size: content.length }), content, padding(content.length)]);
}
