import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { decodeName, encodeName } from "../../../../engine/image/tar/names.ts";
import { readTar, type TarHeader, TarReader } from "../../../../engine/image/tar/reader.ts";
import { scanTar } from "../../../../engine/image/tar/scan.ts";
import { encodeEntry, encodeHeader, padding, tarHeader, trailer } from "../../../../engine/image/tar/writer.ts";
import fc from "../../../support/property.ts";

const work = mkdtempSync(join(tmpdir(), "berth-tar-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Read {
  header: TarHeader;
  content: Buffer;
}

/** Parses an archive given in chunks of a size, and checks that what it reports adds up to the archive again. */
function parse(archive: Buffer, chunkSize = archive.length || 1): Read[] {
  const entries: Read[] = [];
  const all: Buffer[] = [];
  const reader = new TarReader({
    entry: (header) => void entries.push({ header, content: Buffer.alloc(0) }),
    data: (chunk) => {
      all.push(Buffer.from(chunk));
      entries.at(-1)!.content = Buffer.concat([entries.at(-1)!.content, chunk]);
    },
    end: () => {},
    raw: (bytes) => void all.push(Buffer.from(bytes)),
  });
  for (let at = 0; at < archive.length; at += chunkSize) reader.push(archive.subarray(at, at + chunkSize));
  reader.finish();
  expect(Buffer.concat(all).equals(archive)).toBe(true);
  return entries;
}

const stream = (...chunks: Buffer[]) =>
  (async function* () {
    yield* chunks;
  })();

describe("the size of what an archive says about its entries", () => {
  const limit = 1 << 20;
  const header = (flag: string, size: number) => {
    const block = encodeHeader(tarHeader({ name: "x", size }));
    block.write(flag, 156, "latin1");
    block.write("        ", 148, "latin1");
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    return block;
  };
  const padded = (content: Buffer) => Buffer.concat([content, padding(content.length)]);
  const plain = Buffer.concat([encodeHeader(tarHeader({ name: "file" })), trailer]);

  /** One record of `length` bytes in all: "LENGTH comment=xxx\n". */
  const record = (length: number, key = "comment") => {
    const head = `${length} ${key}=`;
    return Buffer.from(`${head}${"x".repeat(length - head.length - 1)}\n`);
  };

  test.each(["x", "g"])("a header of type %s as large as the limit is read, a larger one is not", (flag) => {
    expect(() => parse(Buffer.concat([header(flag, limit), padded(record(limit)), plain]))).not.toThrow();
    expect(() => parse(Buffer.concat([header(flag, limit + 1), padded(record(limit + 1)), plain]))).toThrow(
      `an extended header of ${limit + 1} bytes is too large (the limit is ${limit})`,
    );
  });

  test("several add up", () => {
    const half = (key: string) => Buffer.concat([header("g", limit / 2), padded(record(limit / 2, key))]);
    expect(() => parse(Buffer.concat([half("a"), half("b"), plain]))).not.toThrow();
    expect(() => parse(Buffer.concat([half("a"), half("b"), half("c"), plain]))).toThrow("are too large");
  });
});

describe("names", () => {
  test("any bytes survive", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => encodeName(decodeName(Buffer.from(bytes))).equals(Buffer.from(bytes))),
    );
  });
  test("UTF-8 stays readable", () => expect(decodeName(Buffer.from("Főtanúsítvány 🐳"))).toBe("Főtanúsítvány 🐳"));
});

