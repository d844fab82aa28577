/** Where a build's result can go besides the store, and how its cache travels. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startRegistry } from "../../../support/registry.ts";
import { entriesOf } from "../../image/scene.ts";
import { buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const result = {
  Dockerfile: "FROM scratch AS files\nCOPY --chown=5:6 --chmod=750 run /bin/run\nCOPY link /\n",
  run: "#!run\n",
  link: "linked",
};

async function output(project: { directory: string }, outputs: NonNullable<Parameters<typeof collect>[1]["outputs"]>, more = {}) {
  const { end } = await collect(opened.engine, { context: project.directory, cwd: project.directory, outputs, ...more });
  return end;
}

test("type=local writes the files and registers nothing", async () => {
  using project = createProject(result);
  const before = await opened.engine.images.list({ all: true });
  const built = await output(project, [{ type: "local", dest: "out/deep", attributes: {} }]);
  expect(built.ImageID).toBeUndefined();
  expect(readFileSync(join(project.directory, "out/deep/bin/run"), "utf8")).toBe("#!run\n");
  const { mode, uid } = lstatSync(join(project.directory, "out/deep/bin/run"));
  expect([mode & 0o777, uid]).toEqual([0o750, process.getuid?.()]);
  expect(await opened.engine.images.list({ all: true })).toEqual(before);
});

test("type=tar is the root file system with its owners", async () => {
  using project = createProject(result);
  await output(project, [{ type: "tar", dest: "out.tar", attributes: {} }]);
  const listing = execFileSync("tar", ["-tvf", join(project.directory, "out.tar"), "--numeric-owner"], { encoding: "utf8" });
  expect(listing).toMatch(/-rwxr-x--- 5\/6 +6 .* bin\/run\n/);
});

test("dest=- is standard output", async () => {
  using project = createProject(result);
  const stdout = new PassThrough();
  const read = buffer(stdout);
  await output(project, [{ type: "tar", dest: "-", attributes: {} }], { stdout });
  stdout.end();
  expect(execFileSync("tar", ["-t"], { input: await read, encoding: "utf8" })).toContain("bin/run\n");
});

test.each(["oci", "docker"] as const)(
  "type=%s is an archive that load reads, with its names, and the store keeps nothing of it",
  async (type) => {
    using project = createProject({ Dockerfile: `FROM busybox\nRUN echo ${type} > /made\n` });
    await output(project, [{ type, dest: "image.tar", attributes: { name: `archived-${type}:1` } }]);
    expect(resolveImage(opened.engine, `archived-${type}:1`)).toBeUndefined();
    const loaded = await finish(opened.engine.images.load(Readable.from([readFileSync(join(project.directory, "image.tar"))])));
    expect(loaded.References).toEqual([`archived-${type}:1`]);
  },
);

test.each(["oci", "docker"] as const)("type=%s,tar=false is an OCI layout, to which images are added", async (type) => {
  using project = createProject({ Dockerfile: "ARG TEXT\nFROM busybox\nARG TEXT\nRUN echo $TEXT > /made\n" });
  const directory = join(project.directory, "layout");
  const into = (name: string, TEXT: string) =>
    output(project, [{ type, dest: "layout", attributes: { tar: type === "oci" ? "false" : "0", ...(name && { name }) } }], {
      buildArgs: { TEXT },
    });
  await into("app:1", "old");
  await into("other:1", "other");
  await into("app:1", "new");
  for (let twice = 0; twice < 2; twice++) await into("", "nameless");
  expect(readdirSync(directory).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
  const { manifests } = JSON.parse(readFileSync(join(directory, "index.json"), "utf8"));
  const names = manifests.map((each: { annotations?: Record<string, string> }) => each.annotations?.["io.containerd.image.name"]);
  expect(names).toEqual(["docker.io/library/other:1", "docker.io/library/app:1", undefined]);
  for (const file of readdirSync(join(directory, "blobs/sha256"))) {
    const content = readFileSync(join(directory, "blobs/sha256", file));
    expect(createHash("sha256").update(content).digest("hex")).toBe(file);
  }
  // What was written is what builds read, and load.
  project.write("Dockerfile", `FROM app\nRUN cat /made && : ${type}\n`);
  const buildContexts = { app: `oci-layout://${directory}@${manifests[1].digest}` };
  expect((await buildProject(opened.engine, project, { buildContexts })).output).toBe("new\n");
  const archive = execFileSync("tar", ["-cC", directory, "."], { maxBuffer: 1 << 28 });
  const loaded = await finish(opened.engine.images.load(Readable.from([archive])));
  expect(loaded.References).toEqual(["other:1", "app:1"]);
});

test("a layout that is none is left as it is; standard output takes no directory", async () => {
  using project = createProject({ ...result, "layout/index.json": "mine" });
  const attributes = { tar: "false" };
  await expect(output(project, [{ type: "oci", dest: "layout", attributes }])).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("cannot add to the OCI layout"),
  });
  expect(readFileSync(join(project.directory, "layout/index.json"), "utf8")).toBe("mine");
  await expect(output(project, [{ type: "oci", dest: "-", attributes }])).rejects.toMatchObject({ code: "usage" });
});

test("several outputs come from one build", async () => {
  using project = createProject(result);
  const built = await output(project, [
    { type: "image", attributes: { name: "several" } },
    { type: "local", dest: "out", attributes: {} },
  ]);
  expect(built.Tags).toEqual(["several:latest"]);
  expect(existsSync(join(project.directory, "out/link"))).toBe(true);
});

test("an output that cannot be is refused before anything runs", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nRUN false\n" });
  await expect(output(project, [{ type: "local", attributes: {} }])).rejects.toMatchObject({ code: "usage" });
  await expect(output(project, [{ type: "oci", attributes: {} }])).rejects.toMatchObject({ code: "usage" });
});

test("push=true sends the tags to their registry, and the metadata has the manifest's digest", async () => {
  await using registry = await startRegistry();
  using project = createProject(result);
  const built = await output(project, [{ type: "image", attributes: { name: `${registry.host}/pushed:1`, push: "true" } }]);
  const inspected = await opened.engine.images.inspect(`${registry.host}/pushed:1`);
  expect(inspected.RepoDigests).toEqual([`${registry.host}/pushed@${built.Metadata["containerimage.digest"]}`]);
  await opened.engine.images.remove(`${registry.host}/pushed:1`);
  expect((await finish(opened.engine.images.pull(`${registry.host}/pushed:1`))).Id).toBe(built.ImageID);
});

test.each(["gzip", "uncompressed"])("compression=%s: a digest at once, which a push and an archive keep", async (compression) => {
  await using registry = await startRegistry();
  using project = createProject({ ...result, run: compression });
  const name = `${registry.host}/made:1`;
  const build = () => output(project, [{ type: "image", attributes: { name, compression } }]);
  const digest = (await build()).Metadata["containerimage.digest"];
  const truth = { RepoDigests: [`${registry.host}/made@${digest}`], Descriptor: { digest } };
  expect(await opened.engine.images.inspect(name)).toMatchObject(truth);
  expect((await build()).Metadata["containerimage.digest"]).toBe(digest);
  expect(await finish(opened.engine.images.push(name))).toEqual({ Digest: digest });
  expect(await opened.engine.images.inspect(name)).toMatchObject(truth);
  const saved = await entriesOf(await buffer(await opened.engine.images.save([name])));
  expect(JSON.parse(saved.get("index.json")!.toString()).manifests).toMatchObject([{ digest }]);
  await opened.engine.images.remove(name);
  expect(opened.engine.db.get("SELECT digest FROM blobs WHERE digest = ?", String(digest))).toBeUndefined();
});

test("an attribute that nobody knows is refused, not ignored", async () => {
  using project = createProject(result);
  const attributes = { compression: "zstd" };
  await expect(output(project, [{ type: "image", attributes }])).rejects.toMatchObject({
    message: 'cannot carry out "compression=zstd" of an output of type image',
  });
  await expect(output(project, [{ type: "image", attributes: { push: "true" } }])).rejects.toMatchObject({ code: "usage" });
});

describe("a cache in a directory", () => {
  const project = createProject({
    Dockerfile: "FROM busybox AS a\nRUN head -c 9 /dev/urandom > /random\nFROM busybox\nCOPY --from=a /random /random\nRUN cat /random\n",
  });
  afterAll(() => project[Symbol.dispose]());
  const local = (member: string) => [{ type: "local", [member]: "cache" }];

  test("makes the same image on another machine without running a step", async () => {
    const first = await buildProject(opened.engine, project, { cwd: project.directory, cacheTo: local("dest") });
    await using other = openTestEngine();
    await importBusybox(other.engine);
    const second = await buildProject(other.engine, project, { cwd: project.directory, cacheFrom: local("src") });
    expect(second.ran).toEqual([]);
    expect(second.config.rootfs).toEqual(first.config.rootfs);
    expect((await buildProject(other.engine, project)).ran).toEqual([]); // it is in the store now
  });

  test("a damaged layer is refused", async () => {
    const blobs = join(project.directory, "cache/blobs/sha256");
    const [blob = ""] = readdirSync(blobs);
    writeFileSync(join(blobs, blob), execFileSync("tar", ["-cz", "Dockerfile"], { cwd: project.directory }));
    await using other = openTestEngine();
    await importBusybox(other.engine);
    const { end } = await collect(other.engine, { context: project.directory, cwd: project.directory, cacheFrom: local("src") });
    await expect(end).rejects.toMatchObject({ code: "corrupt" });
  });

  test("one that is not there is a warning", async () => {
    const { events } = await buildProject(opened.engine, project, {
      cwd: project.directory,
      cacheFrom: [{ type: "local", src: "nowhere" }],
    });
    expect(events.filter((event) => event.type === "warning").map((event) => event.text)).toEqual([
      expect.stringContaining('the cache in "nowhere"'),
    ]);
  });
});

test("SOURCE_DATE_EPOCH gives the same image from other files of the same content, whenever it is built", async () => {
  const files = { Dockerfile: "FROM busybox\nCOPY file /file\nRUN mkdir /d && echo x > /d/x\nADD file /again\n", file: "content" };
  const options = { buildArgs: { SOURCE_DATE_EPOCH: "1600000000" }, noCache: true };
  using one = createProject(files);
  using two = createProject(files);
  const first = await buildProject(opened.engine, one, options);
  const second = await buildProject(opened.engine, two, options);
  expect(second.result.ImageID).toBe(first.result.ImageID);
  expect(first.config.created).toBe("2020-09-13T12:26:40.000Z");
});
