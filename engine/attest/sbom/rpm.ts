/** rpm's database of installed packages, in its present form (SQLite): the headers of packages, each a table of tags. Pure. */
import type { FoundPackage } from "./package.ts";
import { rowsOf } from "./sqlite-rows.ts";

/** rpm's "Header Tags". */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  url: 1020,
  architecture: 1022,
  source: 1044,
};
const mostTags = 100_000;

export function readRpmDatabase(file: Buffer, place: string): FoundPackage[] {
  const found: FoundPackage[] = [];
  for (const row of rowsOf(file, "Packages")) {
    const blob = row.find((cell) => Buffer.isBuffer(cell));
    const each = blob && readHeader(blob, place);
    if (each) found.push(each);
  }
  return found;
}

/** A header: two counts, entries of sixteen bytes (tag, type, offset, count), and the data they point into. */
function readHeader(blob: Buffer, place: string): FoundPackage | undefined {
  if (blob.length < 8) return undefined;
  const count = blob.readUInt32BE(0);
  if (count > mostTags || 8 + count * 16 > blob.length) return undefined;
  const data = blob.subarray(8 + count * 16);
  const entries = new Map<number, { type: number; offset: number }>();
  for (let at = 8; at < 8 + count * 16; at += 16)
    entries.set(blob.readInt32BE(at), { type: blob.readUInt32BE(at + 4), offset: blob.readUInt32BE(at + 8) });
  const text = (tag: number) => {
    const entry = entries.get(tag);
    if (!entry || ![6, 8, 9].includes(entry.type) || entry.offset >= data.length) return undefined;
    const end = data.indexOf(0, entry.offset);
    const value = data.subarray(entry.offset, end < 0 ? entry.offset : Math.min(end, entry.offset + 1024)).toString("utf8");
    return value && value !== "(none)" && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined;
  };
  const epoch = entries.get(tags.epoch);
  const number = epoch && epoch.type === 4 && epoch.offset + 4 <= data.length ? data.readUInt32BE(epoch.offset) : undefined;
  const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)];
  // Keys that packages are signed with are in the database, as packages.
  if (!name || !version || name === "gpg-pubkey") return undefined;
  const whole = `${number ? `${number}:` : ""}${version}${release ? `-${release}` : ""}`;
  const more = {
    architecture: text(tags.architecture),
    license: text(tags.license),
    supplier: text(tags.vendor),
    source: text(tags.source),
    homepage: text(tags.url),
  };
  const known = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as Partial<FoundPackage>;
  return { type: "rpm", name, version: whole, place, ...known };
}
