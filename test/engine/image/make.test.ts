/** Images made here: import, and the commits of layers and images that builds and `commit` stand on. */

import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../engine/house.ts";
import { applyChanges } from "../../../engine/image/documents/changes.ts";
import { commitLayer } from "../../../engine/image/layers/commit-layer.ts";
import { lowerdirs } from "../../../engine/image/layers/layers.ts";
import { commitImage } from "../../../engine/image/store/commit-image.ts";
import { requireImage } from "../../../engine/image/store/store.ts";
import { readTar } from "../../../engine/image/tar/reader.ts";
import { makeNode, writeXattr } from "../../../engine/sys/files.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { leftovers, rebuilt, sha256, streamOf, tarOf } from "./scene.ts";
import { layerOf, shelve } from "./shelf.ts";

let scene: TestEngine;
let engine: House;
beforeEach(() => {
  scene = openTestEngine();
  engine = scene.engine;
  void engine.db;
});
afterEach(() => scene[Symbol.asyncDispose]());

describe("import", () => {
  const archive = tarOf({ name: "etc/", type: "directory" }, { name: "etc/name", content: "content" });
  const add = (options = {}, bytes = archive) => finish(engine.images.import(streamOf(bytes), options));

  test("makes an image of one layer, whose diff id is the archive's", async () => {
    const { Id } = await add({ reference: "mine", message: "by hand" });
    const image = await engine.images.inspect("mine");
    expect(image).toMatchObject({ Id, RepoTags: ["mine:latest"], Comment: "by hand", Os: "linux", Config: {} });
    expect(image.RootFS.Layers).toEqual([sha256(archive)]);
    expect(await engine.images.history(Id)).toMatchObject([{ Id, Comment: "by hand", Size: 7, CreatedBy: "" }]);
    expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
  });

  test("of the same archive compressed has the same layer, once", async () => {
    await add({ reference: "one" });
    await add({ reference: "two" }, gzipSync(archive));
    expect(engine.db.all("SELECT * FROM layers")).toHaveLength(1);
    expect(leftovers(engine)).toHaveLength(2);
  });

  test("takes a platform and changes", async () => {
    const changes = [
      'CMD ["sh", "-c", "x"]',
      "entrypoint run me",
      "ENV A=1 B='two words'",
      "ENV A 3",
      "EXPOSE 80 8000-8001/udp",
      'LABEL a=b "c d"="e f"',
      "ONBUILD RUN x",
      "STOPSIGNAL SIGINT",
      "USER 1000:1000",
      'VOLUME ["/data"]',
      "VOLUME /one /two",
      "WORKDIR /srv",
      "WORKDIR app",
      "HEALTHCHECK CMD curl localhost",
    ];
    await add({ reference: "changed", changes, platform: "linux/arm/v7" });
    expect(await engine.images.inspect("changed")).toMatchObject({
      Architecture: "arm",
      Variant: "v7",
      Config: {
        Cmd: ["sh", "-c", "x"],
        Entrypoint: ["/bin/sh", "-c", "run me"],
        Env: ["A=3", "B=two words"],
        ExposedPorts: { "80/tcp": {}, "8000/udp": {}, "8001/udp": {} },
        Labels: { a: "b", "c d": "e f" },
        OnBuild: ["RUN x"],
        StopSignal: "SIGINT",
        User: "1000:1000",
        Volumes: { "/data": {}, "/one": {}, "/two": {} },
        WorkingDir: "/srv/app",
        Healthcheck: { Test: ["CMD-SHELL", "curl localhost"] },
      },
    });
  });

  test("fetches an archive from a server", async () => {
    const server = createServer((request, response) => (request.url === "/a.tar" ? response.end(archive) : response.writeHead(404).end()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { Id } = await finish(engine.images.import(new URL(`${base}/a.tar`), { reference: "fetched" }));
      expect((await engine.images.inspect(Id)).RootFS.Layers).toEqual([sha256(archive)]);
      await expect(finish(engine.images.import(new URL(`${base}/missing`)))).rejects.toMatchObject({ code: "not-found" });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test.each<[string, object, object]>([
    ["a change that is no instruction", { changes: ["DANCE now"] }, { code: "invalid", message: expect.stringContaining("DANCE") }],
    ["one that changes files", { changes: ["RUN true"] }, { code: "invalid" }],
    [
      "one without an argument",
      { changes: ["USER"] },
      { code: "invalid", message: expect.stringContaining("requires exactly one argument") },
    ],
    ["a port that is none", { changes: ["EXPOSE 99999"] }, { code: "invalid" }],
    ["a malformed name", { reference: "UPPER" }, { code: "invalid" }],
    ["a malformed platform", { platform: "a/b/c/d" }, { code: "invalid" }],
  ])("%s is refused before anything is read", async (_, options, expected) => {
    const stream = streamOf(archive);
    await expect(finish(engine.images.import(stream, options))).rejects.toMatchObject(expected);
    expect(stream.readableDidRead).toBe(false);
    expect(leftovers(engine)).toEqual([]);
  });

  test("cancelled in the middle leaves nothing", async () => {
    const abort = new AbortController();
    async function* endless() {
      yield archive.subarray(0, 512);
      abort.abort();
      for (;;) yield await new Promise<Buffer>((resolve) => setImmediate(() => resolve(Buffer.alloc(512))));
    }
    const { Readable } = await import("node:stream");
    const importing = finish(engine.images.import(Readable.from(endless()), { signal: abort.signal }));
    await expect(importing).rejects.toMatchObject({ code: "cancelled" });
    expect(leftovers(engine)).toEqual([]);
    expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
  });
});

describe("commitLayer", () => {
  /** An upper directory on the store's file system. */
  function upper(fill: (directory: string) => void): string {
    const directory = join(engine.paths.build, `upper-${Math.random()}`);
    mkdirSync(directory, { recursive: true });
    fill(directory);
    return directory;
  }
  const entriesOf = async (chain: string) => {
    const found: Record<string, { type: string; mtime: number }> = {};
    for await (const { header } of readTar(streamOf(await rebuilt(engine, chain))))
      found[header.name] = { type: header.type, mtime: header.mtime };
    return found;
  };

  test("turns overlay's whiteouts into an archive's, and the directory is gone", async () => {
    const directory = upper((path) => {
      writeFileSync(join(path, "file"), "content");
      makeNode(join(path, "removed"), 0o020000, 0, 0);
      mkdirSync(join(path, "opaque"));
      writeXattr(join(path, "opaque"), "trusted.overlay.opaque", Buffer.from("y"));
      symlinkSync("file", join(path, "link"));
    });
    const { diffId, chainId, size } = await commitLayer(engine, directory, "");
    expect(chainId).toBe(diffId);
    expect(size).toBe(7);
    expect(existsSync(directory)).toBe(false);
    const found = await entriesOf(chainId);
    expect(Object.keys(found).sort()).toEqual([".wh.removed", "file", "link", "opaque/", "opaque/.wh..wh..opq"]);
    expect(sha256(await rebuilt(engine, chainId))).toBe(diffId);
  });

  test("the same content gives the same layer, in this thread and in a worker's", async () => {
    const fill = (count: number) => (path: string) => {
      for (let index = 0; index < count; index++) writeFileSync(join(path, `f${index}`), `content ${index}`);
      for (let index = 0; index < count; index++) utimesSync(join(path, `f${index}`), 1_700_000_000, 1_700_000_000);
    };
    for (const count of [10, 600]) {
      const first = await commitLayer(engine, upper(fill(count)), "");
      const again = await commitLayer(engine, upper(fill(count)), "");
      expect(again).toEqual(first);
    }
    expect(engine.db.all("SELECT * FROM layers")).toHaveLength(2);
    expect(leftovers(engine)).toHaveLength(4);
  });

  test("an epoch holds later times back, in the files too", async () => {
    const epoch = 1_600_000_000;
    const directory = upper((path) => {
      writeFileSync(join(path, "new"), "");
      writeFileSync(join(path, "old"), "");
      utimesSync(join(path, "old"), 1_500_000_000, 1_500_000_000);
    });
    const { chainId } = await commitLayer(engine, directory, "", { epoch });
    expect(await entriesOf(chainId)).toEqual({ new: { type: "file", mtime: epoch }, old: { type: "file", mtime: 1_500_000_000 } });
    const [lower] = lowerdirs(engine, chainId)!;
    expect(statSync(join(lower!, "new")).mtimeMs).toBe(epoch * 1000);
  });

  test("names the root only when it changed", async () => {
    const plain = await commitLayer(
      engine,
      upper((path) => writeFileSync(join(path, "a"), "")),
      "",
    );
    expect(Object.keys(await entriesOf(plain.chainId))).toEqual(["a"]);
    const closed = upper(() => {});
    chmodSync(closed, 0o700);
    const changed = await commitLayer(engine, closed, plain.chainId);
    expect(Object.keys(await entriesOf(changed.chainId))).toEqual(["./"]);
  });

  test("nothing written is an empty layer; a parent that is not there is refused", async () => {
    const { chainId, size } = await commitLayer(
      engine,
      upper(() => {}),
      "",
    );
    expect(size).toBe(0);
    expect(await entriesOf(chainId)).toEqual({});
    const kept = upper((path) => writeFileSync(join(path, "a"), ""));
    await expect(commitLayer(engine, kept, `sha256:${"0".repeat(64)}`)).rejects.toMatchObject({ code: "conflict" });
    expect(existsSync(kept)).toBe(true);
  });

  test("a directory that is gone is no empty layer", async () => {
    await expect(commitLayer(engine, join(engine.paths.build, "never-made"), "")).rejects.toMatchObject({ code: "internal" });
  });
});

describe("commitImage", () => {
  test("has an id that depends on its content only, moves tags, and keeps history and annotations", async () => {
    const { diffId } = await (async () => {
      const directory = join(engine.paths.build, "u");
      mkdirSync(directory, { recursive: true });
      return commitLayer(engine, directory, "");
    })();
    const rootfs = { type: "layers" as const, diff_ids: [diffId] };
    const one = await commitImage(
      engine,
      { os: "linux", architecture: "amd64", rootfs, config: { Labels: { b: "2", a: "1" } } },
      { references: ["app"] },
    );
    const same = await commitImage(engine, { rootfs, architecture: "amd64", config: { Labels: { a: "1", b: "2" } }, os: "linux" });
    expect(same).toEqual(one);
    const two = await commitImage(
      engine,
      { os: "linux", architecture: "amd64", rootfs },
      { references: ["app", "x/y:z"], parent: one.Id, annotations: { k: "v" }, history: [{ created_by: "step" }] },
    );
    expect((await engine.images.inspect("app")).Id).toBe(two.Id);
    expect(await engine.images.inspect(two.Id)).toMatchObject({ Parent: one.Id, RepoTags: ["app:latest", "x/y:z"] });
    expect(await engine.images.history(two.Id)).toMatchObject([{ CreatedBy: "step" }]);
    expect(engine.db.get("SELECT annotations FROM images WHERE id = ?", two.Id)).toEqual({ annotations: '{"k":"v"}' });
    expect(engine.db.all("SELECT * FROM leases")).toEqual([]);
  });

  test("needs its layers", async () => {
    const rootfs = { type: "layers" as const, diff_ids: [`sha256:${"0".repeat(64)}`] };
    await expect(commitImage(engine, { os: "linux", architecture: "amd64", rootfs })).rejects.toMatchObject({ code: "conflict" });
    await expect(commitImage(engine, { os: "linux", architecture: "amd64" } as never)).rejects.toMatchObject({ code: "archive" });
    await expect(shelve(engine, { references: ["UPPER"] })).rejects.toMatchObject({ code: "invalid" });
  });
});

test("a digest is given to nothing: whoever asks for it trusts it", async () => {
  const name = `trusted@sha256:${"0".repeat(64)}`;
  const message = "refusing to create a tag with a digest reference";
  const id = await shelve(engine, { references: ["given:1"] });
  const { config } = requireImage(engine, id).image;
  await expect(commitImage(engine, JSON.parse(config), { references: [name] })).rejects.toMatchObject({ code: "invalid", message });
  await expect(finish(engine.images.import(streamOf(layerOf("x")), { reference: name }))).rejects.toMatchObject({ message });
  await expect(engine.images.tag("given:1", name)).rejects.toMatchObject({ message });
  await expect(engine.images.save(["given:1"], { names: [name] })).rejects.toMatchObject({ message });
  await expect(finish(engine.builder.build({ context: "-", dockerfile: "FROM scratch", tags: [name] }))).rejects.toMatchObject({ message });
  expect(engine.db.all("SELECT * FROM tags WHERE reference LIKE '%@%'")).toEqual([]);
});

test.each<[string[], string[] | undefined]>([
  [['ENTRYPOINT ["new"]'], undefined],
  [['CMD ["own"]', 'ENTRYPOINT ["new"]'], ["own"]],
  [['ENTRYPOINT ["new"]', 'CMD ["own"]'], ["own"]],
])("%j leave the command %j: that of another entrypoint goes", (changes, Cmd) => {
  expect(applyChanges({ Entrypoint: ["old"], Cmd: ["its argument"] }, changes)).toEqual({ Entrypoint: ["new"], ...(Cmd && { Cmd }) });
});
