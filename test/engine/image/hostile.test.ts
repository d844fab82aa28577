import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeHeader, tarHeader } from "../../../engine/image/tar/writer.ts";
import { readXattrs } from "../../../engine/sys/files.ts";
import { openTestEngine, type TestEngine } from "../../support/engine.ts";
import { addLayer, type Entry, leftovers, listing, rebuilt, tarOf } from "./scene.ts";

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

test("cancelling in the middle leaves nothing behind", async () => {
  const { unpackLayer } = await import("../../../engine/image/layer-store.ts");
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
