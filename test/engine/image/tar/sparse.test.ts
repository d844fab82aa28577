/** Sparse files in all the forms that GNU tar writes, and in forms that it would not. */
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePax } from "../../../../engine/image/tar/pax.ts";
import { entryBytes, readTar } from "../../../../engine/image/tar/reader.ts";
import { scanTar } from "../../../../engine/image/tar/scan.ts";
import { encodeEntry, encodeHeader, tarHeader, trailer } from "../../../../engine/image/tar/writer.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { addLayer, rebuilt, sha256, streamOf, tarOf } from "../scene.ts";

let scene: TestEngine;
const work = mkdtempSync(join(tmpdir(), "berth-sparse-"));
beforeAll(() => {
  scene = openTestEngine();
  make(
    "pieces",
    4 << 20,
    Array.from({ length: 60 }, (_, at) => at * 65536 + 4096 * (at % 3)),
  );
  make("tail", 1 << 20, [0]);
  make("hole", 1 << 20, []);
  writeFileSync(join(work, "plain"), "plain");
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(work, { recursive: true });
});

const files = ["pieces", "tail", "hole", "plain"];

function make(name: string, size: number, places: readonly number[]): void {
  const fd = openSync(join(work, name), "w");
  ftruncateSync(fd, size);
  for (const place of places) writeSync(fd, `data at ${place} `.repeat(100), place);
  closeSync(fd);
}

const forms = [["--format=gnu"], ...["0.0", "0.1", "1.0"].map((version) => ["--format=posix", `--sparse-version=${version}`])];
const pack = (form: readonly string[]) => execFileSync("tar", ["-c", "--sparse", ...form, "-C", work, ...files], { maxBuffer: 1 << 26 });

describe.each(forms)("%s %s", (...form) => {
  const archive = () => pack(form.filter((each) => typeof each === "string"));

  test("is unpacked with its holes, and the exact archive is still known", async () => {
    const bytes = archive(); // it holds times of access
    const { files: tree, chainId, diffId } = await addLayer(scene.engine, bytes);
    for (const name of files) expect(readFileSync(join(tree, name)).equals(readFileSync(join(work, name))), name).toBe(true);
    expect(statSync(join(tree, "pieces")).blocks * 512).toBeLessThan(2 << 20);
    expect(diffId).toBe(sha256(bytes));
    expect((await rebuilt(scene.engine, chainId)).equals(bytes)).toBe(true);
  });

  test("is read from a stream with its holes filled, in chunks of any size", async () => {
    const bytes = archive();
    const chunks = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, at) => bytes.subarray(at * 777, (at + 1) * 777));
    const found = new Map<string, Buffer>();
    for await (const entry of readTar(Readable.from(chunks, { objectMode: false }))) found.set(entry.header.name, await entryBytes(entry));
    for (const name of files) expect(found.get(name)?.equals(readFileSync(join(work, name))), name).toBe(true);
  });
});

