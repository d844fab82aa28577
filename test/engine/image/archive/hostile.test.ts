import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { unpackLimit } from "../../../../engine/image/layer/limit.ts";
import type { TarHeader } from "../../../../engine/image/tar/header.ts";
import { encodeHeader, tarHeader } from "../../../../engine/image/tar/writer.ts";
import { removeTree } from "../../../../engine/process/remove-tree.ts";
import { readXattrs } from "../../../../engine/sys/files.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { addLayer, type Entry, leftovers, listing, rebuilt, tarOf } from "../scene.ts";

let scene: TestEngine;
/** A file outside every layer that no archive may touch. */
let outside: string;
beforeAll(() => {
  scene = openTestEngine();
  void scene.engine.db;
  outside = join(scene.root, "outside");
});
beforeEach(() => {
  rmSync(outside, { recursive: true, force: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "victim"), "untouched");
});
afterAll(() => scene[Symbol.asyncDispose]());

const refusal = async (archive: Buffer): Promise<string> => {
  const before = leftovers(scene.engine);
  const error: unknown = await addLayer(scene.engine, archive).then(
    () => "accepted",
    (reason: unknown) => reason,
  );
  expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
  if (error === "accepted") return "accepted";
  expect(leftovers(scene.engine)).toEqual(before);
  expect(scene.engine.db.all("SELECT * FROM leases WHERE subject NOT LIKE 'chain:%'")).toEqual([]);
  return `${(error as { code: string }).code}: ${(error as Error).message}`;
};

describe("archives that reach outside are refused, and nothing is left of them", () => {
  test.each<[string, Entry[], string]>([
    ["a name with ..", [{ name: "../../victim", content: "x" }], 'archive: refused tar entry "../../victim": it leads outside'],
    ["a name that climbs out and in", [{ name: "a/../../b", content: "x" }], "archive: refused tar entry"],
    ["a hardlink with ..", [{ name: "link", type: "hardlink", linkName: "../../etc/passwd" }], "archive: refused tar hardlink to"],
    [
      "a hardlink to nothing",
      [{ name: "link", type: "hardlink", linkName: "etc/passwd" }],
      'archive: invalid tar: "link" is a hardlink to "etc/passwd", which is not in the archive',
    ],
    ["a whiteout of the parent", [{ name: "a/.wh..." }], 'archive: refused whiteout ".wh..."'],
    ["a whiteout of itself", [{ name: ".wh.." }], "archive: refused whiteout"],
    ["a NUL in a name", [{ name: "a\0b" }], "archive: refused tar entry"],
    ["a NUL in a symlink's target", [{ name: "a", type: "symlink", linkName: "b\0c".padEnd(120, "d") }], "archive: refused tar entry"],
    [
      "a file as a directory",
      [
        { name: "file", content: "x" },
        { name: "file/below", content: "y" },
      ],
      'archive: invalid tar: "file" holds entries but is not a directory',
    ],
    [
      "a link that leads nowhere as a directory",
      [
        { name: "link", type: "symlink", linkName: "/nowhere" },
        { name: "link/below", content: "y" },
      ],
      "archive: invalid tar",
    ],
    [
      "links in a circle",
      [{ name: "a", type: "symlink", linkName: "b" }, { name: "b", type: "symlink", linkName: "a" }, { name: "a/file" }],
      "archive: invalid tar",
    ],
    ["a component of 300 bytes", [{ name: "n".repeat(300) }], "archive: cannot unpack"],
    ["a path of 6000 bytes", [{ name: "deep/".repeat(1200) }], "archive: cannot unpack"],
  ])("%s", async (_, entries, message) => {
    expect(await refusal(tarOf({ name: "before", content: "fine" }, ...entries))).toContain(message);
  });

  test("damage late in the archive", async () => {
    const archive = tarOf({ name: "a", content: "x".repeat(4000) }, { name: "b", content: "y" });
    archive[512 + 4096 + 3]! ^= 0xff;
    expect(await refusal(archive)).toContain("archive: invalid tar at byte 4608");
  });
  test("an archive that ends early", async () =>
    expect(await refusal(tarOf({ name: "a", content: "x".repeat(4000) }).subarray(0, 3000))).toContain(
      "archive: invalid tar at byte 3000: unexpected end",
    ));
  test("a gzip stream that ends early", async () =>
    expect(await refusal(gzipSync(tarOf({ name: "a", content: "x".repeat(4000) })).subarray(0, 60))).toContain(
      "archive: cannot decompress",
    ));
  test("a gzip stream with a wrong byte", async () => {
    const packed = gzipSync(tarOf({ name: "a", content: "x".repeat(4000) }));
    packed[20]! ^= 0xff;
    expect(await refusal(packed)).toContain("archive: ");
  });
  test("a file that claims more than the disk has", async () => {
    const { blocks, bsize } = statfsSync(scene.root);
    expect(await refusal(encodeHeader(tarHeader({ name: "bomb", size: blocks * bsize * 2 })))).toContain('no-space: cannot unpack "bomb"');
  });
  test("what is no archive at all", async () =>
    expect(await refusal(Buffer.alloc(3000, "hello "))).toContain("archive: invalid tar at byte 0: not a tar archive"));
});

