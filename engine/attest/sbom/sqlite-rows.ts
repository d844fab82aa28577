/**
 * The rows of one table of an SQLite database (its "Database File Format"), of an image's: read page by page and no further. SQLite itself would
 * run what the schema of a hostile file says (views, generated columns); here nothing is run, and every read is bounded.
 */

/** A column's value: integers and texts beyond what is needed here come as bytes. */
export type Cell = number | Buffer | null;

const mostRows = 200_000;
const mostPages = 2_000_000;
const deepest = 20;

/** @returns undefined for what is no database, or has no such table */
export function* rowsOf(file: Buffer, table: string): Generator<Cell[]> {
  if (file.length < 512 || file.subarray(0, 16).toString("latin1") !== "SQLite format 3\0") return;
  const pages = new Pages(file);
  for (const row of pages.rows(1)) {
    const [type, name, , root] = row;
    if (String(type) !== "table" || String(name) !== table || typeof root !== "number") continue;
    yield* pages.rows(root);
    return;
  }
}

class Pages {
  readonly #file: Buffer;
  readonly #size: number;
  /** Bytes of a page that hold content. */
  readonly #usable: number;
  #visited = 0;

  constructor(file: Buffer) {
    this.#file = file;
    const size = file.readUInt16BE(16);
    this.#size = size === 1 ? 65536 : Math.max(size, 512);
    this.#usable = this.#size - file[20]!;
  }

  /** From 1. */
  #page(number: number): Buffer | undefined {
    const page = this.#file.subarray((number - 1) * this.#size, number * this.#size);
    return number >= 1 && page.length === this.#size && ++this.#visited < mostPages ? page : undefined;
  }

  /** Of a table's tree, in the order of their ids. */
  *rows(root: number): Generator<Cell[]> {
    let left = mostRows;
    const pending = [{ number: root, depth: 0 }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const page = this.#page(next.number);
      if (!page || next.depth > deepest) continue;
      const start = next.number === 1 ? 100 : 0;
      const kind = page[start];
      const count = page.readUInt16BE(start + 3);
      const first = start + (kind === 5 ? 12 : 8);
      const cells = Array.from({ length: Math.min(count, (this.#size - first) >> 1) }, (_, at) => page.readUInt16BE(first + at * 2));
      const { depth } = next;
      if (kind === 5) {
        const children = [...cells.flatMap((at) => (at + 4 <= page.length ? [page.readUInt32BE(at)] : [])), page.readUInt32BE(start + 8)];
        pending.push(...children.reverse().map((number) => ({ number, depth: depth + 1 })));
      }
      if (kind !== 13) continue;
      for (const at of cells) {
        if (left-- <= 0) return;
        const payload = this.#payload(page, at);
        if (payload) yield recordOf(payload);
      }
    }
  }

  /** A cell's payload, with what overflowed into other pages. */
  #payload(page: Buffer, at: number): Buffer | undefined {
    const length = varint(page, at);
    const id = length && varint(page, length.end);
    if (!length || !id || length.value > this.#file.length) return undefined;
    const usable = this.#usable;
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const spilt = least + ((length.value - least) % (usable - 4));
    const local = length.value <= usable - 35 ? length.value : spilt <= usable - 35 ? spilt : least;
    const parts = [page.subarray(id.end, id.end + local)];
    if (local === length.value) return parts[0];
    let next = id.end + local + 4 <= page.length ? page.readUInt32BE(id.end + local) : 0;
    for (let rest = length.value - local; rest > 0; ) {
      const more = this.#page(next);
      if (!more) return undefined;
      const part = more.subarray(4, Math.min(usable, 4 + rest));
      parts.push(part);
      rest -= part.length;
      next = more.readUInt32BE(0);
    }
    return Buffer.concat(parts);
  }
}

/** "Record Format": the types of all columns, then their values. */
function recordOf(payload: Buffer): Cell[] {
  const head = varint(payload, 0);
  if (!head) return [];
  const cells: Cell[] = [];
  let at = head.value;
  for (let type = varint(payload, head.end); type && type.end <= head.value; type = varint(payload, type.end)) {
    const size = sizeOf(type.value);
    const bytes = payload.subarray(at, at + size);
    at += size;
    cells.push(cellOf(type.value, bytes));
  }
  return cells;
}

const sizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];
const sizeOf = (type: number) => (type < 12 ? sizes[type]! : (type - 12) >> 1);

function cellOf(type: number, bytes: Buffer): Cell {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  return type >= 1 && type <= 5 && bytes.length > 0 ? bytes.readIntBE(0, bytes.length) : bytes;
}

function varint(from: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = 0; at < 9; at++) {
    const byte = from[start + at];
    if (byte === undefined) return undefined;
    if (at === 8) return { value: value * 256 + byte, end: start + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: start + at + 1 };
  }
  return undefined;
}
