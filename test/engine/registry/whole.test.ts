/** Whole indexes: other platforms, attestations and what refers to them go the way of pull, push, save and load byte for byte. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../../engine/events.ts";
import type { House } from "../../../engine/house.ts";
import { hostPlatform } from "../../../engine/platform.ts";
import { findProgram } from "../../../engine/process/spawn.ts";
import { openTestEngine, type TestEngine } from "../../support/engine.ts";
import { startOwnRegistry } from "../../support/own-registry.ts";
import { programOrSkip } from "../../support/programs.ts";
import { attesting, everythingOf, publish, publishArtifact, published, publishIndex } from "../../support/published.ts";
import { startDockerRegistry, type TestRegistry } from "../../support/registry.ts";
import { streamOf } from "../image/scene.ts";
import { layerOf } from "../image/shelf.ts";
import { startServer } from "./server/scene.ts";

const kinds: Record<string, { start: () => Promise<TestRegistry>; program?: string }> = {
  "docker-registry, which lists no referrers": { start: startDockerRegistry, program: "docker-registry" },
  "our own registry, which does": { start: startOwnRegistry },
  "berth registry serve": { start: startServer },
};
const { architecture } = hostPlatform();

describe.each(Object.keys(kinds))("%s", (kind) => {
  const { start, program } = kinds[kind]!;
  let first: TestRegistry;
  let second: TestRegistry;
  let scenes: TestEngine[];
  let house: House;
  let from: string;
  beforeEach(async (context) => {
    if (program !== undefined && !findProgram(program)) context.skip(`needs the program ${program}`);
    [first, second] = [await start(), await start()];
    scenes = [openTestEngine(), openTestEngine()];
    house = scenes[0]!.engine;
    from = `${first.host}/a/app:1`;
  });
  afterEach(async () => {
    for (const each of [...(scenes ?? []), first, second]) await each?.[Symbol.asyncDispose]();
  });

  /** An index of two platforms in another one, with an attestation, and a signature of a signature of a part of it. */
  async function publishAll() {
    const repository = `${first.host}/a/app`;
    const here = await publish(`${repository}:here`, [layerOf("base"), layerOf("top")], { architecture });
    const other = await publish(`${repository}:other`, [layerOf("base"), layerOf("other")], { architecture: "s390x" });
    const attestation = await publishArtifact(repository, "provenance");
    const signature = await publishArtifact(repository, "signed", { subject: other.descriptor });
    await publishArtifact(repository, "signed again", { subject: signature });
    const inner = await publishIndex(`${repository}:inner`, [other.descriptor, here.descriptor, attesting(attestation, here.descriptor)]);
    const { text, mediaType } = await published(`${repository}:inner`);
    const digest = await publishIndex(from, [{ mediaType, digest: inner, size: Buffer.byteLength(text) }]);
    return { digest, here, other, attestation };
  }

  async function run<T>(operation: AsyncGenerator<ProgressEvent, T>): Promise<{ result: T; texts: string[] }> {
    const texts: string[] = [];
    for (;;) {
      const { done, value } = await operation.next();
      if (done) return { result: value, texts };
      if (value.type === "message" || value.type === "warning") texts.push(value.text);
    }
  }

  const push = (name: string, options = {}) => run(house.images.push(name, options));
  const pullAll = (name: string) => run(house.images.pull(name, { allPlatforms: true }));
  const blobs = () => house.db.all<{ digest: string }>("SELECT digest FROM blobs").map(({ digest }) => digest);

  /** Saves in one engine and loads in the other, which is the one looked at from then on. */
  async function carry(name: string, options = {}): Promise<string[]> {
    const said: string[] = [];
    const onEvent = (event: ProgressEvent) => void (event.type === "warning" && said.push(event.text));
    const archive = await buffer(await house.images.save([name], { ...options, onEvent }));
    house = scenes[1]!.engine;
    await run(house.images.load(streamOf(archive)));
    return said;
  }

  test("all of it, pulled and pushed, and saved, loaded and pushed, when the first registry is gone", async () => {
    const { digest, here, other } = await publishAll();
    const all = await everythingOf(from);
    expect(Object.values(all)).not.toContain("missing");
    expect(Object.keys(all)).toHaveLength(2 + 2 + 3 + 2 + 3 + 4); // indexes, images, artifacts; configs, layers; artifacts' blobs
    expect((await pullAll(from)).result).toMatchObject({ Id: here.id, Digest: digest });
    expect((await house.images.list({ all: true })).map(({ Id }) => Id)).toEqual([here.id]);
    await first[Symbol.asyncDispose]();
    const to = `${second.host}/b/app:1`;
    await house.images.tag(from, to);
    expect((await push(to)).result).toEqual({ Digest: digest });
    expect(await everythingOf(to)).toEqual(all);
    expect(await carry(to)).toEqual([]);
    expect((await house.images.inspect(to)).Descriptor).toMatchObject({ digest });
    const again = `${second.host}/c/app:1`;
    await house.images.tag(to, again);
    expect((await push(again)).result).toEqual({ Digest: digest });
    expect(await everythingOf(again)).toEqual(all);
    expect(blobs()).toContain(other.digest);
    await house.images.remove(here.id, { force: true });
    expect(blobs()).toEqual([]);
  });

  test("skopeo finds every manifest of it", async (context) => {
    const skopeo = programOrSkip(context, "skopeo");
    await publishAll();
    await pullAll(from);
    const to = `${second.host}/b/app:1`;
    await house.images.tag(from, to);
    await push(to);
    // Not synchronously: our own registry is in this process.
    const call = async (...args: string[]) => (await promisify(execFile)(skopeo, args)).stdout;
    const raw = (name: string) => call("inspect", "--raw", "--tls-verify=false", `docker://${name}`);
    expect(await raw(to)).toBe(await raw(from));
    const [{ digest: inner }] = (JSON.parse(await raw(to)) as { manifests: [{ digest: string }] }).manifests;
    const innerName = `${second.host}/b/app@${inner}`;
    await call("copy", "--all", "--src-tls-verify=false", `docker://${innerName}`, `dir:${join(scenes[0]!.root, "copied")}`);
    const archive = join(scenes[0]!.root, "all.tar");
    await call("copy", "--all", "--preserve-digests", "--src-tls-verify=false", `docker://${innerName}`, `oci-archive:${archive}:app:2`);
    await run(house.images.load(streamOf(readFileSync(archive))));
    expect((await house.images.inspect("app:2")).Descriptor).toMatchObject({ digest: inner });
  });

  test("one platform of it: pushed alone, saved alone, and the name still stands for all", async () => {
    const { digest, other, here } = await publishAll();
    await pullAll(from);
    const to = `${second.host}/b/app:1`;
    await house.images.tag(from, to);
    const { result, texts } = await push(to, { platform: "linux/s390x" });
    expect(result).toEqual({ Digest: other.digest });
    expect(texts).toContainEqual(expect.stringContaining("Only the manifest for that platform is sent"));
    expect(await published(to)).toMatchObject({ digest: other.digest, text: other.text });
    expect((await push(to, { platform: `linux/${architecture}` })).result).toEqual({ Digest: here.digest });
    expect((await house.images.inspect(to)).Descriptor).toMatchObject({ digest });
    await expect(push(to, { platform: "linux/riscv64" })).rejects.toMatchObject({
      code: "not-found",
      message: `image with reference ${to} was found but does not provide the specified platform (linux/riscv64)`,
    });
    await carry(to, { platform: "linux/s390x" });
    expect(await house.images.inspect(to)).toMatchObject({ Id: other.id, Architecture: "s390x", Descriptor: { digest: other.digest } });
  });

  test("pulled for one platform: the archive has the index, the rest stays away, and comes with the push where it is", async () => {
    const { digest, here } = await publishAll();
    await run(house.images.pull(from));
    expect(await carry(from)).toEqual([]);
    expect((await house.images.inspect(from)).Descriptor).toMatchObject({ digest });
    await first[Symbol.asyncDispose]();
    await house.images.tag(from, `${second.host}/b/app:1`);
    const { result, texts } = await push(`${second.host}/b/app:1`);
    expect(result).toEqual({ Digest: here.digest });
    expect(texts).toContain("Not all multiplatform-content is present and only the available single-platform image was pushed");
  });

  test("compressed bytes that nobody has any more: a manifest of plain layers, and a word about it", async () => {
    const { digest, id } = await publish(from, [layerOf("base")]);
    await run(house.images.pull(from));
    await first[Symbol.asyncDispose]();
    expect(await carry(from)).toEqual([expect.stringContaining(`manifest ${digest} cannot be saved unchanged`)]);
    expect(await house.images.inspect(from)).toMatchObject({ Id: id, RepoDigests: [] });
  });

  test("made here: no digest until a registry has it, and that one from then on, in archives and elsewhere", async () => {
    const { result } = await run(house.images.import(streamOf(layerOf("made")), { reference: from }));
    expect(await house.images.inspect(from)).toMatchObject({ Id: result.Id, RepoDigests: [] });
    expect((await house.images.inspect(from)).Descriptor).toBeUndefined();
    const { Digest: digest } = (await push(from)).result;
    const truth = { Id: result.Id, RepoDigests: [`${first.host}/a/app@${digest}`], Descriptor: { digest } };
    expect(await house.images.inspect(from)).toMatchObject(truth);
    await first[Symbol.asyncDispose]();
    expect(await carry(from)).toEqual([]);
    expect(await house.images.inspect(from)).toMatchObject(truth);
    await house.images.tag(from, `${second.host}/b/app:1`);
    expect((await push(`${second.host}/b/app:1`)).result).toEqual({ Digest: digest });
    await house.images.remove(result.Id, { force: true });
    expect(blobs()).toEqual([]);
  });
});
