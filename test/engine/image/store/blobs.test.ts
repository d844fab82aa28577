/** The blob store: what is kept is what was given, as long as something names it, whatever dies in between. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { mediaTypes } from "../../../../engine/image/documents/media-types.ts";
import { BlobHolds, readDocument, recordBlobs } from "../../../../engine/image/store/blobs.ts";
import { keptDocuments } from "../../../../engine/image/store/kept.ts";
import { addManifest, requireImage } from "../../../../engine/image/store/store.ts";
import { reconcile } from "../../../../engine/reconcile.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { sha256 } from "../scene.ts";
import { documentOf, shelve } from "../shelf.ts";

let scene: TestEngine;
let house: House;
let image: string;
beforeEach(async () => {
  scene = openTestEngine();
  house = scene.engine;
  image = await shelve(house, { references: ["app:1"] });
});
afterEach(() => scene[Symbol.asyncDispose]());

const files = () => readdirSync(house.paths.blobs).map((name) => `sha256:${name}`);
const pathOf = (digest: string) => join(house.paths.blobs, digest.slice("sha256:".length));

/** As a pull does it. */
function give(...numbers: number[]): string[] {
  using holds = new BlobHolds(house);
  return numbers.map((number) => {
    const document = documentOf(image, number);
    holds.keep(document);
    addManifest(house, image, document.digest);
    return document.digest;
  });
}

test("another content than the digest says is refused, and nothing is kept", () => {
  {
    using holds = new BlobHolds(house);
    const document = { ...documentOf(image), digest: `sha256:${"0".repeat(64)}` };
    expect(() => holds.keep(document)).toThrow("cannot keep blob");
    expect(() => holds.keep({ digest: sha256("{}"), mediaType: mediaTypes.ociManifest, text: "{}" })).toThrow("malformed");
  }
  expect([files(), house.db.all("SELECT * FROM blobs"), readdirSync(house.paths.tmp)]).toEqual([[], [], []]);
});

test("held while nobody names it, and gone with the hold; an index keeps what it names", () => {
  const document = documentOf(image);
  const manifests = [{ mediaType: document.mediaType, digest: document.digest, size: document.text.length }];
  const text = JSON.stringify({ schemaVersion: 2, manifests });
  const index = { digest: sha256(text), mediaType: mediaTypes.ociIndex, text };
  {
    using holds = new BlobHolds(house);
    holds.keep(document);
    using other = new BlobHolds(house);
    other.keep(document);
    other.keep(index);
    expect(readDocument(house, document.digest)).toEqual(document);
  }
  expect(files()).toEqual([]);
  {
    using holds = new BlobHolds(house);
    for (const each of [document, index]) holds.keep(each);
    house.db.update("tags", "image", image, { digest: index.digest });
  }
  expect(files().sort()).toEqual([document.digest, index.digest].sort());
});

test("what a dead process held, or was about to remove, goes with the next command", async () => {
  const [kept] = give(1);
  const [written, stored] = [documentOf(image, 2), documentOf(image, 3)];
  const owner = { kind: "blob", owner_pid: 1, owner_start: "another boot", created: 0 };
  // Killed between the renaming and the commit; and after it; and between the removal of an image and that of its blobs.
  writeFileSync(pathOf(written.digest), written.text);
  for (const subject of [written.digest, stored.digest, ""]) house.db.insert("leases", { ...owner, subject });
  writeFileSync(pathOf(stored.digest), stored.text);
  house.db.insert("blobs", { digest: stored.digest, media_type: stored.mediaType, size: 1, stored: 0 });
  expect(files()).toHaveLength(3);
  await reconcile(house);
  expect(files()).toEqual([kept]);
  expect(house.db.all("SELECT * FROM leases")).toEqual([]);
});

test("a file that was deleted or changed behind our back is not taken for what it was, and comes back", () => {
  const [one = "", two = ""] = give(1, 2);
  rmSync(pathOf(one));
  writeFileSync(pathOf(two), "{}");
  expect([readDocument(house, one), readDocument(house, two)]).toEqual([undefined, undefined]);
  expect(keptDocuments(house, requireImage(house, "app:1"))).toBeUndefined();
  give(1, 2);
  expect([readDocument(house, one)?.digest, readDocument(house, two)?.digest]).toEqual([one, two]);
});

test("a lost database finds the blobs again, and whose they are", () => {
  const digests = give(1, 2);
  writeFileSync(join(house.paths.blobs, "f".repeat(64)), "not what its name says");
  for (const table of ["blobs", "blob_links", "manifests"]) house.db.run(`DELETE FROM ${table}`);
  expect(recordBlobs(house)).toBe(2);
  expect(house.db.all("SELECT digest, image FROM manifests ORDER BY digest")).toEqual(digests.sort().map((digest) => ({ digest, image })));
});
