/** Garbage: what goes, what stays, also while pushes run; contents that are damaged. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { partsOf } from "../../../../engine/registry/server/protocol/document.ts";
import { Claims } from "../../../../engine/registry/server/storage/claims.ts";
import { collect } from "../../../../engine/registry/server/storage/collect.ts";
import { Layout } from "../../../../engine/registry/server/storage/layout.ts";
import { digestOf, pushImage, type ServerScene, startServer, types } from "./scene.ts";

const contents = (server: ServerScene) => readdirSync(join(server.root, "blobs/sha256")).map((hex) => `sha256:${hex}`);

test("what no manifest is made of goes when its time is over, with its content when it was the last", async () => {
  await using server = await startServer();
  const kept = await pushImage(server, "app", "1");
  const loose = await server.pushBlob("app", "loose");
  const shared = await server.pushBlob("other", "layer of 1");
  expect(await server.storage.collect(60_000)).toMatchObject({ contents: 0, bytes: 0 });
  expect(await server.storage.collect(-1000)).toMatchObject({ contents: 1, bytes: 5 });
  expect((await server.call("HEAD", `/v2/app/blobs/${loose}`)).status).toBe(404);
  expect((await server.call("HEAD", `/v2/other/blobs/${shared}`)).status).toBe(404);
  expect((await server.call("HEAD", `/v2/app/blobs/${kept.layer}`)).status).toBe(200);
  expect(contents(server).toSorted()).toEqual([kept.digest, kept.config, kept.layer].toSorted());
  await server.call("DELETE", `/v2/app/manifests/${kept.digest}`);
  expect(await server.storage.collect(-1000)).toMatchObject({ contents: 3 });
  expect(contents(server)).toEqual([]);
});

test("manifests of an index, referrers and what is untagged stay", async () => {
  await using server = await startServer();
  const part = await pushImage(server, "app", "part");
  const subject = { mediaType: types.manifest, digest: part.digest, size: part.size };
  const index = { schemaVersion: 2, mediaType: types.index, manifests: [subject] };
  await server.pushManifest("app", "all", index, types.index);
  await pushImage(server, "app", "signature", { subject });
  for (const tag of ["part", "signature"]) await server.call("DELETE", `/v2/app/manifests/${tag}`);
  expect(await server.storage.collect(-1000)).toMatchObject({ contents: 0, bytes: 0 });
});

test("a blob that somebody has asked for is left for its manifest", async () => {
  await using server = await startServer();
  const blob = await server.pushBlob("app", "old");
  const { utimesSync } = await import("node:fs");
  utimesSync(join(server.root, "repositories/app/_blobs", ...blob.split(":")), new Date(0), new Date(0));
  await server.call("HEAD", `/v2/app/blobs/${blob}`);
  expect(await server.storage.collect(60_000)).toMatchObject({ contents: 0, bytes: 0 });
  utimesSync(join(server.root, "repositories/app/_blobs", ...blob.split(":")), new Date(0), new Date(0));
  utimesSync(join(server.root, "blobs", ...blob.split(":")), new Date(0), new Date(0));
  expect(await server.storage.collect(60_000)).toMatchObject({ contents: 1, bytes: 3 });
});

test("an old blob that is pushed again is new again", async () => {
  await using server = await startServer();
  const blob = await server.pushBlob("app", "old");
  const { utimesSync } = await import("node:fs");
  utimesSync(join(server.root, "repositories/app/_blobs", ...blob.split(":")), new Date(0), new Date(0));
  await server.pushBlob("app", "old");
  expect(await server.storage.collect(60_000)).toMatchObject({ contents: 0, bytes: 0 });
  expect((await server.call("GET", `/v2/app/blobs/${blob}`)).status).toBe(200);
});

test("while pushes, mounts and deletions run, whatever can be pulled is whole", async () => {
  await using server = await startServer();
  let isOver = false;
  const collecting = (async () => {
    while (!isOver) await server.storage.collect(-1000);
  })();
  const layers = Array.from({ length: 3 }, () => randomBytes(1000));
  const push = async (worker: number) => {
    const name = `app/${worker}`;
    for (let at = 0; at < 25; at++) {
      const layer = layers[(worker + at) % 3]!;
      const digest = digestOf(layer);
      const config = `{"worker":${worker}}`;
      await server.call("POST", `/v2/${name}/blobs/uploads/?mount=${digest}&from=app/${(worker + 1) % 3}`);
      await server.call("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, layer);
      await server.call("POST", `/v2/${name}/blobs/uploads/?digest=${digestOf(config)}`, config);
      const part = (bytes: string | Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) });
      const document = { schemaVersion: 2, config: part(config, types.config), layers: [part(layer, types.layer)] };
      const { status } = await server.pushManifest(name, `t${at}`, document);
      expect([201, 404]).toContain(status); // 404: its blobs were collected, and are to be pushed again
      if (at % 5 === 4) await server.call("DELETE", `/v2/${name}/manifests/${digestOf(JSON.stringify(document))}`);
    }
  };
  await Promise.all([0, 1, 2].map(push));
  isOver = true;
  await collecting;
  for (const name of (await server.call("GET", "/v2/_catalog")).json.repositories)
    for (const tag of (await server.call("GET", `/v2/${name}/tags/list`)).json.tags) {
      const { status, body } = await server.call("GET", `/v2/${name}/manifests/${tag}`);
      expect([status, digestOf(body)]).toEqual([200, expect.any(String)]);
      for (const blob of partsOf(body, types.manifest)) {
        const got = await server.call("GET", `/v2/${name}/blobs/${blob}`);
        expect([name, tag, got.status, digestOf(got.body)]).toEqual([name, tag, 200, blob]);
      }
    }
});

test("what is damaged is set aside, its push brings it back, and nothing is collected around a manifest that is lost", async () => {
  await using server = await startServer();
  const image = await pushImage(server, "app", "1");
  expect(await server.storage.scrub()).toEqual({ checked: 3, damaged: [] });
  const path = (digest: string) => join(server.root, "blobs", ...digest.split(":"));
  writeFileSync(path(image.layer), "something else");
  writeFileSync(path(image.digest), "{}");
  const { damaged } = await server.storage.scrub();
  expect(damaged.toSorted()).toEqual([image.layer, image.digest].toSorted());
  expect(existsSync(join(server.root, "damaged", image.layer.replace(":", "-")))).toBe(true);
  expect((await server.call("HEAD", `/v2/app/blobs/${image.layer}`)).status).toBe(404);
  expect((await server.call("GET", "/v2/app/manifests/1")).codes).toEqual(["MANIFEST_UNKNOWN"]);
  expect(await server.storage.collect(-1000)).toMatchObject({ contents: 0, bytes: 0 });
  await pushImage(server, "app", "1");
  expect((await server.call("GET", `/v2/app/blobs/${image.layer}`)).body.toString()).toBe("layer of 1");
  expect((await server.call("GET", "/v2/app/manifests/1")).status).toBe(200);
});

test("what is about to be named, or was since the collection began to look, stays", async () => {
  const root = mkdtempSync(join(tmpdir(), "berth-registry-claims-"));
  const [layout, claims] = [new Layout(root), new Claims()];
  const write = (path: string, text = "") => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const [moved, coming, loose] = ["moved", "coming", "loose"].map((text) => digestOf(text)) as [string, string, string];
  for (const digest of [moved, coming, loose]) write(layout.content(digest), digest);
  write(layout.blob("later", moved));
  const { promise, resolve } = Promise.withResolvers<void>();
  const naming = claims.hold([coming], () => promise);
  async function* repositories() {
    yield "sooner";
    // Looked at already: this link is not seen any more, and the one that was is gone before its repository's turn.
    await claims.hold([moved], async () => write(layout.blob("sooner", moved)));
    rmSync(layout.blob("later", moved));
    yield "later";
  }
  const none = async () => new Set<string>();
  const work = {
    isDry: false,
    retain: async () => [],
    inTurn: <T>(_: string, doing: () => Promise<T>) => doing(),
    partsOf: none,
    manifestsOf: none,
  };
  const before = Date.now() + 60_000;
  expect(await collect({ layout, claims, before, repositories: repositories(), ...work })).toMatchObject({ contents: 1 });
  expect([moved, coming, loose].map((digest) => existsSync(layout.content(digest)))).toEqual([true, true, false]);
  resolve();
  await naming;
  async function* all() {
    yield* ["later", "sooner"];
  }
  expect(await collect({ layout, claims, before, repositories: all(), ...work })).toMatchObject({ contents: 2 });
  rmSync(root, { recursive: true });
});