describe("writer and reader", () => {
  const name = fc
    .oneof(fc.string({ minLength: 1, maxLength: 300 }), fc.stringMatching(/^[a-z/]{1,300}$/))
    .filter((text) => !text.includes("\0") && text.isWellFormed() && !text.endsWith("/"));
  const header = fc.record({
    name,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
    gid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
    mtime: fc.integer({ min: -(2 ** 31), max: 2 ** 36 }),
    mtimeNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
    xattrs: fc.oneof(
      fc.constant(undefined),
      fc.dictionary(fc.stringMatching(/^user\.[a-z]{1,20}$/), fc.uint8Array({ maxLength: 100 }), { minKeys: 1, maxKeys: 3 }),
    ),
  });

  test("what is written is read, in chunks of any size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(header, fc.uint8Array({ maxLength: 2000 })), { maxLength: 6 }),
        fc.integer({ min: 1, max: 1500 }),
        (items, chunkSize) => {
          const entries = items.map(([fields, content]) => {
            const xattrs = fields.xattrs && new Map(Object.entries(fields.xattrs).map(([key, value]) => [key, Buffer.from(value)]));
            return { header: tarHeader({ ...fields, xattrs, size: content.length }), content: Buffer.from(content) };
          });
          const archive = Buffer.concat([...entries.map((entry) => encodeEntry(entry.header, entry.content)), trailer]);
          const read = parse(archive, chunkSize);
          expect(read).toEqual(entries);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("every type is kept", () => {
    const headers = [
      tarHeader({ name: "d/", type: "directory", mode: 0o755 }),
      tarHeader({ name: "d/link", type: "symlink", linkName: "x".repeat(180) }),
      tarHeader({ name: "d/hard", type: "hardlink", linkName: "d/é" }),
      tarHeader({ name: "null", type: "char", major: 1, minor: 3 }),
      tarHeader({ name: "disk", type: "block", major: 259, minor: 70000 }),
      tarHeader({ name: "pipe", type: "fifo" }),
    ];
    expect(parse(Buffer.concat([...headers.map((header) => encodeHeader(header)), trailer])).map((entry) => entry.header)).toEqual(headers);
  });

  test("GNU tar reads what is written", () => {
    const long = `${"directory/".repeat(30)}file`;
    const archive = Buffer.concat([
      encodeEntry(tarHeader({ name: long, mtime: 1_700_000_000, mtimeNs: 5 }), Buffer.from("content")),
      encodeEntry(tarHeader({ name: "ünïcode" })),
      trailer,
    ]);
    expect(execFileSync("tar", ["-tf", "-"], { input: archive, env: { ...process.env, LC_ALL: "C.UTF-8" } }).toString()).toBe(
      `${long}\nünïcode\n`,
    );
    expect(execFileSync("tar", ["-xOf", "-", long], { input: archive }).toString()).toBe("content");
  });

  test.each(["gnu", "pax", "ustar", "v7"])("what GNU tar writes as %s is read", (format) => {
    const directory = join(work, format);
    const long = format === "v7" ? "short" : `${"n".repeat(90)}/${"m".repeat(90)}`;
    execFileSync("mkdir", ["-p", join(directory, long, "..")]);
    writeFileSync(join(directory, long), "x".repeat(1000));
    writeFileSync(join(directory, "first"), "");
    execFileSync("ln", [join(directory, "first"), join(directory, "zhard")]);
    execFileSync("ln", ["-s", "target", join(directory, "zsoft")]);
    const archive = execFileSync("tar", ["-C", directory, `--format=${format}`, "--sort=name", "-cf", "-", "."]);
    const entries = parse(archive, 700);
    const file = entries.find((entry) => entry.header.name === `./${long}`);
    expect(file?.content.toString()).toBe("x".repeat(1000));
    expect(entries.find((entry) => entry.header.name === "./zhard")?.header).toMatchObject({
      type: "hardlink",
      linkName: "./first",
      size: 0,
    });
    expect(entries.find((entry) => entry.header.name === "./zsoft")?.header).toMatchObject({ type: "symlink", linkName: "target" });
    expect(entries[0]?.header).toMatchObject({ type: "directory" });
  });

  test("numbers over the octal fields survive", () => {
    const big = tarHeader({ name: "big", size: 9 * 2 ** 30 });
    const seen: TarHeader[] = [];
    new TarReader({ entry: (each) => void seen.push(each), data: () => {}, end: () => {} }).push(encodeHeader(big));
    expect(seen[0]?.size).toBe(9 * 2 ** 30);
  });

  test("GNU's base-256 numbers are read", () => {
    writeFileSync(join(work, "owned"), "");
    const archive = execFileSync("tar", [
      "-C",
      work,
      "--format=gnu",
      "--owner=:3000000",
      "--group=:4000000000",
      "--mtime=@-1",
      "-cf",
      "-",
      "owned",
    ]);
    expect(parse(archive)[0]?.header).toMatchObject({ uid: 3_000_000, gid: 4_000_000_000, mtime: -1 });
  });
});

describe("damaged archives", () => {
  const good = encodeEntry(tarHeader({ name: "file" }), Buffer.from("content"));
  const refusal = (archive: Buffer) => {
    try {
      parse(archive);
    } catch (error) {
      return error instanceof EngineError && error.code === "archive" ? error.message : error;
    }
    return "accepted";
  };
  const pax = (content: string, flag = "x") => {
    const block = encodeHeader(tarHeader({ name: "pax", size: content.length }));
    block.write(flag, 156);
    fixChecksum(block);
    return Buffer.concat([block, Buffer.from(content), padding(content.length)]);
  };

  test("text is no archive", () => expect(refusal(Buffer.from("hello ".repeat(200)))).toMatch("not a tar archive"));
  test("a flipped bit in a header", () => {
    const bad = Buffer.concat([good, good]);
    bad[1024 + 5]! ^= 1;
    expect(refusal(bad)).toMatch("at byte 1024: the header's checksum does not fit");
  });
  test("an end inside content", () => expect(refusal(good.subarray(0, 515))).toMatch("unexpected end"));
  test("an end inside a header", () => expect(refusal(good.subarray(0, 300))).toMatch("unexpected end"));
  test("an end without closing blocks is fine", () => expect(parse(good)).toHaveLength(1));
  test("bytes after the end are kept and ignored", () =>
    expect(parse(Buffer.concat([good, trailer, Buffer.from("rubbish")]))).toHaveLength(1));
  test("an entry between the closing blocks", () =>
    expect(refusal(Buffer.concat([trailer.subarray(0, 512), good]))).toMatch("follows a closing block"));
  test("a PAX header of a gigabyte", () => {
    const block = encodeHeader(tarHeader({ name: "pax", size: 2 ** 30 }));
    block.write("x", 156);
    fixChecksum(block);
    expect(refusal(block)).toMatch("too large");
  });
  test("PAX records that lie about their length", () => {
    for (const content of ["99 path=x\n", "3 a\n", "x path=x\n", "9 pathx\n", "0 a=b\n", "-5 a=b\n", "9 path=xy\n"])
      expect(refusal(Buffer.concat([pax(content), good]))).toMatch("malformed PAX record");
  });
  test("a PAX size that is no size", () =>
    expect(refusal(Buffer.concat([pax("11 size=-5\n"), good]))).toMatch("PAX record size is not a number"));
  test("a PAX header at the very end", () => expect(refusal(pax("9 path=a\n"))).toMatch("unexpected end"));
  test("a PAX key with a NUL byte", () => expect(refusal(Buffer.concat([pax("9 pa\0h=x\n"), good]))).toMatch("malformed PAX record"));
  test("a mode that is no number", () => {
    const block = encodeHeader(tarHeader({ name: "file" }));
    block.write("rwxr-xr", 100);
    fixChecksum(block);
    expect(refusal(block)).toMatch('entry "file" has a malformed number');
  });
  test("an end where only the padding is missing is fine", () => expect(parse(good.subarray(0, 512 + 7))).toHaveLength(1));
  test("a name that ends in a slash makes a directory only where there is no type", () => {
    const named = (flag: string) => {
      const block = encodeHeader(tarHeader({ name: "name/", size: 7 }));
      block.write(flag, 156, "latin1");
      fixChecksum(block);
      return parse(Buffer.concat([block, ...(flag === "0" ? [Buffer.from("content"), padding(7)] : [])]))[0]?.header;
    };
    expect(named("\0")).toMatchObject({ type: "directory", size: 0 });
    expect(named("0")).toMatchObject({ type: "file", size: 7 });
  });
  test("noise never causes anything but an archive error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 0, max: 1023 }), (noise, at) => {
        const archive = Buffer.concat([good, Buffer.from(noise)]);
        archive[at]! ^= 0x15;
        const result = refusal(archive);
        expect(typeof result).toBe("string");
      }),
    );
  });
});

