import { afterAll, beforeAll, expect, test } from "vitest";
import type { Index } from "../../../../engine/image/types.ts";
import { hostPlatform } from "../../../../engine/platform.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import { buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const host = hostPlatform().architecture;
const other = host === "arm64" ? "amd64" : "arm64";
const platform = `linux/${other},linux/${host}`;
const Dockerfile = 'FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /for-$TARGETARCH\nCMD ["x"]\n';

test("several platforms make an index, of which the name stands for this host's", async () => {
  using project = createProject({ Dockerfile });
  const { engine } = opened;
  const { config, result, ran, events } = await buildProject(engine, project, { tags: ["multi"], platform });
  expect(config.architecture).toBe(host);
  const { Descriptor } = await engine.images.inspect("multi");
  expect(result.Metadata["containerimage.digest"]).toBe(Descriptor!.digest);
  const index = JSON.parse((await engine.images.document(Descriptor!.digest)).text) as Index;
  expect(index.manifests.map((each) => each.platform?.architecture)).toEqual([other, host]);
  expect((await engine.images.inspect("multi", { platform: `linux/${other}` })).Architecture).toBe(other);
  expect(ran).toEqual([`COPY Dockerfile /for-${other}`, `COPY Dockerfile /for-${host}`]);
  expect(events.some((event) => event.type === "step" && event.name === `[linux/${other} 1/1] COPY Dockerfile /for-${other}`)).toBe(true);
});

test("it is pushed, saved and removed whole", async () => {
  using project = createProject({ Dockerfile: `${Dockerfile}LABEL pushed=1\n` });
  await using registry = await startOwnRegistry();
  const { engine } = opened;
  const name = `${registry.host}/multi:1`;
  await buildProject(engine, project, { tags: [name], platform });
  const { Descriptor } = await engine.images.inspect(name);
  expect((await finish(engine.images.push(name))).Digest).toBe(Descriptor!.digest);
  await using second = openTestEngine();
  await finish(second.engine.images.pull(name, { platform: `linux/${other}` }));
  expect((await second.engine.images.inspect(name)).Architecture).toBe(other);
  await using third = openTestEngine();
  await finish(third.engine.images.load(await engine.images.save([name])));
  expect((await third.engine.images.inspect(name)).Descriptor).toEqual(Descriptor);
  await engine.images.remove(name);
  await expect(engine.images.document(Descriptor!.digest)).rejects.toMatchObject({ code: "not-found" });
});

test("an archive of it leaves nothing in the store", async () => {
  using project = createProject({ Dockerfile: "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /archive-$TARGETARCH\n" });
  const { engine } = opened;
  const before = (await engine.images.list({ all: true })).map(({ Id }) => Id);
  const chunks: Buffer[] = [];
  const { Writable } = await import("node:stream");
  const stdout = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk as Buffer);
      done();
    },
  });
  const outputs = [{ type: "oci" as const, dest: "-", attributes: { name: "archived:1" } }];
  await (await collect(engine, { context: project.directory, platform, outputs, stdout, attests: [{ type: "sbom", attributes: {} }] })).end;
  expect((await engine.images.list({ all: true })).map(({ Id }) => Id)).toEqual(before);
  await using second = openTestEngine();
  const { Readable } = await import("node:stream");
  await finish(second.engine.images.load(Readable.from([Buffer.concat(chunks)], { objectMode: false })));
  const manifests = (await second.engine.images.inspect("archived:1", { manifests: true })).Manifests!;
  expect(manifests.map(({ Kind, Available }) => `${Kind} ${Available}`)).toEqual([
    "image true",
    "image true",
    "attestation true",
    "attestation true",
  ]);
});

test("programs of another architecture do not run without an emulator, and the error says what is missing", async () => {
  using base = createProject({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
  await buildProject(opened.engine, base, { tags: ["foreign"], platform: `linux/${other}` });
  using project = createProject({ Dockerfile: "FROM foreign\nRUN true\n" });
  const { end } = await collect(opened.engine, { context: project.directory, platform: `linux/${other}` });
  await expect(end).rejects.toMatchObject({
    code: "unsupported",
    message: `cannot run programs for ${other} on this host, which is ${host}: no emulator is registered for them`,
    location: { line: 2 },
  });
});
