/** The cache in registries and in images: another machine finds the steps again, and a cache that fails is no failed build. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheDocuments, locate, locateInline } from "../../../../engine/build/carry/cache-config.ts";
import type { Manifest } from "../../../../engine/image/types.ts";
import type { BuildOptions } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startRegistry, type TestRegistry } from "../../../support/registry.ts";
import { type Built, buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
let registry: TestRegistry;
const project = createProject({
  Dockerfile:
    "FROM busybox AS a\nRUN head -c 9 /dev/urandom > /random\nFROM busybox\nRUN date +%N > /time\nCOPY --from=a /random /random\nLABEL last=1\n",
});

beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  registry = await startRegistry();
});
afterAll(async () => {
  project[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
});

/** On a machine that has the base image and nothing else. */
async function elsewhere(options: Partial<BuildOptions>): Promise<Built> {
  await using other = openTestEngine();
  await importBusybox(other.engine);
  return await buildProject(other.engine, project, options);
}

const warnings = ({ events }: Built) => events.flatMap((event) => (event.type === "warning" ? [event.text] : []));
const cache = (name: string, more = {}) => [{ type: "registry", ref: `${registry.host}/${name}`, ...more }];

describe("a cache in a registry", () => {
  test("makes the same image elsewhere without running a step", async () => {
    const first = await buildProject(opened.engine, project, { cacheTo: cache("all") });
    const second = await elsewhere({ cacheFrom: cache("all") });
    expect(second.ran).toEqual([]);
    expect(warnings(second)).toEqual([]);
    expect(second.config.rootfs).toEqual(first.config.rootfs);
  });

  test("mode=min has the result's own steps only", async () => {
    const first = await buildProject(opened.engine, project, { cacheTo: cache("least", { mode: "min" }) });
    const second = await elsewhere({ cacheFrom: cache("least") });
    expect(second.ran.map((name) => name.replace(/^\[[^\]]*\] /, ""))).toEqual([
      "RUN head -c 9 /dev/urandom > /random",
      "COPY --from=a /random /random",
    ]);
    expect(second.config.rootfs.diff_ids[1]).toBe(first.config.rootfs.diff_ids[1]);
  });

  test("is an OCI manifest with BuildKit's config; layers that are there are not sent again", async () => {
    await buildProject(opened.engine, project, { cacheTo: cache("all") });
    const sent = registry.log().match(/PATCH/g)?.length;
    await buildProject(opened.engine, project, { cacheTo: cache("all") });
    expect(registry.log().match(/PATCH/g)?.length).toBe(sent);
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    const manifest = (await (await fetch(`http://${registry.host}/v2/all/manifests/latest`, { headers })).json()) as Manifest;
    expect(manifest.config.mediaType).toBe("application/vnd.buildkit.cacheconfig.v0");
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill("application/vnd.oci.image.layer.v1.tar+gzip"));
  });

  test("one that is not there, or no cache, is a warning", async () => {
    const built = await buildProject(opened.engine, project, { cacheFrom: cache("nowhere") });
    expect(warnings(built)).toEqual([expect.stringMatching(/^cannot use the cache in ".*\/nowhere": cannot find the manifest/)]);
  });

  test("one whose layers are gone is one more warning, and the steps run", async () => {
    await buildProject(opened.engine, project, { cacheTo: cache("losing") });
    const base = `http://${registry.host}/v2/losing`;
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    const manifest = (await (await fetch(`${base}/manifests/latest`, { headers })).json()) as Manifest;
    for (const { digest } of manifest.layers) await fetch(`${base}/blobs/${digest}`, { method: "DELETE" });
    const second = await elsewhere({ cacheFrom: cache("losing") });
    expect(second.ran).toHaveLength(3);
    expect(warnings(second)).toContainEqual(expect.stringMatching(/^cannot take a cached layer: cannot find/));
  });

  test("one that cannot be written fails the build, unless ignore-error", async () => {
    const cacheTo = [{ type: "registry", ref: "127.0.0.1:1/x" }];
    const { end } = await collect(opened.engine, { context: project.directory, cacheTo });
    await expect(end).rejects.toMatchObject({ code: "registry", message: expect.stringContaining('cannot reach "127.0.0.1:1"') });
    const built = await buildProject(opened.engine, project, { cacheTo: [{ ...cacheTo[0]!, "ignore-error": "true" }] });
    expect(warnings(built)).toEqual([expect.stringContaining('cannot write the cache to "127.0.0.1:1/x"')]);
  });
});

