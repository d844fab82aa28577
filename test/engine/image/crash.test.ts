/**
 * kill -9 at random moments of everything that writes to the image store. The next command's reconciliation must leave
 * no lease, no directory without a row, no row without a directory, no temporary file, and only whole images.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, createWriteStream, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeLayer } from "../../../engine/build/cache/cache.ts";
import type { House } from "../../../engine/house.ts";
import { chainsOf } from "../../../engine/image/documents/chain.ts";
import { BlobHolds, reachable } from "../../../engine/image/store/blobs.ts";
import { commitImage } from "../../../engine/image/store/commit-image.ts";
import { addManifest, parseConfig, requireImage } from "../../../engine/image/store/store.ts";
import { reconcile } from "../../../engine/reconcile.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { chance, testSeed } from "../../support/random.ts";
import type { TestRegistry } from "../../support/registry.ts";
import { startSource } from "../../support/source-process.ts";
import { addLayer, type Entry, rebuilt, sha256, tarOf } from "./scene.ts";
import { documentOf, shelve } from "./shelf.ts";

/** Kills per verb; BERTH_TEST_KILLS makes it more. */
const kills = Math.ceil(Number(process.env["BERTH_TEST_KILLS"] ?? 36) / 6);
const script = new URL("doomed.ts", import.meta.url).pathname;

let scene: TestEngine;
let house: House;
let registry: TestRegistry;
let work: string;
let id: string;
/** Arguments of the verbs. */
const inputs: Record<string, string> = {};

/** A layer that takes a while: many small files and some large ones. */
function heavy(name: string): Buffer {
  const files = Array.from({ length: 400 }, (_, index): Entry => ({ name: `${name}/f${index}`, content: `${name}${index}`.repeat(200) }));
  return tarOf(...files, { name: `${name}/large`, content: Buffer.alloc(4 << 20, name) }, { name: `${name}/f1`, content: "again" });
}

beforeAll(async () => {
  scene = openTestEngine();
  house = scene.engine;
  registry = await startOwnRegistry();
  work = mkdtempSync(join(tmpdir(), "berth-crash-"));
  const archives = ["one", "two", "three"].map(heavy);
  let chain = "";
  for (const archive of archives) chain = (await addLayer(house, archive, chain)).chainId;
  const rootfs = { type: "layers" as const, diff_ids: archives.map(sha256) };
  const name = `${registry.host}/heavy:1`;
  id = (await commitImage(house, { architecture: "amd64", os: "linux", rootfs }, { references: [name] })).Id;
  await finish(house.images.push(name));
  const archive = join(work, "heavy.tar");
  await pipeline(await house.images.save([name]), createWriteStream(archive));
  writeFileSync(join(work, "layer.tar"), archives[0]!);
  const tree = join(work, "tree");
  mkdirSync(tree);
  for (let index = 0; index < 600; index++) writeFileSync(join(tree, `f${index}`), "x".repeat(2000));
  await house.images.remove(id, { force: true });
  Object.assign(inputs, {
    import: join(work, "layer.tar"),
    "import-stream": join(work, "layer.tar"),
    load: archive,
    pull: name,
    "pull-all": name,
    commit: tree,
    prune: "",
  });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
  rmSync(work, { recursive: true });
});

/** Starts the verb in a process of its own and waits until it begins. */
async function start(verb: string, argument: string): Promise<ChildProcess> {
  const input = verb === "import-stream" ? openSync(argument, "r") : undefined;
  const pipe = input === undefined ? undefined : spawn("cat", { stdio: [input, "pipe", "ignore"] });
  const stdin = pipe ? pipe.stdout! : "ignore";
  const child = startSource(script, [scene.root, verb, argument], { stdio: [stdin, "pipe", "inherit"] });
  if (input !== undefined) closeSync(input);
  pipe?.stdout?.destroy(); // the child has the other end
  child.stdout!.setEncoding("utf8");
  for await (const text of child.stdout!.iterator({ destroyOnReturn: false })) if (String(text).includes("begin")) break;
  child.stdout!.resume();
  return child;
}

