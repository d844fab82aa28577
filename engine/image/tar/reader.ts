/**
 * A streaming tar parser: bytes in, entries out, nothing held but the header at hand. It reads ustar, PAX (local and
 * global), GNU long names, base-256 numbers and sparse files. It judges form only: what a name may do to a
 * file system is the extractor's business.
 */
import { EngineError } from "../../errors.ts";
import { blockSize, checksumFits, entryType, isZeroBlock, parseName, parseNumber, parseText, type TarHeader, typeFlag } from "./header.ts";
import { decodeName } from "./names.ts";
import { applyPax, type PaxRecords, parsePax } from "./pax.ts";
import { type SparseFile, type SparseMap, sparseHeader, sparseOf, Unfolder } from "./sparse.ts";

export interface TarHandler {
  /** An entry begins; a file's content follows by `data`. */
  entry(header: TarHeader): void;
  data(chunk: Buffer): void;
  /** So many zero bytes of a sparse file, between its data. Without it such files are refused. */
  hole?(length: number): void;
  /** The entry is complete; called for each. */
  end(): void;
  /**
   * Everything that is not content of a file: headers, padding, the end of the archive, whatever follows it. The content
   * of a sparse file comes this way too, as the archive holds it.
   */
  raw?(bytes: Buffer): void;
}

/** Extended headers larger than this are an attack on memory: names end at 4 KiB, attributes at 64 KiB each. */
const metadataLimit = 1 << 20;

type State = "header" | "content" | "metadata" | "sparse-map" | "skip" | "padding" | "after-end";

export class TarReader {
  #handler: TarHandler;
  #state: State = "header";
  /** A header that straddles chunks. */
  #partial = Buffer.alloc(blockSize);
  #partialLength = 0;
  /** Bytes left of the content or metadata, then of its padding. */
  #left = 0;
  #padding = 0;
  #metadata: Buffer[] = [];
  #metadataFlag = "";
  #local: PaxRecords = new Map();
  #global: PaxRecords = new Map();
  /** A sparse file whose map comes in blocks of its own, how many did, and the bytes of its content that are left. */
  #mapping: { header: TarHeader; map: SparseMap; blocks: number; packed: number } | undefined;
  /** Of the sparse file whose content comes. */
  #unfolder: Unfolder | undefined;
  #zeroBlocks = 0;
  #entries = 0;
  #holes = 0;
  #offset = 0;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  /** Number of entries seen. */
  get entries(): number {
    return this.#entries;
  }

  /** Bytes of all holes: by so much the files are larger than the archive. */
  get holes(): number {
    return this.#holes;
  }

