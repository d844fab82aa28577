/**
 * The modules that a Go program was built from: its build information, as `go version -m` reads it (Go's package debug/buildinfo). It
 * lies in the ELF section .go.buildinfo, or at the beginning of the data. All offsets are the file's own word, so each read is bounded.
 */
import type { FoundPackage } from "./package.ts";

/** Reads bytes at an offset: fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Buffer;

const magic = Buffer.from("\xff Go buildinf:", "latin1");
/** Of a section that holds it, and of the data that is searched for it. Bytes. */
const searched = 1 << 20;
const longestInfo = 4 << 20;
const mostSections = 4096;

/** @returns the modules; "old" for a program of Go before 1.18, whose information is elsewhere; undefined for what is no Go program */
export function readGoBinary(read: ReadAt, place: string): FoundPackage[] | "old" | undefined {
  const start = infoStart(read);
  if (start === undefined) return undefined;
  const head = read(start, 32);
  if (head.length < 32) return undefined;
  if (!(head[15]! & 2)) return "old";
  const version = stringAt(read, start + 32);
  const info = version && stringAt(read, version.end);
  if (!version || !info) return undefined;
  // Sixteen bytes before and behind it mark the text for debuggers.
  return modulesOf(info.bytes.subarray(16, -16).toString("utf8"), version.bytes.toString("utf8"), place);
}

/** A length as a varint, then so many bytes. */
function stringAt(read: ReadAt, offset: number): { bytes: Buffer; end: number } | undefined {
  const head = read(offset, 10);
  let length = 0;
  for (let at = 0; at < head.length; at++) {
    length += (head[at]! & 0x7f) * 2 ** (7 * at);
    if (head[at]! & 0x80) continue;
    if (length > longestInfo) return undefined;
    const bytes = read(offset + at + 1, length);
    return bytes.length === length ? { bytes, end: offset + at + 1 + length } : undefined;
  }
  return undefined;
}

function infoStart(read: ReadAt): number | undefined {
  const elf = elfOf(read);
  if (!elf) return undefined;
  for (const { offset, size } of [...elf.sections(), ...elf.writable()]) {
    const bytes = read(offset, Math.min(size, searched));
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) if (at % 16 === 0) return offset + at;
  }
  return undefined;
}

interface Extent {
  offset: number;
  size: number;
}

/** The parts of an ELF file (elf(5)) that are looked at: of 32 and 64 bits, of either order of bytes. */
function elfOf(read: ReadAt): { sections(): Extent[]; writable(): Extent[] } | undefined {
  const head = read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const half = (from: Buffer, at: number) => (little ? from.readUInt16LE(at) : from.readUInt16BE(at));
  const word = (from: Buffer, at: number) => (little ? from.readUInt32LE(at) : from.readUInt32BE(at));
  const long = (from: Buffer, at: number) => (wide ? Number(little ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at)) : word(from, at));
  if (wide && head.length < 64) return undefined;
  const table = (start: number, size: number, count: number, least: number) => {
    if (size < least || size > 1024 || count > mostSections) return [];
    const bytes = read(start, size * count);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
  };
  return {
    sections() {
      const at = wide ? 58 : 46;
      const rows = table(long(head, wide ? 40 : 32), half(head, at), half(head, at + 2), wide ? 64 : 40);
      const extent = (row: Buffer) => ({ offset: long(row, wide ? 24 : 16), size: long(row, wide ? 32 : 20) });
      const strings = rows[half(head, at + 4)];
      if (!strings) return [];
      const place = extent(strings);
      const names = read(place.offset, Math.min(place.size, searched));
      const name = ".go.buildinfo\0";
      return rows.filter((row) => names.subarray(word(row, 0), word(row, 0) + name.length).toString("latin1") === name).map(extent);
    },
    writable() {
      const at = wide ? 54 : 42;
      const rows = table(long(head, wide ? 32 : 28), half(head, at), half(head, at + 2), wide ? 56 : 32);
      const isWritable = (row: Buffer) => word(row, 0) === 1 && (word(row, wide ? 4 : 24) & 3) === 2;
      return rows.filter(isWritable).map((row) => ({ offset: long(row, wide ? 8 : 4), size: long(row, wide ? 32 : 16) }));
    },
  };
}

/** Lines of `go version -m`: "path", "mod", "dep", "=>" (what takes the place of the dependency above it), "build". */
function modulesOf(text: string, goVersion: string, place: string): FoundPackage[] {
  const found: FoundPackage[] = [];
  for (const line of text.split("\n").slice(0, 100_000)) {
    const [kind, path = "", version = ""] = line.split("\t");
    if (kind === "=>") found.pop();
    if (kind === "mod" || kind === "dep" || kind === "=>") found.push(...moduleOf(path, version, place));
  }
  const library = /^go\d[\w.]*/.exec(goVersion)?.[0].slice(2);
  return library ? [...found, { type: "golang", name: "stdlib", version: library, place }] : found;
}

function moduleOf(path: string, version: string, place: string): FoundPackage[] {
  if (path === "" || path.length > 1024 || /[\s\u0000-\u001f]/.test(path + version)) return [];
  const slash = path.lastIndexOf("/");
  const namespace = slash > 0 ? { namespace: path.slice(0, slash) } : {};
  // A program that was built in its own repository has no version: "(devel)".
  return [{ type: "golang", name: path.slice(slash + 1), ...namespace, version: version === "(devel)" ? "" : version, place }];
}