describe("archives that try to reach outside are confined", () => {
  test("absolute names are inside", async () => {
    const { files } = await addLayer(scene.engine, tarOf({ name: `${outside}/victim`, content: "inside" }));
    expect(readFileSync(join(files, outside, "victim"), "utf8")).toBe("inside");
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
  });
  test("symlinks to directories outside lead inside", async () => {
    mkdirSync(join(outside, "directory"));
    const climb = `${"../".repeat(20)}${outside.slice(1)}`;
    for (const target of [outside, climb]) {
      const message = await refusal(
        tarOf({ name: "door", type: "symlink", linkName: target }, { name: "door/victim", content: "overwritten" }),
      );
      expect(message).toContain("archive: invalid tar");
      const { files } = await addLayer(
        scene.engine,
        tarOf(
          { name: `${outside.slice(1)}/`, type: "directory" },
          { name: "door", type: "symlink", linkName: target },
          { name: "door/victim", content: target },
        ),
      );
      expect(readFileSync(join(files, outside, "victim"), "utf8")).toBe(target);
    }
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
  });
  test("a hardlink through a symlink links inside", async () => {
    const message = await refusal(
      tarOf({ name: "door", type: "symlink", linkName: outside }, { name: "stolen", type: "hardlink", linkName: "door/victim" }),
    );
    expect(message).toContain("archive: invalid tar");
    expect(statSync(join(outside, "victim")).nlink).toBe(1);
  });
  test("a symlink is replaced by a file of its name, not written through", async () => {
    const { files } = await addLayer(
      scene.engine,
      tarOf({ name: "file", type: "symlink", linkName: join(outside, "victim") }, { name: "file", content: "mine" }),
    );
    expect(listing(files)).toEqual({ file: "644 0:0 mine" });
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("untouched");
  });
  test("modes and owners of a symlink's target stay", async () => {
    const before = statSync(join(outside, "victim"));
    await addLayer(
      scene.engine,
      tarOf({ name: "link", type: "symlink", linkName: join(outside, "victim"), mode: 0o777, uid: 1234, mtime: 5 }),
    );
    const after = statSync(join(outside, "victim"));
    expect([after.uid, after.mode, after.mtimeMs]).toEqual([before.uid, before.mode, before.mtimeMs]);
  });
  test("a device is replaced by a file of its name, not written to", async () => {
    const { files } = await addLayer(
      scene.engine,
      tarOf({ name: "disk", type: "char", major: 1, minor: 5 }, { name: "disk", content: "mine" }),
    );
    expect(listing(files)).toEqual({ disk: "644 0:0 mine" });
  });
  test("attributes of the overlay itself are not taken from an archive", async () => {
    const attributes = new Map(
      ["trusted.overlay.redirect", "trusted.overlay.opaque", "user.overlay.opaque", "trusted.overlay.metacopy"].map((name) => [
        name,
        Buffer.from("/etc"),
      ]),
    );
    const { files } = await addLayer(
      scene.engine,
      tarOf({ name: "d/", type: "directory", xattrs: attributes }, { name: "f", xattrs: attributes }),
    );
    expect(readXattrs(join(files, "d"), () => true)).toBeUndefined();
    expect(readXattrs(join(files, "f"), () => true)).toBeUndefined();
  });
  test("rebuilding reads nothing outside when the layer's files were tampered with", async () => {
    const { files, chainId } = await addLayer(scene.engine, tarOf({ name: "dir/secret", content: "untouched" }));
    rmSync(join(files, "dir"), { recursive: true });
    const { symlinkSync } = await import("node:fs");
    symlinkSync(outside, join(files, "dir"));
    await expect(rebuilt(scene.engine, chainId)).rejects.toMatchObject({ code: "corrupt" });
    expect(existsSync(join(outside, "secret"))).toBe(false);
  });
});