describe("a cache in the image", () => {
  const name = () => `${registry.host}/app:1`;
  const pushed = () => ({ outputs: [{ type: "image" as const, attributes: { name: name(), push: "true" } }] });

  test.each([
    ["--cache-to type=inline", { cacheTo: [{ type: "inline" }] }],
    ["BUILDKIT_INLINE_CACHE", { buildArgs: { BUILDKIT_INLINE_CACHE: "1" } }],
  ])("by %s: its steps are found by its name", async (_, inline) => {
    using alone = createProject({ Dockerfile: "FROM busybox\nRUN head -c 9 /dev/urandom > /random\nRUN date +%N > /time\n" });
    const first = await buildProject(opened.engine, alone, { ...inline, ...pushed(), noCache: true });
    await using other = openTestEngine();
    await importBusybox(other.engine);
    const options = { ...inline, cacheFrom: [{ type: "registry", ref: name() }] };
    const second = await buildProject(other.engine, alone, options);
    expect(second.ran).toEqual([]);
    expect(second.config.rootfs).toEqual(first.config.rootfs);
    expect(second.config).not.toEqual((await buildProject(other.engine, alone)).config); // it is in the config, when asked for
  });

  test("an image without one is a warning", async () => {
    await buildProject(opened.engine, project, pushed());
    const built = await buildProject(opened.engine, project, { cacheFrom: [{ type: "registry", ref: name() }] });
    expect(warnings(built)).toEqual([expect.stringContaining("is an image without a build cache")]);
  });
});

describe("an image that is here", () => {
  const cacheFrom = [{ type: "image", ref: "127.0.0.1:1/app:1" }]; // a registry that there is not: asking it would be a warning

  test("is used as it came out of an archive, and its registry is not asked", async () => {
    using alone = createProject({ Dockerfile: "FROM busybox\nRUN head -c 9 /dev/urandom > /random\nRUN date +%N > /time\n" });
    const tags = [cacheFrom[0]!.ref];
    const first = await buildProject(opened.engine, alone, { tags, cacheTo: [{ type: "inline" }], noCache: true });
    await using other = openTestEngine();
    await importBusybox(other.engine);
    await finish(other.engine.images.load(await opened.engine.images.save(tags)));
    const second = await buildProject(other.engine, alone, { cacheFrom });
    expect(second.ran).toEqual([]);
    expect(warnings(second)).toEqual([]);
    expect(second.config.rootfs).toEqual(first.config.rootfs);
  });

  test("one that tells of no steps is no cache, and no warning; one that is not here is asked of its registry", async () => {
    await opened.engine.images.tag("busybox", cacheFrom[0]!.ref);
    expect(warnings(await buildProject(opened.engine, project, { cacheFrom }))).toEqual([]);
    await opened.engine.images.remove(cacheFrom[0]!.ref);
    const [warning] = warnings(await buildProject(opened.engine, project, { cacheFrom }));
    expect(warning).toContain('cannot reach "127.0.0.1:1"');
  });
});

test.each([
  [{ cacheTo: [{ type: "s3" }] }, "unsupported", 'cannot use --cache-to of type "s3"'],
  [{ cacheFrom: [{ type: "inline" }] }, "unsupported", 'cannot use --cache-from of type "inline"'],
  [{ cacheTo: [{ type: "registry" }] }, "usage", "needs ref="],
  [{ cacheFrom: [{ type: "local", dest: "x" }] }, "usage", "needs src="],
  [{ cacheTo: [{ type: "registry", ref: "x", mode: "most" }] }, "usage", 'has no mode "most"'],
  [{ cacheTo: [{ type: "registry", ref: "x", compression: "zstd" }] }, "unsupported", 'cannot carry out "compression=zstd"'],
  [{ cacheTo: [{ type: "registry", ref: "Not/A Name" }] }, "invalid", "Not/A Name"],
  [{ cacheTo: [{ type: "registry", ref: `x@sha256:${"0".repeat(64)}` }] }, "invalid", "a digest cannot be pushed"],
] satisfies [Partial<BuildOptions>, string, string][])("%j is refused before anything is built", async (options, code, message) => {
  const { events, end } = await collect(opened.engine, { context: project.directory, ...options });
  await expect(end).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(events).toEqual([]);
});

describe("BuildKit's cache config", () => {
  const hex = (digit: string) => digit.repeat(64);
  const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: `sha256:${hex("b")}`, size: 5 };
  const created = "2020-01-01T00:00:00Z";
  const step = { key: hex("a"), layer: { chainId: `sha256:${hex("d")}`, diffId: `sha256:${hex("d")}`, size: 9, created } };

  test("what is written is read", () => {
    const { config, manifest } = cacheDocuments([step], new Map([[step.layer.diffId, descriptor]]));
    const { layers } = JSON.parse(manifest.toString()) as Manifest;
    expect(locate(JSON.parse(config.toString()), layers)).toEqual([
      { key: step.key, created, diffId: step.layer.diffId, descriptor: layers[0] },
    ]);
  });

  test("what is no step is passed over", () => {
    const result = (layer: number) => [{ layer, createdAt: created }];
    const records = [
      { digest: "sha256:short", layers: result(0) },
      { digest: `sha256:${hex("a")}`, layers: result(7) },
      { digest: `sha256:${hex("a")}`, layers: [{ layer: 0, createdAt: "never" }] },
      { digest: `sha256:${hex("a")}` },
      { layers: result(0) },
    ];
    expect(locateInline(records, [descriptor], [step.layer.diffId])).toEqual([]);
    expect(locate({ records, layers: [{ blob: "sha256:elsewhere" }] }, [descriptor])).toEqual([]);
    expect(locate({}, [])).toEqual([]);
  });
});
