/** PAX extended header records (POSIX.1-2001 pax, "pax Extended Header"): "LENGTH KEY=VALUE\n". */
import { EngineError } from "../../errors.ts";
import type { TarHeader } from "./header.ts";
import { decodeName, encodeName } from "./names.ts";
import { gatherSparse } from "./sparse.ts";

/** Raw values by key, in order. */
export type PaxRecords = Map<string, Buffer>;

const xattrPrefixes = ["SCHILY.xattr.", "LIBARCHIVE.xattr."] as const;

/**
 * Parses the content of an extended header.
 * @throws EngineError `archive` when a record's length does not fit
 */
export function parsePax(content: Buffer): PaxRecords {
  const records: PaxRecords = new Map();
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const space = content.indexOf(0x20, at);
    const length = space > at && space - at < 12 ? Number(content.toString("latin1", at, space)) : Number.NaN;
    const end = at + length;
    if (!Number.isInteger(length) || end > content.length || end <= space + 1 || content[end - 1] !== 0x0a) throw malformed();
    const equals = content.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw malformed();
    const key = content.toString("utf8", space + 1, equals);
    const value = content.subarray(equals + 1, end - 1);
    if (key.includes("\0")) throw malformed();
    if (!gatherSparse(records, key, value)) records.set(key, value);
    at = end;
  }
  return records;
}

function malformed(): EngineError {
  return new EngineError("archive", "invalid tar: malformed PAX record");
}

/** Lays records over what the fixed header said. */
export function applyPax(header: TarHeader, records: PaxRecords): void {
  for (const [key, value] of records) {
    if (value.length === 0 && !key.startsWith(xattrPrefixes[0])) continue; // an empty value deletes a global record
    const setter = setters[key];
    if (setter) setter(header, value);
    else if (key.startsWith(xattrPrefixes[0])) (header.xattrs ??= new Map()).set(key.slice(xattrPrefixes[0].length), value);
    else if (key.startsWith(xattrPrefixes[1])) setEncodedXattr(header, key.slice(xattrPrefixes[1].length), value);
  }
}

/** libarchive writes the name percent-encoded and the value in base64. SCHILY's plain form wins when both are there. */
function setEncodedXattr(header: TarHeader, name: string, value: Buffer): void {
  const key = decodePercents(name);
  header.xattrs ??= new Map();
  if (!header.xattrs.has(key)) header.xattrs.set(key, Buffer.from(value.toString("latin1"), "base64"));
}

function decodePercents(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw new EngineError("archive", `invalid tar: malformed attribute name ${JSON.stringify(name)}`, { cause });
  }
}

function integer(value: Buffer, key: string): number {
  const text = value.toString("latin1");
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new EngineError("archive", `invalid tar: PAX record ${key} is not a number`);
  return number;
}

const setters: Record<string, (header: TarHeader, value: Buffer) => void> = {
  path: (header, value) => void (header.name = decodeName(value)),
  linkpath: (header, value) => void (header.linkName = decodeName(value)),
  size: (header, value) => void (header.size = integer(value, "size")),
  uid: (header, value) => void (header.uid = integer(value, "uid")),
  gid: (header, value) => void (header.gid = integer(value, "gid")),
  uname: (header, value) => void (header.uname = value.toString("utf8")),
  gname: (header, value) => void (header.gname = value.toString("utf8")),
  mtime: (header, value) => setTime(header, value.toString("latin1")),
};

/** "1700000000.123456789", also negative: the fraction always counts upwards from the whole second. */
function setTime(header: TarHeader, text: string): void {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  const whole = Number(match?.[2]);
  if (!match || !Number.isSafeInteger(whole)) throw new EngineError("archive", "invalid tar: PAX record mtime is not a time");
  const fraction = Number((match[3] ?? "").padEnd(9, "0").slice(0, 9));
  const negative = match[1] === "-";
  header.mtime = negative ? -whole - (fraction > 0 ? 1 : 0) : whole;
  header.mtimeNs = negative && fraction > 0 ? 1e9 - fraction : fraction;
}

/** Encodes records in the given order. */
export function encodePax(records: Iterable<readonly [string, string | Buffer]>): Buffer {
  return Buffer.concat(
    Array.from(records, ([key, value]) => {
      const body = Buffer.concat([Buffer.from(` ${key}=`), typeof value === "string" ? encodeName(value) : value, Buffer.from("\n")]);
      // The length counts its own digits.
      let length = body.length + 1;
      while (String(length).length + body.length !== length) length = String(length).length + body.length;
      return Buffer.concat([Buffer.from(String(length)), body]);
    }),
  );
}