/** A header whose field says what no tar would write. */
const patched = (entry: Partial<TarHeader> & { name: string }, at: number, bytes: Buffer): Buffer => {
  const block = Buffer.from(encodeHeader(tarHeader(entry)));
  bytes.copy(block, at);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
};
/** Base-256, as GNU tar writes large and negative numbers. */
const binary = (value: bigint, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let at = length - 1, rest = BigInt.asUintN(length * 8, value); at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  bytes[0]! |= 0x80;
  return bytes;
};
const extended = (flag: "x" | "g", content: string): Buffer => {
  const body = Buffer.from(content, "latin1");
  const header = patched({ name: "pax", size: body.length }, 156, Buffer.from(flag));
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
};
const record = (key: string, value: string): string => {
  let length = key.length + value.length + 3;
  while (String(length).length + key.length + value.length + 3 !== length) length = String(length).length + key.length + value.length + 3;
  return `${length} ${key}=${value}\n`;
};
const plain = tarOf({ name: "file", content: "x" });

describe("headers that lie", () => {
  test.each<[string, Buffer, string]>([
    ["a negative size", patched({ name: "f" }, 124, binary(-1n, 12)), "the entry's size is not a number"],
    ["a size of 2^70", patched({ name: "f" }, 124, binary(1n << 70n, 12)), "the entry's size is not a number"],
    ["a size of 2^50", patched({ name: "f" }, 124, binary(1n << 50n, 12)), "no-space: cannot unpack"],
    ["a size of letters", patched({ name: "f" }, 124, Buffer.from("12345678xyz")), "the entry's size is not a number"],
    ["an owner beyond 32 bits", Buffer.concat([patched({ name: "f" }, 108, binary(1n << 40n, 8)), plain]), "archive: "],
    ["a negative owner", Buffer.concat([patched({ name: "f" }, 108, binary(-5n, 8)), plain]), "archive: "],
    [
      "a device number beyond 32 bits",
      Buffer.concat([patched({ name: "f", type: "char" }, 329, binary(1n << 40n, 8)), plain]),
      "archive: ",
    ],
    ["an unknown type", Buffer.concat([patched({ name: "f" }, 156, Buffer.from("Q")), plain]), 'has the unknown type "Q"'],
    ["a record longer than its header", Buffer.concat([extended("x", "99 path=a\n"), plain]), "malformed PAX record"],
    ["a record without a length", Buffer.concat([extended("x", "path=a\n"), plain]), "malformed PAX record"],
    ["a record of length 0", Buffer.concat([extended("x", "0 path=a\n"), plain]), "malformed PAX record"],
    ["records of noise", Buffer.concat([extended("x", "\x01\xff\x80 noise".repeat(50)), plain]), "malformed PAX record"],
    ["a negative size by record", Buffer.concat([extended("x", record("size", "-1")), plain]), "PAX record size is not a number"],
    ["a size by record in another notation", Buffer.concat([extended("x", record("size", "0x1F")), plain]), "archive: "],
    ["a time that is none", Buffer.concat([extended("x", record("mtime", "yesterday")), plain]), "mtime is not a time"],
    ["a NUL in a name by record", Buffer.concat([extended("x", record("path", "a\0b")), plain]), "archive: refused tar entry"],
    [
      "an attribute's name that is no encoding",
      Buffer.concat([extended("x", record("LIBARCHIVE.xattr.%E0%A4", "eA==")), plain]),
      "archive: ",
    ],
    ["records for no entry", extended("x", record("path", "a")), "unexpected end of the archive"],
    ["an extended header of 2 MB", Buffer.concat([extended("x", record("comment", "x".repeat(2 << 20))), plain]), "is too large"],
    [
      "global records without end",
      Buffer.concat(Array.from({ length: 40 }, (_, at) => extended("g", record(`key.${at}`, "x".repeat(50_000))))),
      "are too large",
    ],
  ])("%s", async (_, archive, message) => {
    expect(await refusal(archive)).toContain(message);
  });

  test.each(["gnu", "posix"])("a sparse file of a terabyte in %s tar is refused, not written out", async (format) => {
    const file = join(outside, "sparse");
    writeFileSync(file, "");
    truncateSync(file, 2 ** 40);
    const archive = execFileSync("tar", ["-c", "--sparse", `--format=${format}`, "-C", outside, "sparse"]);
    expect(archive.length).toBeLessThan(20_000);
    expect(await refusal(archive)).toContain("archive: refused the archive: it unpacks to more than");
  });
});

