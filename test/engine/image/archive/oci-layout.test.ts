/** `load` of OCI image layouts: which of it is unpacked, which is kept as it is, and what is refused. */
import { readdirSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { finish, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { type Entry, entriesOf, leftovers, sha256, streamOf, tarOf } from "../scene.ts";
import { layerOf } from "../shelf.ts";

let target: TestEngine;
let house: House;
beforeEach(() => {
  target = openTestEngine();
  house = target.engine;
  void house.db;
});
afterEach(() => target[Symbol.asyncDispose]());

const load = (archive: Buffer, options = {}) => finish(house.images.load(streamOf(archive), options));

describe("an OCI layout", () => {
  const blob = (content: string | Buffer): Entry => ({ name: `blobs/sha256/${sha256(content).slice(7)}`, content });
  const describeBlob = (mediaType: string, content: string | Buffer, more = {}) => ({
    mediaType,
    digest: sha256(content),
    size: Buffer.byteLength(content),
    ...more,
  });
  const layer = gzipSync(layerOf("base"));
  const config = (architecture: string) =>
    JSON.stringify({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [sha256(layerOf("base"))] } });
  const manifest = (architecture: string, configType = "application/vnd.oci.image.config.v1+json") =>
    JSON.stringify({
      schemaVersion: 2,
      config: describeBlob(configType, config(architecture)),
      layers: [describeBlob("application/vnd.oci.image.layer.v1.tar+gzip", layer)],
    });
  const manifestType = "application/vnd.oci.image.manifest.v1+json";
  const indexType = "application/vnd.oci.image.index.v1+json";
  const platforms = ["amd64", "arm64", "s390x"];
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: platforms.map((architecture) =>
      describeBlob(manifestType, manifest(architecture), { platform: { os: "linux", architecture } }),
    ),
  });
  const layout = (manifests: object[], ...more: Entry[]) =>
    tarOf(
      { name: "./oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
      { name: "./index.json", content: JSON.stringify({ schemaVersion: 2, manifests }) },
      blob(layer),
      ...platforms.flatMap((architecture) => [blob(config(architecture)), blob(manifest(architecture))]),
      blob(index),
      ...more,
    );
  const named = (name: string) => ({ annotations: { "org.opencontainers.image.ref.name": name } });

  test.each(platforms)("with several platforms gives the one for %s", async (architecture) => {
    const archive = layout([describeBlob(indexType, index, named("multi:1"))]);
    expect(await load(archive, { platform: `linux/${architecture}` })).toEqual({ References: ["multi:1"], Ids: [] });
    expect((await house.images.inspect("multi:1")).Architecture).toBe(architecture);
  });

  const own = process.arch === "x64" ? "amd64" : process.arch;

  test("is kept as it is: its digests, its compressed layers, its other platforms", async () => {
    const archive = layout([describeBlob(indexType, index, named("multi:1"))]);
    await load(archive);
    const digest = sha256(index);
    expect(await house.images.inspect("multi:1")).toMatchObject({
      Id: sha256(config(own)),
      RepoDigests: [`multi@${digest}`],
      Descriptor: { digest, mediaType: indexType },
    });
    expect(resolveImage(house, `multi@${digest}`)).toMatchObject({ id: sha256(config(own)) });
    const saved = await entriesOf(await buffer(await house.images.save(["multi:1"])));
    for (const { name, content } of [blob(layer), blob(index), ...platforms.flatMap((each) => [blob(config(each)), blob(manifest(each))])])
      expect(saved.get(name), name).toEqual(Buffer.from(content!));
    const { manifests } = JSON.parse(saved.get("index.json")!.toString()) as { manifests: { digest: string }[] };
    expect(manifests).toMatchObject([{ digest, annotations: { "io.containerd.image.name": "docker.io/library/multi:1" } }]);
    const [{ Layers }] = JSON.parse(saved.get("manifest.json")!.toString()) as [{ Layers: string[] }];
    expect(Layers).toEqual([blob(layer).name]);
    await house.images.remove("multi:1");
    expect(readdirSync(house.paths.blobs)).toEqual([]);
  });

  test("for one platform leaves the others out, here and in the archive", async () => {
    await load(layout([describeBlob(indexType, index, named("multi:1"))]), { platform: "linux/s390x" });
    expect(house.db.all("SELECT digest FROM blobs ORDER BY digest")).toEqual(
      [sha256(index), sha256(manifest("s390x")), sha256(layer)].sort().map((digest) => ({ digest })),
    );
  });

  test("whose index names what is not there is loaded without it", async () => {
    const [first] = JSON.parse(index).manifests as object[];
    const missing = describeBlob(manifestType, "{}", { platform: { os: "linux", architecture: "riscv64" } });
    const more = JSON.stringify({ schemaVersion: 2, manifests: [missing, first] });
    await load(layout([describeBlob(indexType, more, named("part:1"))], blob(more)));
    expect((await house.images.inspect("part:1")).Descriptor).toMatchObject({ digest: sha256(more) });
  });

  test("with plain layers keeps its manifest; one that docker's save made for a manifest.json is none", async () => {
    const bare = JSON.stringify({
      schemaVersion: 2,
      config: describeBlob("application/vnd.oci.image.config.v1+json", config(own)),
      layers: [describeBlob("application/vnd.oci.image.layer.v1.tar", layerOf("base"))],
    });
    const files = [blob(bare), blob(layerOf("base"))];
    await load(layout([describeBlob(manifestType, bare, named("plain:1"))], ...files));
    expect((await house.images.inspect("plain:1")).Descriptor).toMatchObject({ digest: sha256(bare) });
    const docker = [{ Config: blob(config(own)).name, RepoTags: ["plain:2"], Layers: [blob(layerOf("base")).name] }];
    const both = [...files, { name: "manifest.json", content: JSON.stringify(docker) }];
    await house.images.remove("plain:1");
    await load(layout([describeBlob(manifestType, bare, named("plain:2"))], ...both));
    expect((await house.images.inspect("plain:2")).Descriptor).toBeUndefined();
  });

  test("has its own digest in its name, or none", async () => {
    const archive = (name: string) => layout([describeBlob(indexType, index, { annotations: { "io.containerd.image.name": name } })]);
    await load(archive(`docker.io/library/multi@${sha256(index)}`));
    expect((await house.images.list())[0]).toMatchObject({ RepoTags: [], RepoDigests: [`multi@${sha256(index)}`] });
    const lie = `sha256:${"0".repeat(64)}`;
    await expect(load(archive(`docker.io/library/trusted@${lie}`))).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(new RegExp(`${lie}.*${sha256(index)}`)),
    });
    expect(resolveImage(house, `trusted@${lie}`)).toBeUndefined();
  });

  test("with none for this host says so", async () => {
    const archive = layout([describeBlob(indexType, index, named("multi:1"))]);
    await expect(load(archive, { platform: "linux/riscv64" })).rejects.toMatchObject({
      code: "archive",
      message: expect.stringContaining("no image for this platform"),
    });
    expect(leftovers(house)).toEqual([]);
  });

  test("of single images gives those for the platform alone", async () => {
    const archive = layout(platforms.map((each) => describeBlob(manifestType, manifest(each), named(`${each}:1`))));
    expect(await load(archive, { platform: "linux/s390x" })).toEqual({ References: ["s390x:1"], Ids: [] });
    await expect(load(archive, { platform: "linux/riscv64" })).rejects.toThrow("no image for this platform");
    const docker = tarOf(
      { name: "manifest.json", content: JSON.stringify([{ Config: "config.json", RepoTags: ["docker:1"], Layers: ["layer.tar"] }]) },
      { name: "config.json", content: config("s390x") },
      { name: "layer.tar", content: layerOf("base") },
    );
    await expect(load(docker, { platform: "linux/arm64" })).rejects.toThrow("no image for this platform");
    expect(await load(docker, { platform: "linux/s390x" })).toEqual({ References: ["docker:1"], Ids: [] });
  });

  test("an attestation beside the image is none", async () => {
    const attestation = manifest("unknown");
    const archive = layout(
      [
        describeBlob(manifestType, manifest("amd64"), named("attested:1")),
        describeBlob(manifestType, attestation, { platform: { os: "unknown", architecture: "unknown" } }),
      ],
      blob(attestation),
    );
    expect(await load(archive)).toEqual({ References: ["attested:1"], Ids: [] });
  });

  test("a bare tag is no name, an artifact is no image, two names are one image", async () => {
    const artifact = manifest("amd64", "application/vnd.cncf.helm.config.v1+json");
    const archive = layout(
      [
        describeBlob(manifestType, manifest("amd64"), named("latest")),
        describeBlob(manifestType, manifest("amd64"), { annotations: { "io.containerd.image.name": "docker.io/library/whole:1" } }),
        describeBlob(manifestType, artifact),
      ],
      blob(artifact),
    );
    expect(await load(archive)).toEqual({ References: ["whole:1"], Ids: [] });
    expect(await load(layout([describeBlob(manifestType, manifest("amd64"), named("latest"))]))).toEqual({
      References: [],
      Ids: [sha256(config("amd64"))],
    });
  });

  test.each<[string, () => Buffer, object]>([
    [
      "a damaged manifest",
      () => layout([{ ...describeBlob(manifestType, manifest("amd64")), digest: `sha256:${"0".repeat(64)}` }]),
      { code: "archive" },
    ],
    ["a damaged layer", () => tarOf(...layerSwap()), { code: "corrupt", message: expect.stringContaining("is damaged") }],
    [
      "no image archive",
      () => layerOf("base"),
      {
        code: "archive",
        message: expect.stringContaining("neither manifest.json nor index.json"),
        hint: expect.stringContaining("berth import"),
      },
    ],
    ["docker before 1.10", () => tarOf({ name: "repositories", content: "{}" }), { hint: expect.stringContaining("newer than 1.10") }],
    [
      "not a tar",
      () => Buffer.from("hello, this is not an archive at all".repeat(40)),
      { code: "archive", message: expect.stringContaining("not a tar archive") },
    ],
    ["nothing at all", () => Buffer.alloc(0), { code: "archive", message: "cannot load the archive: it is empty" }],
    ["a cut archive", () => layout([describeBlob(indexType, index)]).subarray(0, 3000), { code: "archive" }],
    [
      "a manifest.json that is no list",
      () => tarOf({ name: "manifest.json", content: "{}" }),
      { message: expect.stringContaining("is not a list") },
    ],
    [
      "a missing config",
      () => tarOf({ name: "manifest.json", content: '[{"Config":"x.json","Layers":[]}]' }),
      { message: expect.stringContaining('"x.json" is missing') },
    ],
    [
      "a link in a circle",
      () => tarOf({ name: "manifest.json", type: "symlink", linkName: "manifest.json" }),
      { message: expect.stringContaining("missing") },
    ],
    [
      "fewer layers than diff ids",
      () => tarOf({ name: "c", content: config("amd64") }, { name: "manifest.json", content: '[{"Config":"c","Layers":[]}]' }),
      { message: expect.stringContaining("names 1 layers, the archive 0") },
    ],
    [
      "a malformed name",
      () =>
        tarOf({ name: "c", content: config("amd64") }, blob(layer), {
          name: "manifest.json",
          content: `[{"Config":"c","RepoTags":["UPPER:1"],"Layers":["blobs/sha256/${sha256(layer).slice(7)}"]}]`,
        }),
      { code: "invalid" },
    ],
  ])("%s is refused, and nothing is left", async (_, archive, expected) => {
    await expect(load(archive())).rejects.toMatchObject(expected);
    expect(leftovers(house)).toEqual([]);
    expect(await house.images.list()).toEqual([]);
    expect(house.db.all("SELECT * FROM leases WHERE subject NOT LIKE 'chain:%'")).toEqual([]);
  });

  /** The layer's blob holds another layer than its name says. */
  function layerSwap(): Entry[] {
    const other = gzipSync(layerOf("evil"));
    return [
      { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [describeBlob(manifestType, manifest("amd64"))] }) },
      { ...blob(layer), content: other },
      blob(config("amd64")),
      blob(manifest("amd64")),
    ];
  }
});