  /**
   * Takes the next bytes of the archive, in chunks of any size.
   * @throws EngineError `archive`, and whatever the handler throws
   */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const used = this.#step(chunk, at);
      at += used;
      this.#offset += used;
    }
  }

  /**
   * The archive ended. One without the two closing blocks is accepted, as by other tars.
   * @throws EngineError `archive` when it ended inside an entry
   */
  finish(): void {
    // As docker has it, the last entry needs no padding.
    const inside = !["header", "padding", "after-end"].includes(this.#state);
    if (inside || (this.#partialLength > 0 && this.#state === "header") || this.#local.size > 0)
      throw this.#fail("unexpected end of the archive");
  }

  /**
   * Passes over the content that comes next and its padding, for a caller who can seek.
   * @returns how many bytes the caller must leave out; 0 when a header comes next
   */
  skipContent(): number {
    if (this.#state !== "content") return 0;
    const skipped = this.#left + this.#padding;
    this.#offset += skipped;
    this.#left = 0;
    this.#padding = 0;
    this.#ended();
    return skipped;
  }

  #fail(why: string): EngineError {
    return new EngineError("archive", `invalid tar at byte ${this.#offset}: ${why}`);
  }

  #step(chunk: Buffer, at: number): number {
    if (this.#state === "header") return this.#takeHeader(chunk, at);
    if (this.#state === "after-end") {
      this.#handler.raw?.(at === 0 ? chunk : chunk.subarray(at));
      return chunk.length - at;
    }
    const wanted = this.#state === "padding" ? this.#padding : this.#left;
    const used = Math.min(wanted, chunk.length - at);
    const part = chunk.subarray(at, at + used);
    if (this.#state === "content" && !this.#unfolder) this.#handler.data(part);
    else {
      this.#handler.raw?.(part);
      if (this.#state === "content") this.#unfolder?.push(part);
      else if (this.#state !== "padding") this.#metadata.push(Buffer.from(part));
    }
    if (this.#state === "padding") this.#padding -= used;
    else this.#left -= used;
    if (used === wanted) this.#ended();
    return used;
  }

  /** The content, metadata or padding at hand is complete. */
  #ended(): void {
    const state = this.#state;
    if (state === "content") this.#endContent();
    if (state === "metadata") this.#takeMetadata();
    this.#state = state !== "padding" && this.#padding > 0 ? "padding" : "header";
    if (state === "sparse-map") this.#takeMapBlock();
  }

  #takeHeader(chunk: Buffer, at: number): number {
    if (this.#partialLength === 0 && chunk.length - at >= blockSize) {
      this.#header(chunk.subarray(at, at + blockSize));
      return blockSize;
    }
    const used = Math.min(blockSize - this.#partialLength, chunk.length - at);
    chunk.copy(this.#partial, this.#partialLength, at, at + used);
    this.#partialLength += used;
    if (this.#partialLength === blockSize) {
      this.#partialLength = 0;
      this.#header(this.#partial);
    }
    return used;
  }

  #header(block: Buffer): void {
    this.#handler.raw?.(block);
    if (block[0] === 0 && isZeroBlock(block)) {
      if (++this.#zeroBlocks === 2) this.#state = "after-end";
      return;
    }
    if (this.#zeroBlocks > 0) throw this.#fail("an entry follows a closing block");
    if (!checksumFits(block))
      throw this.#fail(this.#entries === 0 && this.#offset < blockSize ? "not a tar archive" : "the header's checksum does not fit");
    const flag = typeFlag(block);
    const size = parseNumber(block, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0) throw this.#fail("the entry's size is not a number");
    if (flag === "x" || flag === "g" || flag === "L" || flag === "K") this.#beginMetadata(flag, size);
    else if (flag === "V")
      this.#begin("skip", size); // a volume label
    else this.#entry(block, flag, size);
  }

  #beginMetadata(flag: string, size: number): void {
    if (size > metadataLimit) throw this.#fail(`an extended header of ${size} bytes is too large (the limit is ${metadataLimit})`);
    this.#metadataFlag = flag;
    this.#metadata = [];
    this.#begin("metadata", size);
  }

  #begin(state: State, size: number): void {
    this.#left = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
    this.#state = state;
    if (size === 0) this.#ended();
  }

  #takeMetadata(): void {
    const content = Buffer.concat(this.#metadata);
    this.#metadata = [];
    if (this.#metadataFlag === "x") this.#gather(this.#local, content);
    else if (this.#metadataFlag === "g") this.#gather(this.#global, content);
    else this.#local.set(this.#metadataFlag === "L" ? "path" : "linkpath", untilNul(content));
  }

  /** Records add up when no entry follows, global ones over the whole archive. */
  #gather(records: PaxRecords, content: Buffer): void {
    for (const [key, value] of parsePax(content)) records.set(key, value);
    const size = records.entries().reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    if (size > metadataLimit) throw this.#fail(`extended headers of ${size} bytes are too large (the limit is ${metadataLimit})`);
  }

  #entry(block: Buffer, flag: string, size: number): void {
    const header = this.#parse(block, flag, size);
    if (this.#global.size > 0) applyPax(header, this.#global);
    const local = this.#local;
    this.#local = new Map();
    applyPax(header, local);
    if (header.type !== "file") header.size = 0;
    const wrong = outOfRange(header);
    if (wrong) throw this.#fail(`entry "${header.name}" has a ${wrong} that Linux does not know`);
    const sparse = header.type !== "file" ? undefined : flag === "S" ? sparseHeader(block) : sparseOf(local);
    if (sparse) this.#beginSparse(header, sparse);
    else this.#beginEntry(header, header.size);
  }

  #beginEntry(header: TarHeader, packed: number): void {
    this.#entries++;
    this.#handler.entry(header);
    if (packed === 0) this.#endContent();
    else this.#begin("content", packed);
  }

  #endContent(): void {
    this.#unfolder?.end();
    this.#unfolder = undefined;
    this.#handler.end();
  }

  #beginSparse(header: TarHeader, { size, name, map }: SparseFile): void {
    if (!this.#handler.hole) throw this.#fail(`entry "${header.name}" is a sparse file: it cannot be read here`);
    this.#mapping = {
      header: { ...header, ...(name && { name: decodeName(name) }), size, sparse: true },
      map,
      blocks: 0,
      packed: header.size,
    };
    this.#endOfMap();
  }

  #takeMapBlock(): void {
    const mapping = this.#mapping!;
    if (mapping.map.inContent) mapping.packed -= blockSize;
    if (mapping.packed < 0 || ++mapping.blocks * blockSize > metadataLimit) throw this.#fail("the map of a sparse file is too large");
    mapping.map.push(Buffer.concat(this.#metadata.splice(0)));
    this.#endOfMap();
  }

  /** The map is complete, and the content comes; or another block of it. */
  #endOfMap(): void {
    const { header, map, packed } = this.#mapping!;
    if (!map.segments) {
      this.#begin("sparse-map", blockSize);
      return;
    }
    this.#mapping = undefined;
    this.#unfolder = new Unfolder(map.segments, header.size, packed, this.#handler);
    this.#holes += header.size - packed;
    this.#beginEntry(header, packed);
  }

  #parse(block: Buffer, flag: string, size: number): TarHeader {
    const type = entryType(flag);
    const name = parseName(block);
    if (!type) throw this.#fail(`entry "${name}" has the unknown type ${JSON.stringify(flag)}`);
    const header: TarHeader = {
      type,
      name,
      linkName: parseText(block, 157, 100),
      mode: parseNumber(block, 100, 8),
      uid: parseNumber(block, 108, 8),
      gid: parseNumber(block, 116, 8),
      uname: parseText(block, 265, 32),
      gname: parseText(block, 297, 32),
      size,
      mtime: parseNumber(block, 136, 12),
      mtimeNs: 0,
      major: type === "char" || type === "block" ? parseNumber(block, 329, 8) : 0,
      minor: type === "char" || type === "block" ? parseNumber(block, 337, 8) : 0,
    };
    if ([header.mode, header.uid, header.gid, header.mtime, header.major, header.minor].some(Number.isNaN))
      throw this.#fail(`entry "${name}" has a malformed number`);
    header.mode &= 0o7777;
    return header;
  }
}

/** 32 bits but for -1, which means "as it is" to chown(2); device numbers by <linux/kdev_t.h>. */
function outOfRange({ uid, gid, major, minor }: TarHeader): string | undefined {
  if ([uid, gid].some((id) => id < 0 || id >= 0xffffffff)) return "owner";
  return major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff ? "device number" : undefined;
}

function untilNul(content: Buffer): Buffer {
  const end = content.indexOf(0);
  return end < 0 ? content : content.subarray(0, end);
}

/** One entry of `readTar`; its content must be consumed (or is skipped) before the next entry is asked for. */
export interface TarEntry {
  header: TarHeader;
  content(): Generator<Buffer> | AsyncGenerator<Buffer>;
}

type Queued = { header: TarHeader } | { chunk: Buffer } | { hole: number } | { end: true };

const zeros = Buffer.alloc(1 << 16);

/**
 * Reads an archive from a stream, entry by entry: for small archives and for looking into large ones. Unpacking onto a
 * disk is faster and safer through the layer worker.
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const queue: Queued[] = [];
  const reader = new TarReader({
    entry: (header) => void queue.push({ header }),
    data: (chunk) => void queue.push({ chunk }),
    hole: (length) => void queue.push({ hole: length }),
    end: () => void queue.push({ end: true }),
  });
  const source = stream[Symbol.asyncIterator]();
  let done = false;
  const next = async (): Promise<Queued | undefined> => {
    while (queue.length === 0 && !done) {
      const { value, done: ended } = await source.next();
      if (ended) {
        reader.finish();
        done = true;
      } else reader.push(Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    }
    return queue.shift();
  };
  try {
    for (let item = await next(); item; item = await next()) {
      if (!("header" in item)) continue; // what the consumer left of the previous entry
      let open = true;
      const content = async function* () {
        while (open) {
          const part = await next();
          if (part && "chunk" in part) yield part.chunk;
          else if (part && "hole" in part) for (let left = part.hole; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
          else open = false;
        }
      };
      yield { header: item.header, content };
      for (const rest = content(); !(await rest.next()).done; );
    }
  } finally {
    await source.return?.();
  }
}

/** Collects the content of a small entry. @throws EngineError `archive` when it is larger than `limit` bytes */
export async function entryBytes(entry: TarEntry, limit = 64 << 20): Promise<Buffer> {
  if (entry.header.size > limit)
    throw new EngineError(
      "archive",
      `cannot read "${entry.header.name}" from the archive: ${entry.header.size} bytes are over the limit of ${limit}`,
    );
  const parts: Buffer[] = [];
  for await (const chunk of entry.content()) parts.push(chunk);
  return Buffer.concat(parts);
}

export type { TarHeader };
