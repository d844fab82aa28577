/** What an image came with is what it leaves with: the digest pulled is the digest pushed, to the same registry and to another. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../../engine/events.ts";
import type { House } from "../../../engine/house.ts";
import { mediaTypes } from "../../../engine/image/documents/media-types.ts";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import { findProgram } from "../../../engine/process/spawn.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { programOrSkip } from "../../support/programs.ts";
import { publish, published, publishIndex } from "../../support/published.ts";
import { startDockerRegistry, type TestRegistry } from "../../support/registry.ts";
import { layerOf, shelve } from "../image/shelf.ts";

const kinds: Record<string, { start: () => Promise<TestRegistry>; program?: string }> = {
  "docker-registry": { start: startDockerRegistry, program: "docker-registry" },
  "our own registry": { start: startOwnRegistry },
};
const layers = [layerOf("base"), layerOf("top")];

describe.each(Object.keys(kinds))("%s", (kind) => {
  const { start, program } = kinds[kind]!;
  let first: TestRegistry;
  let second: TestRegistry;
  let scene: TestEngine;
  let house: House;
  beforeEach(async (context) => {
    if (program !== undefined && !findProgram(program)) context.skip(`needs the program ${program}`);
    [first, second] = [await start(), await start()];
    scene = openTestEngine();
    house = scene.engine;
  });
  afterEach(async () => {
    for (const each of [scene, first, second]) await each?.[Symbol.asyncDispose]();
  });

  /** Gives an image another name and pushes that. */
  async function pushAs(source: string, target: string): Promise<{ digest: string; states: string[]; texts: string[] }> {
    if (source !== target) await house.images.tag(source, target);
    const events: ProgressEvent[] = [];
    const pushing = house.images.push(target);
    for (;;) {
      const { done, value } = await pushing.next();
      if (done) {
        const last = new Map(events.flatMap((event) => (event.type === "transfer" ? [[event.id, event.status] as const] : [])));
        const texts = events.flatMap((event) => (event.type === "message" || event.type === "warning" ? [event.text] : []));
        return { digest: value.Digest, states: [...last.values()], texts };
      }
      events.push(value);
    }
  }

  const pull = (name: string) => finish(house.images.pull(name));
  const files = () => readdirSync(house.paths.blobs);

  test("one digest everywhere: pulled, listed, inspected, and on both registries", async () => {
    const [from, beside, to] = [`${first.host}/a/app:1`, `${first.host}/b/app:1`, `${second.host}/c/app:1`];
    const { digest, text, id } = await publish(from, layers);
    expect(await pull(from)).toMatchObject({ Id: id, Digest: digest });
    expect((await house.images.list())[0]!.RepoDigests).toEqual([`${first.host}/a/app@${digest}`]);
    const size = Buffer.byteLength(text);
    expect((await house.images.inspect(from)).Descriptor).toEqual({ mediaType: mediaTypes.ociManifest, digest, size });
    expect(await pushAs(from, beside)).toMatchObject({ digest, states: Array(2).fill(`Mounted from ${first.host}/a/app`) });
    expect(await pushAs(from, to)).toMatchObject({ digest, states: Array(2).fill(`Copied from ${first.host}/a/app`) });
    for (const name of [from, beside, to]) expect(await published(name)).toEqual({ digest, mediaType: mediaTypes.ociManifest, text });
    expect((await house.images.inspect(id)).RepoDigests).toEqual([from, beside, to].map((name) => `${name.slice(0, -2)}@${digest}`).sort());
  });

  test("skopeo sees the same", async (context) => {
    const skopeo = programOrSkip(context, "skopeo");
    const [from, to] = [`${first.host}/a/app:1`, `${second.host}/a/app:1`];
    await publish(from, layers);
    await pull(from);
    await pushAs(from, to);
    // Not synchronously: our own registry is in this process.
    const run = async (...args: string[]) => (await promisify(execFile)(skopeo, args)).stdout;
    const raw = (name: string) => run("inspect", "--raw", "--tls-verify=false", `docker://${name}`);
    expect(await raw(to)).toBe(await raw(from));
    await run("copy", "--src-tls-verify=false", `docker://${to}`, `dir:${join(scene.root, "copied")}`);
  });

  test("by digest: found again by it, and another content is refused", async () => {
    const { digest, id } = await publish(`${first.host}/a/app:1`, layers);
    const name = `${first.host}/a/app@${digest}`;
    await pull(name);
    expect(resolveImage(house, name)).toMatchObject({ id });
    expect(await pushAs(name, `${second.host}/a/app:1`)).toMatchObject({ digest });
    await expect(pull(`${first.host}/a/app@sha256:${"0".repeat(64)}`)).rejects.toMatchObject({ code: "not-found" });
  });

  test("by digest: what is here serves when the registry is away, and a wrong digest is told with the right one", async () => {
    const { digest, id } = await publish(`${first.host}/a/app:1`, layers);
    await pull(`${first.host}/a/app:1`);
    const wrong = `sha256:${"0".repeat(64)}`;
    const create = (suffix: string) => finish(house.containers.create({ Image: `${first.host}/a/app${suffix}`, Cmd: ["x"] }));
    const both = expect.stringMatching(new RegExp(`${wrong}.*${digest}`));
    for (const suffix of [`@${wrong}`, `:1@${wrong}`]) await expect(create(suffix)).rejects.toMatchObject({ message: both });
    await first[Symbol.asyncDispose]();
    const { Id } = await create(`:1@${digest}`);
    expect((await house.containers.inspect(Id)).Image).toBe(id);
    const context = join(scene.root, "context");
    mkdirSync(context);
    const build = (from: string) => {
      writeFileSync(join(context, "Dockerfile"), `FROM ${first.host}/a/app@${from}\nLABEL a=b\n`);
      return finish(house.builder.build({ context }));
    };
    await build(digest);
    await expect(build(wrong)).rejects.toMatchObject({ message: both });
  });

  test("layers that are not compressed are made again, whoever is away", async () => {
    const [from, to] = [`${first.host}/a/app:1`, `${second.host}/a/app:1`];
    const { digest } = await publish(from, layers, { plain: true });
    await pull(from);
    await first[Symbol.asyncDispose]();
    expect(await pushAs(from, to)).toMatchObject({ digest, states: ["Pushed", "Pushed"] });
  });

  test("what was compressed here is made again, whoever is away", async () => {
    const [one, two] = [`${first.host}/a/app:1`, `${second.host}/a/app:1`];
    await shelve(house, { references: [one], layers: ["base", "one"] });
    const { digest } = await pushAs(one, one);
    expect((await house.images.inspect(one)).Descriptor).toMatchObject({ digest });
    await first[Symbol.asyncDispose]();
    expect(await pushAs(one, two)).toEqual({
      digest,
      states: ["Pushed", "Pushed"],
      texts: [expect.stringContaining("The push refers"), expect.stringContaining(`1: digest: ${digest}`)],
    });
  });

  test("what was compressed here before there were blocks is made again in the old way", async () => {
    const [one, two] = [`${first.host}/a/app:1`, `${second.host}/a/app:1`];
    const { digest } = await publish(one, layers, { level: 6 }); // in one piece, as it was then
    await pull(one);
    house.db.run("UPDATE layer_blobs SET own = 1");
    await first[Symbol.asyncDispose]();
    expect(await pushAs(one, two)).toMatchObject({ digest, states: ["Pushed", "Pushed"] });
  });

  test("bytes that nobody has any more: a new manifest, and a word about it", async () => {
    const [from, to] = [`${first.host}/a/app:1`, `${second.host}/a/app:1`];
    const { digest, id } = await publish(from, layers);
    await pull(from);
    await first[Symbol.asyncDispose]();
    const pushed = await pushAs(from, to);
    expect(pushed.digest).not.toBe(digest);
    expect(pushed.texts).toContainEqual(expect.stringContaining(`manifest ${digest} could not be sent unchanged`));
    expect(await published(to)).toMatchObject({ digest: pushed.digest, mediaType: mediaTypes.ociManifest });
    expect((await house.images.inspect(to)).Descriptor).toMatchObject({ digest: pushed.digest });
    expect((await house.images.inspect(from)).Descriptor).toMatchObject({ digest });
    expect(JSON.parse((await published(to)).text)).toMatchObject({ annotations: { "com.example": "kept" } });
    await house.images.remove(id, { force: true });
    expect(await pull(to)).toMatchObject({ Id: id, Digest: pushed.digest });
  });

  test("an index: whole where the repository has the rest, else the manifest of it that is here", async () => {
    const repository = `${first.host}/a/app`;
    const here = await publish(`${repository}:here`, layers, { architecture: process.arch === "x64" ? "amd64" : process.arch });
    const other = await publish(`${repository}:other`, [layerOf("other")], { architecture: "s390x" });
    const index = await publishIndex(`${repository}:1`, [other.descriptor, here.descriptor]);
    expect(await pull(`${repository}:1`)).toMatchObject({ Id: here.id, Digest: index });
    expect((await house.images.inspect(`${repository}:1`)).Descriptor).toMatchObject({ mediaType: mediaTypes.ociIndex, digest: index });
    expect(await pushAs(`${repository}:1`, `${repository}:2`)).toMatchObject({ digest: index });
    expect(await published(`${repository}:2`)).toMatchObject({ digest: index, mediaType: mediaTypes.ociIndex });
    const { digest, texts } = await pushAs(`${repository}:1`, `${second.host}/a/app:1`);
    expect(digest).toBe(here.digest);
    expect(texts).toContain("Not all multiplatform-content is present and only the available single-platform image was pushed");
    expect(texts).toContain(`${index} -> ${here.digest}`);
  });

  test("blobs are root's alone, and go with what names them", async () => {
    const name = `${first.host}/a/app:1`;
    const old = await publish(name, layers);
    await pull(name);
    const path = (digest: string) => join(house.paths.blobs, digest.slice("sha256:".length));
    expect(files()).toEqual([old.digest.slice("sha256:".length)]);
    expect(statSync(path(old.digest)).mode & 0o777).toBe(0o600);
    const moved = await publish(name, layers, { annotations: { again: "1" } });
    await pull(name);
    await house.images.remove(name);
    expect(files()).toEqual([]);
    expect(moved.id).toBe(old.id);
    expect(house.db.all("SELECT digest FROM blobs UNION SELECT parent FROM blob_links UNION SELECT digest FROM manifests")).toEqual([]);
  });
});