describe("archives that are larger than they look", () => {
  beforeEach(() => void vi.stubEnv("BERTH_MAX_UNPACKED", "16m"));
  afterEach(() => void vi.unstubAllEnvs());
  const zeros = Buffer.alloc(20 << 20);
  const large = tarOf({ name: "zeros", content: zeros });
  const message = "archive: refused the archive: it unpacks to more than 16777216 bytes";

  test.each([
    ["gzip", gzipSync(large)],
    ["zstd", zstdCompressSync(large)],
    ["not compressed", large],
    ["many empty files", gzipSync(tarOf(...Array.from({ length: 5000 }, (_, at) => ({ name: `f${at}` }))))],
    ["what follows the end", gzipSync(Buffer.concat([plain, zeros]))],
  ])("%s", async (_, archive) => {
    expect(await refusal(archive)).toContain(message);
  });

  test("the limit is the caller's, and must make sense", async () => {
    vi.stubEnv("BERTH_MAX_UNPACKED", "32MiB");
    expect(await refusal(gzipSync(large))).toBe("accepted");
    vi.stubEnv("BERTH_MAX_UNPACKED", "much");
    expect(await refusal(plain)).toBe('invalid: cannot use BERTH_MAX_UNPACKED "much": expected bytes, for instance 64g');
    expect([undefined, "5", "1k", "2GB", "3TiB"].map((text) => unpackLimit(text ?? ""))).toEqual([2 ** 35, 5, 1024, 2 ** 31, 3 * 2 ** 40]);
  });
});

test("a tree as deep as names can say is stacked, rebuilt, and goes again", async () => {
  const deep = "d/".repeat(2000);
  const below = tarOf(
    { name: `${deep}file`, content: "x" },
    { name: `${"n".repeat(255)}/`.repeat(15) },
    { name: deep, type: "directory", mode: 0o711 },
  );
  const { files, chainId } = await addLayer(scene.engine, below);
  expect(existsSync(join(files, "d/d/d/d"))).toBe(true);
  expect((await rebuilt(scene.engine, chainId)).length).toBeGreaterThan(4096);
  const above = await addLayer(scene.engine, tarOf({ name: `${deep}other`, content: "y" }), chainId);
  expect(statSync(join(above.files, deep)).mode & 0o777).toBe(0o711);
  for (const tree of [files, above.files]) {
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  }
});

test("cancelling in the middle leaves nothing behind", async () => {
  const { unpackLayer } = await import("../../../../engine/image/layers/layer-store.ts");
  const before = leftovers(scene.engine);
  const abort = new AbortController();
  const endless = async function* () {
    yield encodeHeader(tarHeader({ name: "endless", size: 1 << 30 }));
    for (let sent = 0; ; sent++) {
      if (sent === 20) abort.abort();
      yield Buffer.alloc(1 << 16);
    }
  };
  await expect(unpackLayer(scene.engine, endless(), { signal: abort.signal })).rejects.toMatchObject({ code: "cancelled" });
  expect(leftovers(scene.engine)).toEqual(before);
});
