/** Images of several platforms in the store: which are shown, unpacked, found by their digests, and go with their name. */
import { readdirSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskUsage } from "../../../engine/host/usage.ts";
import type { House } from "../../../engine/house.ts";
import { mediaTypes } from "../../../engine/image/documents/media-types.ts";
import { recordBlobs } from "../../../engine/image/store/blobs.ts";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import { resolvePlatform } from "../../../engine/image/store/resolve-platform.ts";
import type { Descriptor } from "../../../engine/image/types.ts";
import { hostPlatform } from "../../../engine/platform.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { sha256, streamOf } from "./scene.ts";

const own = hostPlatform().architecture;
const foreign = "s390x";
let scene: TestEngine;
let house: House;
let layout: Layout;
beforeEach(async () => {
  scene = openTestEngine();
  house = scene.engine;
  layout = layoutOf("multi:1", [foreign, own]);
  await finish(house.images.load(streamOf(layout.archive)));
});
afterEach(() => scene[Symbol.asyncDispose]());

const ids = async (options = {}) => (await house.images.list(options)).map(({ Id }) => Id);
const files = () => readdirSync(house.paths.blobs);
const idOf = (architecture: string) => layout.images[architecture]!.id;
const used = async () => (await diskUsage(house, house)).find(({ Type }) => Type === "Images")!;

test("one image is listed, with the truth about its platforms", async () => {
  const [image] = await house.images.list({ manifests: true });
  expect(image).toMatchObject({ Id: idOf(own), RepoDigests: [`multi@${layout.digest}`], Descriptor: { digest: layout.digest } });
  const { descriptor, layer } = layout.images[foreign]!;
  const unpacked = (architecture: string) => (architecture === own ? image!.Size : 0);
  expect(image!.Manifests).toMatchObject(
    [foreign, own].map((architecture) => ({
      ...{ ID: layout.images[architecture]!.descriptor.digest, Kind: "image", Available: true },
      ImageData: { Platform: { os: "linux", architecture }, Containers: [], Size: { Unpacked: unpacked(architecture) } },
    })),
  );
  expect(image!.Manifests![0]!.Size.Content).toBeGreaterThan(layer.length + descriptor.size);
  expect((await house.images.inspect("multi:1", { manifests: true })).Manifests).toEqual(image!.Manifests);
});

test("inspected for a platform, in docker's words when there is none", async () => {
  expect(await house.images.inspect("multi:1", { platform: `linux/${own}` })).toMatchObject({ Id: idOf(own), RepoTags: ["multi:1"] });
  const other = { Id: idOf(foreign), Architecture: foreign, RepoTags: ["multi:1"], Descriptor: { digest: layout.digest } };
  expect(await house.images.inspect("multi:1", { platform: `linux/${foreign}` })).toMatchObject(other);
  await expect(house.images.inspect("multi:1", { platform: "linux/riscv64" })).rejects.toMatchObject({
    code: "not-found",
    message: "image with reference multi:1 was found but does not provide the specified platform (linux/riscv64)",
  });
});

test("a container of another platform: unpacked from what is here, and part of its name until that goes", async () => {
  const create = house.containers.create({ Image: "multi:1", Cmd: ["x"], Platform: `linux/${foreign}`, Pull: "never" });
  const { Id } = await finish(create);
  expect((await house.containers.inspect(Id)).Image).toBe(idOf(foreign));
  expect(await ids()).toEqual([idOf(own)]);
  expect((await ids({ all: true })).sort()).toEqual([idOf(own), idOf(foreign)].sort());
  expect(await ids({ filters: { dangling: ["true"] } })).toEqual([]);
  expect((await house.images.list())[0]!.Containers).toBe(1);
  for (const all of [false, true]) expect(await house.images.prune({ all })).toMatchObject({ ImagesDeleted: [] });
  await house.images.remove("multi:1");
  expect(await ids()).toEqual([idOf(foreign)]);
  await house.containers.remove(Id);
  expect((await house.images.prune()).ImagesDeleted).toContainEqual({ Deleted: idOf(foreign) });
  expect([await ids({ all: true }), files()]).toEqual([[], []]);
});

