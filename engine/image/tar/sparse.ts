/**
 * GNU tar's sparse files: the content holds only the segments that are not holes, and a map says where they belong. The
 * map is in the header and blocks behind it (old GNU), in PAX records (0.0, 0.1), or before the content (1.0). Pure.
 * (GNU tar manual, "Storing Sparse Files"; its tar.h.)
 */
import { EngineError } from "../../errors.ts";
import { parseNumber } from "./header.ts";
import type { PaxRecords } from "./pax.ts";

export interface Segment {
  offset: number;
  length: number;
}

export interface SparseMap {
  /** Undefined while blocks are missing. */
  segments: Segment[] | undefined;
  /** The blocks count as content. */
  inContent: boolean;
  push(block: Buffer): void;
}

export interface SparseFile {
  /** Bytes of the file with its holes. */
  size: number;
  /** In place of the entry's. */
  name?: Buffer;
  map: SparseMap;
}

const malformed = () => new EngineError("archive", "invalid tar: malformed map of a sparse file");

/** What a file's records say; undefined for an ordinary file, and for forms that nobody knows: those are taken as they are. */
export function sparseOf(records: PaxRecords): SparseFile | undefined {
  const value = (name: string) => records.get(`GNU.sparse.${name}`)?.toString("latin1") ?? "";
  const version = `${value("major")}.${value("minor")}`;
  const list = value("map");
  if (!["1.0", "0.0", "0.1"].includes(version) && !(version === "." && list)) return undefined;
  const file = { size: number(value("size") || value("realsize")), name: records.get("GNU.sparse.name") };
  if (version === "1.0") return { ...file, map: new ContentMap() };
  const numbers = list === "" ? [] : list.split(",").map(number);
  if (numbers.length !== 2 * number(value("numblocks"))) throw malformed();
  return { ...file, map: { segments: pairs(numbers), inContent: false, push() {} } };
}

/** Records of form 0.0 repeat: their values are gathered as 0.1 writes them. True when the record was one. */
export function gatherSparse(records: PaxRecords, key: string, value: Buffer): boolean {
  if (key !== "GNU.sparse.offset" && key !== "GNU.sparse.numbytes") return false;
  const before = records.get("GNU.sparse.map");
  records.set("GNU.sparse.map", before ? Buffer.concat([before, Buffer.from(","), value]) : value);
  return true;
}

/** What an old GNU header says (type "S"). */
export function sparseHeader(block: Buffer): SparseFile {
  return { size: field(block, 483), map: new HeaderMap(block) };
}

/** Decimal numbers on lines of their own; the first says how many pairs follow. */
class ContentMap implements SparseMap {
  readonly inContent = true;
  segments: Segment[] | undefined;
  #numbers: number[] = [];
  #rest = "";

  push(block: Buffer): void {
    const lines = (this.#rest + block.toString("latin1")).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) if (!this.#isComplete()) this.#numbers.push(number(line));
    if (this.#isComplete()) this.segments = pairs(this.#numbers.slice(1));
    else if (this.#rest.length > 20) throw malformed();
  }

  #isComplete(): boolean {
    return this.#numbers.length > 0 && this.#numbers.length === 1 + 2 * this.#numbers[0]!;
  }
}

/** Four segments in the header, 21 in each block that continues it. */
class HeaderMap implements SparseMap {
  readonly inContent = false;
  segments: Segment[] | undefined;
  #known: Segment[];

  constructor(header: Buffer) {
    this.#known = entries(header, 386, 4);
    if (header[482] === 0) this.segments = this.#known;
  }

  push(block: Buffer): void {
    this.#known.push(...entries(block, 0, 21));
    if (block[504] === 0) this.segments = this.#known;
  }
}

/** Up to the first that is empty. */
function entries(block: Buffer, at: number, count: number): Segment[] {
  const places = Array.from({ length: count }, (_, index) => at + index * 24);
  const end = places.findIndex((place) => block[place] === 0);
  return places.slice(0, end < 0 ? count : end).map((place) => ({ offset: field(block, place), length: field(block, place + 12) }));
}

function field(block: Buffer, at: number): number {
  const value = parseNumber(block, at, 12);
  if (!Number.isSafeInteger(value) || value < 0) throw malformed();
  return value;
}

function pairs(numbers: readonly number[]): Segment[] {
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({ offset: numbers[2 * index]!, length: numbers[2 * index + 1]! }));
}

function number(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw malformed();
  return value;
}

interface Sink {
  data(chunk: Buffer): void;
  hole?(length: number): void;
}

/** Hands on the content of a sparse file, piece by piece, with the holes in between. */
export class Unfolder {
  #segments: readonly Segment[];
  #size: number;
  #sink: Sink;
  /** The segment at hand, and where in the file its next byte belongs. */
  #at = 0;
  #position = 0;

  /**
   * @param packed bytes of the content
   * @throws EngineError `archive` unless the segments are in order, apart, inside the file and together as long as the content
   */
  constructor(segments: readonly Segment[], size: number, packed: number, sink: Sink) {
    let end = 0;
    for (const { offset, length } of segments) {
      if (offset < end || offset + length > size) throw malformed();
      end = offset + length;
    }
    if (segments.reduce((sum, { length }) => sum + length, 0) !== packed) throw malformed();
    this.#segments = segments;
    this.#size = size;
    this.#sink = sink;
  }

  push(part: Buffer): void {
    for (let at = 0; at < part.length; ) {
      const { offset, length } = this.#segments[this.#at]!;
      this.#skipTo(offset);
      const used = Math.min(offset + length - this.#position, part.length - at);
      if (used > 0) this.#sink.data(part.subarray(at, at + used));
      at += used;
      this.#position += used;
      if (this.#position === offset + length) this.#at++;
    }
  }

  end(): void {
    this.#skipTo(this.#size);
  }

  #skipTo(offset: number): void {
    if (offset <= this.#position) return;
    this.#sink.hole?.(offset - this.#position);
    this.#position = offset;
  }
}