const sparse = (records: [string, string][], content: Buffer, name = "GNUSparseFile.1/file"): Buffer => {
  const pax = encodePax(records.map(([key, value]) => [`GNU.sparse.${key}`, value] as const));
  const block = encodeHeader(tarHeader({ name: "pax", size: pax.length }));
  return Buffer.concat([typed(block, "x"), pax, Buffer.alloc((512 - (pax.length % 512)) % 512), encodeEntry(tarHeader({ name }), content)]);
};
function typed(block: Buffer, flag: string, more: [number, string][] = []): Buffer {
  block.write(flag, 156);
  for (const [at, text] of more) block.write(text, at, "latin1");
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;
const old = (size: number, offset: number, length: number, content: Buffer) =>
  Buffer.concat([
    typed(encodeHeader(tarHeader({ name: "file", size: content.length })), "S", [
      [386, octal(offset)],
      [398, octal(length)],
      [483, octal(size)],
    ]),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
const before = (map: string) => Buffer.concat([Buffer.from(map), Buffer.alloc((512 - (map.length % 512)) % 512)]);
const one: [string, string][] = [
  ["major", "1"],
  ["minor", "0"],
  ["name", "file"],
  ["realsize", "100"],
];
const abc = Buffer.from("abc");

test("the names and sizes of the records are the file's", async () => {
  for (const archive of [
    sparse(
      [
        ["name", "file"],
        ["size", "10"],
        ["numblocks", "1"],
        ["map", "2,3"],
      ],
      abc,
    ),
    sparse([...one.slice(0, 3), ["realsize", "10"]], Buffer.concat([before("1\n2\n3\n"), abc])),
    old(10, 2, 3, abc),
  ]) {
    const { files: tree } = await addLayer(scene.engine, Buffer.concat([archive, trailer]));
    expect(readFileSync(join(tree, "file"), "latin1")).toBe("\0\0abc\0\0\0\0\0");
  }
});

test("one that a later entry replaces is kept for the archive's sake", async () => {
  const first = sparse(
    [
      ["name", "file"],
      ["size", "10"],
      ["numblocks", "1"],
      ["map", "2,3"],
    ],
    abc,
  );
  const archive = Buffer.concat([first, tarOf({ name: "file", content: "small" })]);
  const { files: tree, chainId } = await addLayer(scene.engine, archive);
  expect(readFileSync(join(tree, "file"), "utf8")).toBe("small");
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("a version that nobody knows is taken as it is", async () => {
  const archive = sparse(
    [
      ["major", "2"],
      ["minor", "0"],
      ["name", "other"],
      ["realsize", "10"],
    ],
    abc,
    "file",
  );
  const { files: tree } = await addLayer(scene.engine, Buffer.concat([archive, trailer]));
  expect(readFileSync(join(tree, "file"), "latin1")).toBe("abc");
});

test.each<[string, Buffer]>([
  [
    "overlaps",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "2"],
        ["map", "0,2,1,1"],
      ],
      abc,
    ),
  ],
  [
    "goes backwards",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "2"],
        ["map", "5,2,1,1"],
      ],
      abc,
    ),
  ],
  [
    "goes beyond the file",
    sparse(
      [
        ["size", "3"],
        ["numblocks", "1"],
        ["map", "1,3"],
      ],
      abc,
    ),
  ],
  [
    "is shorter than the content",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "1"],
        ["map", "1,2"],
      ],
      abc,
    ),
  ],
  [
    "is longer than the content",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "1"],
        ["map", "1,4"],
      ],
      abc,
    ),
  ],
  [
    "has a number too many",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "1"],
        ["map", "1,3,5"],
      ],
      abc,
    ),
  ],
  [
    "has another number of pairs",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "7"],
        ["map", "1,3"],
      ],
      abc,
    ),
  ],
  [
    "has a word",
    sparse(
      [
        ["size", "10"],
        ["numblocks", "1"],
        ["map", "1,three"],
      ],
      abc,
    ),
  ],
  [
    "has no size",
    sparse(
      [
        ["numblocks", "1"],
        ["map", "1,3"],
      ],
      abc,
    ),
  ],
  [
    "has a negative size",
    sparse(
      [
        ["size", "-1"],
        ["numblocks", "0"],
        ["map", ""],
        ["major", "0"],
        ["minor", "1"],
      ],
      Buffer.alloc(0),
    ),
  ],
  ["before the content is text", sparse(one, before("hello\n"))],
  ["before the content never ends", sparse(one, Buffer.alloc(4096, "1"))],
  ["before the content is longer than it", sparse(one, before("200\n1\n"))],
  ["before the content promises too much", sparse(one, before("999999999999\n"))],
  ["of the old form goes beyond the file", old(2, 0, 3, abc)],
  ["of the old form is no number", old(10, 0, Number.NaN, abc)],
])("a map that %s is refused", async (_, archive) => {
  await expect(addLayer(scene.engine, Buffer.concat([archive, trailer]))).rejects.toMatchObject({
    code: "archive",
    message: expect.stringMatching(/map of a sparse file/),
  });
});

test("an image's archive is not looked into through a sparse file", async () => {
  const file = join(work, "archive.tar");
  writeFileSync(file, pack(forms[0]!));
  const fd = openSync(file, "r");
  expect(() => scanTar(fd, 0, statSync(file).size)).toThrowError(/"pieces" is a sparse file: it cannot be read here/);
  closeSync(fd);
  for await (const { header } of readTar(streamOf(readFileSync(file)))) expect(header).toMatchObject({ name: expect.any(String) });
});