test("the other platforms go with the last name, and with it what is kept of them", async () => {
  await resolvePlatform(house, "multi:1", `linux/${foreign}`);
  await house.images.tag("multi:1", "again:1");
  await house.images.remove("multi:1");
  expect((await ids({ all: true })).sort()).toEqual([idOf(own), idOf(foreign)].sort());
  expect(await house.images.remove("again:1")).toEqual(
    expect.arrayContaining([{ Untagged: "again:1" }, { Deleted: idOf(own) }, { Deleted: idOf(foreign) }]),
  );
  expect([await ids({ all: true }), files()]).toEqual([[], []]);
});

test("found by the digest of the index, and by that of the image's own manifest, under its name only", () => {
  const { digest } = layout.images[own]!.descriptor;
  for (const name of [`multi@${layout.digest}`, `multi@${digest}`, `multi:other@${digest}`])
    expect(resolveImage(house, name)?.id, name).toBe(idOf(own));
  for (const name of [`other@${digest}`, `multi@sha256:${"0".repeat(64)}`]) expect(resolveImage(house, name), name).toBeUndefined();
});

test("blobs are counted as used space, and given back", async () => {
  const bytes = house.db.get<{ size: number }>("SELECT sum(size) AS size FROM blobs")!.size;
  const [image] = await house.images.list();
  expect(await used()).toMatchObject({ Size: bytes + image!.Size, Reclaimable: bytes + image!.Size });
  const { Id } = await finish(house.containers.create({ Image: "multi:1", Cmd: ["x"], Pull: "never" }));
  expect(await used()).toMatchObject({ Size: bytes + image!.Size, Reclaimable: 0 });
  await house.containers.remove(Id);
  expect((await house.images.prune({ all: true })).SpaceReclaimed).toBe(bytes + image!.Size);
  expect(await used()).toMatchObject({ Size: 0 });
});

test("a lost database finds all of it again", async () => {
  await house.images.attach(signatureOf(layout.images[foreign]!.descriptor, "signed"));
  const tables = ["blobs", "blob_links", "manifests"];
  const rows = () => tables.map((table) => house.db.all(`SELECT * FROM ${table} ORDER BY 1, 2`).map((row) => ({ ...row, stored: 0 })));
  const before = rows();
  for (const table of tables) house.db.run(`DELETE FROM ${table}`);
  recordBlobs(house);
  expect(rows()).toEqual(before);
});

/** A signature as other tools make one. */
function signatureOf({ platform: _, ...subject }: Descriptor, content: string) {
  const [config, layer] = [Buffer.from("{}"), Buffer.from(content)];
  const of = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const text = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType: "application/vnd.example.signature" },
    config: of("application/vnd.oci.empty.v1+json", config),
    layers: [of("text/plain", layer)],
    ...{ subject, annotations: { by: "me" } },
  });
  return { text, blobs: [config, layer], digest: sha256(text) };
}

test("a referrer is kept as long as what it refers to, listed, and goes into archives", async () => {
  const { descriptor } = layout.images[foreign]!;
  const signature = signatureOf(descriptor, "signed");
  expect(await house.images.attach(signature)).toBe(signature.digest);
  expect(await house.images.referrers(descriptor.digest)).toMatchObject([
    { digest: signature.digest, artifactType: "application/vnd.example.signature", annotations: { by: "me" } },
  ]);
  expect(await house.images.document(signature.digest)).toMatchObject({ text: signature.text });
  const archive = await buffer(await house.images.save(["multi:1"]));
  await house.images.remove("multi:1");
  expect(files()).toEqual([]);
  await finish(house.images.load(streamOf(archive)));
  expect(await house.images.document(signature.digest)).toMatchObject({ text: signature.text });
  expect((await house.images.inspect("multi:1")).Descriptor).toMatchObject({ digest: layout.digest });
});

test("a referrer without a subject that is here, or without its blobs, is refused", async () => {
  const { descriptor } = layout.images[own]!;
  const lost = { ...descriptor, digest: `sha256:${"0".repeat(64)}` };
  await expect(house.images.attach(signatureOf(lost, "x"))).rejects.toMatchObject({ code: "not-found" });
  await expect(house.images.attach({ ...signatureOf(descriptor, "x"), blobs: [] })).rejects.toMatchObject({ code: "not-found" });
  const { text } = await house.images.document(descriptor.digest);
  await expect(house.images.attach({ text, blobs: [] })).rejects.toMatchObject({ code: "invalid" });
  await expect(house.images.document(lost.digest)).rejects.toMatchObject({ code: "not-found" });
});
