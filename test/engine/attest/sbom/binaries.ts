/** Files that managers and compilers make, made by hand: an ELF program of Go's, rpm's database. */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Build information as Go 1.18 and later write it, in a program of 64 bits. */
export function goProgram(info: string, options: { version?: string; inline?: boolean; sections?: boolean } = {}): Buffer {
  const { version = "go1.22.1", inline = true, sections = true } = options;
  const text = (bytes: Buffer) => Buffer.concat([varint(bytes.length), bytes]);
  const marked = Buffer.concat([Buffer.alloc(16, 0x30), Buffer.from(info), Buffer.alloc(16, 0xf9)]);
  const head = Buffer.alloc(32);
  head.write("\xff Go buildinf:", 0, "latin1");
  head[14] = 8;
  head[15] = inline ? 2 : 0;
  const content = Buffer.concat([head, text(Buffer.from(version)), text(marked)]);
  const names = Buffer.from("\0.go.buildinfo\0.shstrtab\0");
  const [segment, data, shstr] = [64, 128, 128 + content.length];
  const table = shstr + names.length;
  const file = Buffer.alloc(table + 3 * 64);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeBigUInt64LE(BigInt(segment), 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, segment); // PT_LOAD
  file.writeUInt32LE(6, segment + 4); // read, write
  file.writeBigUInt64LE(BigInt(data), segment + 8);
  file.writeBigUInt64LE(BigInt(content.length), segment + 32);
  content.copy(file, data);
  names.copy(file, shstr);
  if (!sections) return file;
  file.writeBigUInt64LE(BigInt(table), 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(3, 60);
  file.writeUInt16LE(2, 62);
  const section = (at: number, name: number, offset: number, size: number) => {
    file.writeUInt32LE(name, table + at * 64);
    file.writeBigUInt64LE(BigInt(offset), table + at * 64 + 24);
    file.writeBigUInt64LE(BigInt(size), table + at * 64 + 32);
  };
  section(1, 1, data, content.length);
  section(2, 15, shstr, names.length);
  return file;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 0x80);
  }
}

/** A package's header as rpm stores it: strings by their tags, and an epoch. */
export function rpmHeader(strings: Record<number, string>, epoch?: number): Buffer {
  const entries: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  const add = (tag: number, type: number, bytes: Buffer) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt32BE(tag, 0);
    entry.writeUInt32BE(type, 4);
    entry.writeUInt32BE(offset, 8);
    entry.writeUInt32BE(1, 12);
    entries.push(entry);
    data.push(bytes);
    offset += bytes.length;
  };
  if (epoch !== undefined) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(epoch);
    add(1003, 4, bytes);
  }
  for (const [tag, text] of Object.entries(strings)) add(Number(tag), 6, Buffer.from(`${text}\0`));
  const counts = Buffer.alloc(8);
  counts.writeUInt32BE(entries.length, 0);
  counts.writeUInt32BE(offset, 4);
  return Buffer.concat([counts, ...entries, ...data]);
}

/** rpm's database of those headers. */
export function rpmDatabase(path: string, headers: readonly Buffer[]): void {
  rmSync(path, { force: true });
  const database = new DatabaseSync(path);
  database.exec("BEGIN; CREATE TABLE 'Other' (a); CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");
  const insert = database.prepare("INSERT INTO Packages (blob) VALUES (?)");
  for (const header of headers) insert.run(header);
  database.exec("COMMIT");
  database.close();
}