/** The sum of all bytes with the field itself as blanks. */
function fixChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
}

test("entries are read one by one from a stream, also when contents are left unread", async () => {
  const archive = Buffer.concat([
    encodeEntry(tarHeader({ name: "a" }), Buffer.alloc(5000, "a")),
    encodeEntry(tarHeader({ name: "b" }), Buffer.from("bee")),
    trailer,
  ]);
  const seen: string[] = [];
  for await (const entry of readTar(stream(archive.subarray(0, 600), archive.subarray(600)))) {
    seen.push(entry.header.name);
    if (entry.header.name === "b") for await (const chunk of entry.content()) seen.push(chunk.toString());
  }
  expect(seen).toEqual(["a", "b", "bee"]);
});

test("a table of contents points to the contents", () => {
  const file = join(work, "scan.tar");
  writeFileSync(
    file,
    Buffer.concat([
      encodeEntry(tarHeader({ name: "./a" }), Buffer.alloc(700, "a")),
      encodeEntry(tarHeader({ name: "empty" })),
      encodeEntry(tarHeader({ name: "b/c", mtimeNs: 1 }), Buffer.from("see")),
      trailer,
    ]),
  );
  const fd = openSync(file, "r");
  const entries = scanTar(fd, 0, 1e6);
  closeSync(fd);
  expect([...entries.keys()]).toEqual(["a", "empty", "b/c"]);
  const { offset, size } = entries.get("b/c")!;
  expect(
    execFileSync("dd", [`if=${file}`, "bs=1", `skip=${offset}`, `count=${size}`], { stdio: ["ignore", "pipe", "ignore"] }).toString(),
  ).toBe("see");
});
