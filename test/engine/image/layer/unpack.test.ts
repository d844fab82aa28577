import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lowerdirs } from "../../../../engine/image/layers/layers.ts";
import { readXattrs } from "../../../../engine/sys/files.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { addLayer, listing, rebuilt, sha256, tarOf } from "../scene.ts";

let scene: TestEngine;
beforeAll(() => void (scene = openTestEngine()));
afterAll(() => scene[Symbol.asyncDispose]());

const xattrs = (path: string) =>
  Object.fromEntries([...(readXattrs(path, () => true) ?? [])].map(([name, value]) => [name, value.toString("latin1")]));
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex"); // cap_net_raw=ep

test("entries become files with all their attributes", async () => {
  const archive = tarOf(
    { name: "./", type: "directory", mode: 0o755 },
    { name: "etc/", type: "directory", mode: 0o2750, uid: 5, gid: 6, mtime: 1_600_000_000 },
    { name: "etc/file", mode: 0o640, uid: 7, gid: 8, content: "text", mtime: 1_600_000_001, mtimeNs: 123_456_789 },
    { name: "etc/sub/", type: "directory", mode: 0o700 },
    {
      name: "ping",
      mode: 0o4755,
      uid: 0,
      content: "x",
      xattrs: new Map([
        ["security.capability", capability],
        ["user.note", Buffer.from("hi")],
      ]),
    },
    { name: "link", type: "symlink", linkName: "/etc/file", uid: 9, gid: 9, mtime: 1_500_000_000, mtimeNs: 5 },
    { name: "hard", type: "hardlink", linkName: "./etc/file" },
    { name: "null", type: "char", mode: 0o666, major: 1, minor: 3 },
    { name: "pipe", type: "fifo", mode: 0o600 },
    { name: "nothing", mode: 0 },
  );
  const { files, chainId, diffId } = await addLayer(scene.engine, archive);
  expect(listing(files)).toEqual({
    "etc/": "2750 5:6",
    "etc/file": "640 7:8 text",
    "etc/sub/": "700 0:0",
    hard: "640 7:8 text",
    link: "-> /etc/file",
    nothing: "0 0:0 ",
    null: "char 259",
    ping: "4755 0:0 x",
    pipe: "fifo 0",
  });
  expect(statSync(join(files, "etc/file"), { bigint: true }).mtimeNs).toBe(1_600_000_001_123_456_789n);
  expect(lstatSync(join(files, "link"), { bigint: true }).mtimeNs).toBe(1_500_000_000_000_000_005n);
  expect(statSync(join(files, "etc")).mtimeMs).toBe(1_600_000_000_000);
  expect(statSync(join(files, "hard")).ino).toBe(statSync(join(files, "etc/file")).ino);
  expect(xattrs(join(files, "ping"))).toEqual({ "security.capability": capability.toString("latin1"), "user.note": "hi" });
  expect(diffId).toBe(sha256(archive));
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("names that are not UTF-8, long names and odd names survive", async () => {
  const names = ["caf\udce9", "new\nline", "tab\t'\"$(x)", "é/è", `${"x".repeat(200)}/${"y".repeat(255)}`, ".wh", "a.wh.b", "trailing "];
  const archive = tarOf(...names.map((name) => ({ name, content: name.slice(0, 5) })));
  const { files, chainId } = await addLayer(scene.engine, archive);
  for (const name of names)
    expect(
      existsSync(
        Buffer.concat([
          Buffer.from(`${files}/`),
          Buffer.from(name === "caf\udce9" ? "caf\xe9" : name, name === "caf\udce9" ? "latin1" : "utf8"),
        ]),
      ),
    ).toBe(true);
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("whiteouts take overlay's form, and an overlay shows what they mean", async () => {
  const base = await addLayer(
    scene.engine,
    tarOf(
      { name: "keep", content: "1" },
      { name: "gone", content: "1" },
      { name: "dir/old", content: "1" },
      { name: "opaque/old", content: "1" },
      { name: "replaced/old", content: "1" },
      { name: "both", content: "1" },
    ),
  );
  const archive = tarOf(
    { name: ".wh.gone" },
    { name: ".wh.dir" },
    { name: "opaque/", type: "directory", mode: 0o755 },
    { name: "opaque/.wh..wh..opq" },
    { name: "opaque/new", content: "2" },
    { name: ".wh.replaced" },
    { name: "replaced/", type: "directory", mode: 0o755 },
    { name: "replaced/new", content: "2" },
    { name: "both", content: "2" },
    { name: ".wh.both" },
    { name: ".wh..wh.plnk" },
  );
  const top = await addLayer(scene.engine, archive, base.chainId);
  expect(listing(top.files)).toMatchObject({ gone: "char 0", dir: "char 0", both: "644 0:0 2" });
  const { mountOverlay, unmountOverlay } = await import("../../../../engine/image/layers/overlay.ts");
  const merged = join(scene.root, "tmp", "union");
  mountOverlay({ lower: lowerdirs(scene.engine, top.chainId)!, merged });
  try {
    expect(listing(merged)).toEqual({
      both: "644 0:0 2",
      keep: "644 0:0 1",
      "opaque/": "755 0:0",
      "opaque/new": "644 0:0 2",
      "replaced/": "755 0:0",
      "replaced/new": "644 0:0 2",
    });
  } finally {
    unmountOverlay(merged);
  }
  expect((await rebuilt(scene.engine, top.chainId)).equals(archive)).toBe(true);
});

test("directories that the archive only implies keep the attributes they have below", async () => {
  const base = await addLayer(
    scene.engine,
    tarOf(
      { name: "./", type: "directory", mode: 0o711, uid: 3 },
      { name: "srv/", type: "directory", mode: 0o1777, uid: 33, gid: 34, mtime: 1_234_567_890 },
      { name: "srv/deep/", type: "directory", mode: 0o700, uid: 35 },
      { name: "hidden/", type: "directory", mode: 0o700, uid: 36 },
      { name: "leads", type: "symlink", linkName: "/etc" },
    ),
  );
  const middle = await addLayer(scene.engine, tarOf({ name: ".wh.hidden" }), base.chainId);
  const top = await addLayer(
    scene.engine,
    tarOf({ name: "srv/deep/file" }, { name: "hidden/file" }, { name: "leads/file" }),
    middle.chainId,
  );
  expect(listing(top.files)).toMatchObject({ "srv/": "1777 33:34", "srv/deep/": "700 35:0", "hidden/": "755 0:0", "leads/": "755 0:0" });
  expect(statSync(join(top.files, "srv")).mtimeMs).toBe(1_234_567_890_000);
  const root = statSync(top.files);
  expect([(root.mode & 0o7777).toString(8), root.uid]).toEqual(["711", 3]);
});

test("a later entry of the same name wins, and the exact archive is still known", async () => {
  const archive = tarOf(
    { name: "file", content: "first content" },
    { name: "other", type: "hardlink", linkName: "file" },
    { name: "file", content: "second" },
    { name: "dir/", type: "directory" },
    { name: "dir/a", content: "inside" },
    { name: "dir/b/c", content: "deeper" },
    { name: "dir", content: "now a file" },
    { name: "link", type: "symlink", linkName: "dir" },
    { name: "link/", type: "directory", mode: 0o711 },
    { name: "file", content: "third" },
    { name: "x", content: "" },
    { name: "x", type: "symlink", linkName: "y" },
  );
  const { files, chainId } = await addLayer(scene.engine, archive);
  expect(listing(files)).toEqual({
    dir: "644 0:0 now a file",
    file: "644 0:0 third",
    "link/": "711 0:0",
    other: "644 0:0 first content",
    x: "-> y",
  });
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("symlinked directories inside the archive are followed inside the layer only", async () => {
  const archive = tarOf(
    { name: "usr/bin/", type: "directory", mode: 0o755 },
    { name: "bin", type: "symlink", linkName: "usr/bin" },
    { name: "bin/tool", content: "tool" },
    { name: "abs", type: "symlink", linkName: "/usr" },
    { name: "abs/bin/second", content: "two" },
  );
  const { files, chainId } = await addLayer(scene.engine, archive);
  expect(listing(files)).toMatchObject({ bin: "-> usr/bin", "usr/bin/tool": "644 0:0 tool", "usr/bin/second": "644 0:0 two" });
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test.each([
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
  ["gzip in two members", (bytes: Buffer) => Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))])],
])("a layer compressed with %s has the diff id of its tar", async (_, compress) => {
  const archive = tarOf({ name: "file", content: "x".repeat(5000) });
  const { files, diffId } = await addLayer(scene.engine, compress(archive));
  expect(diffId).toBe(sha256(archive));
  expect(statSync(join(files, "file")).size).toBe(5000);
});

test("what GNU tar packs from a real tree comes back the same", async () => {
  const tree = join(scene.root, "tmp", "tree");
  execFileSync("sh", [
    "-c",
    `mkdir -p ${tree}/a/b ${tree}/empty && cp -a /etc/init.d ${tree}/a/ && ln ${tree}/a/init.d/[a-m]* ${tree}/a/b/ && touch -d '2020-02-02 02:02:02.020202' ${tree}/a/b`,
  ]);
  writeFileSync(join(tree, "big"), Buffer.alloc(3_000_001, "ab"));
  const archive = execFileSync("tar", ["-C", tree, "--format=pax", "--sort=name", "-cf", "-", "."], { maxBuffer: 1 << 26 });
  const { files, chainId } = await addLayer(scene.engine, archive);
  expect(execFileSync("diff", ["-r", "--no-dereference", tree, files]).toString()).toBe("");
  expect(listing(files)).toEqual(listing(tree));
  expect(statSync(join(files, "a/b"), { bigint: true }).mtimeNs).toBe(statSync(join(tree, "a/b"), { bigint: true }).mtimeNs);
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("a file where the root is is passed over", async () => {
  const archive = tarOf({ name: ".", content: "x" }, { name: "./", content: "y" }, { name: "file", content: "z" });
  const { files, chainId } = await addLayer(scene.engine, archive);
  expect(listing(files)).toEqual({ file: "644 0:0 z" });
  expect((await rebuilt(scene.engine, chainId)).equals(archive)).toBe(true);
});

test("an empty archive is an empty layer", async () => {
  const { files, diffId } = await addLayer(scene.engine, tarOf());
  expect(listing(files)).toEqual({});
  expect(diffId).toBe("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
});