async function expectOrder(moment: string): Promise<void> {
  await reconcile(house);
  const dirs = house.db
    .all<{ dir: string }>("SELECT dir FROM layers")
    .map(({ dir }) => dir)
    .sort();
  expect(house.db.all("SELECT kind, subject FROM leases"), moment).toEqual([]);
  expect(
    readdirSync(house.paths.layers)
      .filter((name) => name !== "empty")
      .sort(),
    moment,
  ).toEqual(dirs);
  expect(
    readdirSync(house.paths.links)
      .filter((name) => name !== "empty")
      .sort(),
    moment,
  ).toEqual(dirs);
  expect(readdirSync(house.paths.tmp), moment).toEqual([]);
  const named = house.db.all<{ digest: string }>(
    `${reachable("SELECT digest FROM tags UNION SELECT digest FROM manifests")}
     SELECT digest FROM blobs WHERE digest IN (SELECT digest FROM needed) ORDER BY digest`,
  );
  expect(house.db.all("SELECT digest FROM blobs ORDER BY digest"), moment).toEqual(named);
  expect(
    readdirSync(house.paths.blobs)
      .sort()
      .map((name) => `sha256:${name}`),
    moment,
  ).toEqual(named.map(({ digest }) => digest));
  for (const image of await house.images.list({ all: true })) {
    const { diff_ids: diffIds } = parseConfig(requireImage(house, image.Id).image).rootfs;
    for (const [index, chain] of chainsOf(diffIds).entries()) expect(sha256(await rebuilt(house, chain)), moment).toBe(diffIds[index]);
  }
  expect(house.db.all("SELECT chain_id FROM layers WHERE parent <> '' AND parent NOT IN (SELECT chain_id FROM layers)"), moment).toEqual(
    [],
  );
}

async function forgetAll(): Promise<void> {
  for (const image of await house.images.list({ all: true })) await house.images.remove(image.Id, { force: true });
  await house.builder.prune({ all: true });
  expect(house.db.all("SELECT dir FROM layers")).toEqual([]);
}

test.each(["import", "import-stream", "load", "pull", "pull-all", "commit", "rmi", "prune"])("%s", { timeout: 900_000 }, async (verb) => {
  const random = chance(testSeed + verb.length);
  const prepare = async () => {
    if (verb === "rmi") inputs["rmi"] = await shelveHeavy();
    if (verb === "prune") await cacheHeavy();
  };
  await prepare();
  const undisturbed = await start(verb, inputs[verb]!);
  const began = performance.now();
  await once(undisturbed, "exit");
  const length = performance.now() - began;
  await expectOrder("undisturbed");
  await forgetAll();
  let hits = 0;
  for (let kill = 0; kill < kills; kill++) {
    await prepare();
    const after = random.next() * length;
    const child = await start(verb, inputs[verb]!);
    await Promise.race([delay(after), once(child, "exit")]); // the moment of death is the test's input
    if (child.exitCode === null && child.kill("SIGKILL")) hits++;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await expectOrder(`${verb} killed after ${after.toFixed(0)} of ${length.toFixed(0)} ms (seed ${testSeed})`);
    await forgetAll();
  }
  expect(hits).toBeGreaterThan(0);
});

async function shelveHeavy(): Promise<string> {
  const image = await shelve(house, { references: ["doomed:rmi"], layers: Array.from({ length: 6 }, (_, index) => `layer${index}`) });
  using holds = new BlobHolds(house);
  for (let index = 0; index < 6; index++) {
    const manifest = documentOf(image, index);
    holds.keep(manifest);
    addManifest(house, image, manifest.digest);
  }
  return image;
}

/** Layers that nothing but the build cache needs, each on its own. */
async function cacheHeavy(): Promise<void> {
  for (let index = 0; index < 6; index++) {
    const image = await shelve(house, { layers: [`layer${index}`] });
    // The chain id of a single layer is its diff id.
    const { chain_id: chainId } = requireImage(house, image).image;
    const layer = { chainId, diffId: chainId, size: 1, created: "2026-01-01T00:00:00Z" };
    storeLayer(house, `key${index}`, layer, { description: "", parent: "" });
    await house.images.remove(image, { force: true });
  }
}
