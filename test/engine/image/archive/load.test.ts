import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { commitImage } from "../../../../engine/image/store/commit-image.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { readTar } from "../../../../engine/image/tar/reader.ts";
import { finish, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { programOrSkip, runProgram } from "../../../support/programs.ts";
import { entriesOf, leftovers, sha256, streamOf, tarOf } from "../scene.ts";
import { layerOf, shelve } from "../shelf.ts";

/** Where images are made, and where they are loaded. */
let source: TestEngine;
let target: TestEngine;
let house: House;
let work: string;
beforeAll(() => {
  source = openTestEngine();
  work = mkdtempSync(join(tmpdir(), "berth-load-"));
});
beforeEach(() => {
  target = openTestEngine();
  house = target.engine;
  void house.db;
});
afterEach(() => target[Symbol.asyncDispose]());
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  rmSync(work, { recursive: true });
});

const load = (archive: Buffer | Readable, options = {}) =>
  finish(house.images.load(Buffer.isBuffer(archive) ? streamOf(archive) : archive, options));

/** Ids and names of a store's images. */
async function names(engine: House): Promise<Record<string, string[]>> {
  return Object.fromEntries((await engine.images.list()).map(({ Id, RepoTags }) => [Id, RepoTags]));
}

describe("what save writes, load reads", () => {
  let one: string;
  let two: string;
  let archive: Buffer;
  beforeAll(async () => {
    one = await shelve(source.engine, { references: ["app:1", "app:2", "registry.test:5000/team/app:x"], layers: ["base", "one"] });
    two = await shelve(source.engine, { references: ["other:1"], layers: ["base", "two"] });
    archive = await buffer(await source.engine.images.save(["app", "other:1", two]));
  });

  test("ids, names and layers, shared layers once", async () => {
    expect(await load(archive)).toEqual({ References: ["app:1", "app:2", "other:1"], Ids: [] });
    expect(await names(house)).toEqual({ [one]: ["app:1", "app:2"], [two]: ["other:1"] });
    const layers = (engine: House) => engine.db.all("SELECT chain_id, parent, diff_id, size, tar_size FROM layers ORDER BY chain_id");
    expect(layers(house)).toEqual(layers(source.engine));
    const files = [...(await entriesOf(archive)).keys()].filter((name) => /blobs\/sha256\/./.test(name));
    expect(files).toHaveLength(3 + 2 * 2); // layers, configs and manifests
    expect(await buffer(await house.images.save(["app", "other:1"]))).toEqual(archive);
    expect(house.db.all("SELECT * FROM leases")).toEqual([]);
  });

  test("again: everything is there already", async () => {
    await load(archive);
    const before = leftovers(house);
    const states: string[] = [];
    for await (const event of house.images.load(streamOf(archive))) if (event.type === "transfer") states.push(event.status);
    expect(new Set(states)).toEqual(new Set(["Already exists"]));
    expect(leftovers(house)).toEqual(before);
  });

  const compressions: Record<string, (bytes: Buffer) => Buffer> = { gzip: gzipSync, zstd: zstdCompressSync };
  test.for(["gzip", "zstd", "xz", "bzip2"])("compressed with %s, from a stream and from a file", async (name, context) => {
    const file = join(work, `archive.${name}`);
    const compress =
      compressions[name] ?? ((bytes) => execFileSync(programOrSkip(context, name), ["-c"], { input: bytes, maxBuffer: 1 << 26 }));
    writeFileSync(file, compress(archive));
    await load(readFileSync(file));
    expect(Object.keys(await names(house)).sort()).toEqual([one, two].sort());
    await load(createReadStream(file));
    expect(leftovers(house)).toHaveLength(6);
  });

  test("by id: without a name", async () => {
    const nameless = await buffer(await source.engine.images.save([one.slice(7, 19)]));
    expect(await load(nameless)).toEqual({ References: [], Ids: [one] });
    expect(JSON.parse((await entriesOf(nameless)).get("manifest.json")!.toString())[0].RepoTags).toBe(null);
  });

  test("docker's older table of names, and documents as old as their image", async () => {
    const { repositories, ...rest } = Object.fromEntries(
      [...(await entriesOf(archive))].map(([name, content]) => [name, content.toString()]),
    );
    const top = (id: string) =>
      (JSON.parse(rest[`blobs/sha256/${id.slice(7)}`]!) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids.at(-1)!.slice(7);
    expect(JSON.parse(repositories!)).toEqual({ app: { "1": top(one), "2": top(one) }, other: { "1": top(two) } });
    const created = source.engine.db.get<{ created: number }>("SELECT created FROM images WHERE id = ?", one)!.created;
    for await (const { header } of readTar(streamOf(archive)))
      if (header.name.endsWith(one.slice(7))) expect(header.mtime).toBe(Math.floor(created / 1000));
  });

  test("what was made from what, when both are saved", async () => {
    const { config } = resolveImage(source.engine, "other:1")!;
    const { Id } = await commitImage(source.engine, { ...config, author: "x" }, { references: ["child"], parent: two });
    const parentOf = () => house.db.get<{ parent: string }>("SELECT parent FROM images WHERE id = ?", Id)!.parent;
    await load(await buffer(await source.engine.images.save(["child"])));
    expect(parentOf()).toBe("");
    await load(await buffer(await source.engine.images.save(["child", "other:1"])));
    expect(parentOf()).toBe(two);
    await source.engine.images.remove("child");
  });

  test("an archive whose images are each other's parents leaves them to be removed", async () => {
    const { config } = resolveImage(source.engine, "other:1")!;
    const { Id } = await commitImage(source.engine, { ...config, author: "y" }, { references: ["twin"], parent: two });
    const found = await entriesOf(await buffer(await source.engine.images.save(["twin", "other:1"])));
    const manifest = JSON.parse(found.get("manifest.json")!.toString()) as { Config: string; Parent?: string }[];
    for (const each of manifest) each.Parent = each.Config.endsWith(two.slice(7)) ? Id : two;
    found.set("manifest.json", Buffer.from(JSON.stringify(manifest)));
    const files = [...found].filter(([name]) => !name.endsWith("/"));
    await load(tarOf(...files.map(([name, content]) => ({ name, content }))));
    await house.images.remove("twin");
    await house.images.remove("other:1");
    expect(await names(house)).toEqual({});
    await source.engine.images.remove("twin");
  });

  test("format oci has no manifest.json and loads alike", async () => {
    const oci = await buffer(await source.engine.images.save(["app:1"], { format: "oci" }));
    expect((await entriesOf(oci)).has("manifest.json")).toBe(false);
    expect(await load(oci)).toEqual({ References: ["app:1"], Ids: [] });
    expect(await names(house)).toEqual({ [one]: ["app:1"] });
  });

  test("an exporter's archive has the names it is given", async () => {
    const exported = await buffer(await source.engine.images.save([one], { names: ["built", "built:v2"] }));
    expect(await load(exported)).toEqual({ References: ["built:latest", "built:v2"], Ids: [] });
    expect(await names(source.engine)).toMatchObject({ [one]: ["app:1", "app:2", "registry.test:5000/team/app:x"] });
  });

  test("a name moves to the loaded image, which is said", async () => {
    const old = await shelve(house, { references: ["app:1"], layers: ["old"] });
    const said: string[] = [];
    for await (const event of house.images.load(streamOf(archive))) if (event.type === "message") said.push(event.text);
    expect(said).toEqual([`The image app:1 already exists, renaming the old one with ID ${old} to empty string`]);
    expect((await house.images.inspect(old)).RepoTags).toEqual([]);
  });

  test("what is not there, or for another platform, is refused before a byte is written", async () => {
    await expect(source.engine.images.save(["app:1", "missing"])).rejects.toMatchObject({ code: "not-found" });
    await expect(source.engine.images.save(["app:1"], { platform: "linux/arm64" })).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("what other tools write", () => {
  let id: string;
  let file: string;
  beforeAll(async () => {
    id = await shelve(source.engine, { references: ["tool:1"], layers: ["base", "one"] });
    file = join(work, "tool.tar");
    await pipeline(await source.engine.images.save(["tool:1"]), createWriteStream(file));
  });

  /** The one image that was loaded is ours, or has its layers where a tool writes the config anew. */
  async function expectSame(rewritten = false): Promise<string[]> {
    const [image] = await house.images.list();
    expect((await house.images.inspect(image!.Id)).RootFS).toEqual((await source.engine.images.inspect(id)).RootFS);
    if (!rewritten) expect(image!.Id).toBe(id);
    return image!.RepoTags;
  }

  test.for(["docker-archive", "oci-archive"])("skopeo copy to %s", async (kind, context) => {
    const copied = join(work, `skopeo-${kind}.tar`);
    runProgram(programOrSkip(context, "skopeo"), ["--insecure-policy", "copy", "-q", `docker-archive:${file}`, `${kind}:${copied}:tool:2`]);
    expect((await load(createReadStream(copied))).References).toEqual(["tool:2"]);
    expect(await expectSame(kind === "oci-archive")).toEqual(["tool:2"]);
  });

  test("podman load, and podman save in both formats", async (context) => {
    const podman = programOrSkip(context, "podman");
    const store = join(work, "podman");
    const run = (...args: string[]) =>
      runProgram(podman, ["--root", join(store, "root"), "--runroot", join(store, "run"), "--storage-driver", "vfs", ...args]);
    try {
      run("load", "-q", "-i", file);
      for (const format of ["docker-archive", "oci-archive"]) {
        const saved = join(work, `podman-${format}.tar`);
        run("save", "-q", "--format", format, "-o", saved, "docker.io/library/tool:1");
        expect((await load(createReadStream(saved))).References).toEqual(["tool:1"]);
        expect(await expectSame()).toEqual(["tool:1"]);
        await house.images.remove(id);
      }
    } finally {
      run("system", "reset", "--force");
    }
  });

  test("docker before its OCI layout: a directory per layer, a shared one by symbolic link", async () => {
    const [base, top] = [layerOf("base"), layerOf("one")];
    const config = JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [sha256(base), sha256(top), sha256(base)] },
    });
    const manifest = [{ Config: "c0ffee.json", RepoTags: ["old:1"], Layers: ["aa/layer.tar", "bb/layer.tar", "cc/layer.tar"] }];
    const archive = tarOf(
      { name: "aa/", type: "directory" },
      { name: "aa/VERSION", content: "1.0" },
      { name: "aa/layer.tar", content: base },
      { name: "bb/layer.tar", content: gzipSync(top) },
      { name: "cc/layer.tar", type: "symlink", linkName: "../aa/layer.tar" },
      { name: "c0ffee.json", content: config },
      { name: "manifest.json", content: JSON.stringify(manifest) },
      { name: "repositories", content: '{"old":{"1":"cc"}}' },
    );
    expect(await load(archive)).toEqual({ References: ["old:1"], Ids: [] });
    expect(await names(house)).toEqual({ [sha256(config)]: ["old:1"] });
    expect(resolveImage(house, "old:1")!.lowerdirs).toHaveLength(3);
  });
});
