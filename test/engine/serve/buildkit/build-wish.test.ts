/** What BuildKit's clients say of a build, as the engine's options. */
import { expect, test } from "vitest";
import { type BuildWish, buildOptionsOf, contextOf, type Named } from "../../../../engine/serve/buildkit/build-wish.ts";

const wish = (more: Partial<BuildWish>): BuildWish => ({
  frontend: "dockerfile.v0",
  ...{ attributes: {}, exporters: [], cacheImports: [], cacheExports: [], entitlements: [] },
  ...more,
});

test("attributes of the frontend, exporters and caches", () => {
  const attributes = {
    ...{ filename: "sub/Dockerfile", target: "last", platform: "linux/amd64,linux/arm64", "no-cache": "a,b", "image-resolve-mode": "pull" },
    ...{ "build-arg:A": "1", "label:l": "x", "context:more": "local:more", "add-hosts": "me=1.2.3.4,you=::1", "shm-size": "1024" },
    ...{ "attest:sbom": "", "attest:provenance": "mode=max,builder-id=https://a/b?c=d" },
    ...{ ulimit: "nofile=10:20,nproc=5", "force-network-mode": "host", "cache-from": "r:1" },
  };
  const exporters: Named[] = [
    {
      Type: "moby",
      Attrs: { name: "app:1,app:2", "prefer-image-digest": "true", "annotation.k": "v", "annotation-manifest[linux/amd64].m": "w" },
    },
    { Type: "local", Attrs: { dest: "out" } },
    { Type: "oci", Attrs: {} },
    { Type: "", Attrs: {} },
  ];
  const caches = { cacheImports: [{ Type: "registry", Attrs: { ref: "r:2" } }], cacheExports: [{ Type: "inline", Attrs: {} }] };
  const options = buildOptionsOf(wish({ attributes, exporters, ...caches, entitlements: ["network.host"] }));
  expect(options).toEqual({
    ...{
      context: "context",
      file: "sub/Dockerfile",
      target: "last",
      platform: "linux/amd64,linux/arm64",
      network: "host",
      shmSize: 1024,
      pull: true,
    },
    ...{ noCacheFilter: ["a", "b"], addHosts: ["me:1.2.3.4", "you:::1"], buildArgs: { A: "1" }, labels: { l: "x" } },
    ulimits: [
      { Name: "nofile", Soft: 10, Hard: 20 },
      { Name: "nproc", Soft: 5, Hard: 5 },
    ],
    ...{ buildContexts: { more: "local:more" }, annotations: { k: "v", m: "w" }, allow: ["network.host"], cacheTo: [{ type: "inline" }] },
    cacheFrom: [
      { type: "registry", ref: "r:2" },
      { type: "registry", ref: "r:1" },
    ],
    attests: [
      { type: "sbom", attributes: {} },
      { type: "provenance", attributes: { mode: "max", "builder-id": "https://a/b?c=d" } },
    ],
    outputs: [
      { type: "image", attributes: { name: "app:1,app:2" } },
      { type: "local", attributes: {} },
      { type: "oci", attributes: {}, dest: "-" },
      { type: "cacheonly", attributes: {} },
    ],
  });
});

test("nothing is exported for who wants nothing; no cache at all is not the same as none for some stages", () => {
  expect(buildOptionsOf(wish({})).outputs).toEqual([{ type: "cacheonly", attributes: {} }]);
  expect(buildOptionsOf(wish({ attributes: { "no-cache": "" } }))).toMatchObject({ noCache: true });
});

test("what buildx attests of its own accord is not asked for", () => {
  expect(buildOptionsOf(wish({ attributes: { "attest:provenance": "mode=min,inline-only=true" } })).attests).toEqual([]);
});

test("Docker's own frontend is berth's, by whatever name it goes", () => {
  const by = (source: string) => buildOptionsOf(wish({ frontend: "gateway.v0", attributes: { source } }));
  for (const source of ["docker/dockerfile:1", "docker.io/docker/dockerfile", "docker/dockerfile-upstream:master"]) by(source);
  expect(() => by("other/frontend")).toThrow('cannot build with the frontend "other/frontend"');
  expect(() => buildOptionsOf(wish({ frontend: "other.v0" }))).toThrow('cannot build with the frontend "other.v0"');
});

test.each<[string, Partial<BuildWish>, string]>([
  ["limits", { attributes: { "cgroup-parent": "x" } }, 'nothing for "cgroup-parent"'],
  ["a result as a context", { attributes: { "context:a": "input:a" } }, "a build's result, as a context"],
  ["a git repository of the client's", { attributes: { "input:context": "x" } }, "a build's result as a context"],
  ["an exporter", { exporters: [{ Type: "containerd", Attrs: {} }] }, 'result as "containerd"'],
  ["annotations of an index", { exporters: [{ Type: "image", Attrs: { "annotation-index.a": "b" } }] }, 'write "annotation-index.a"'],
  ["a limit that is none", { attributes: { ulimit: "nofile" } }, 'invalid ulimit "nofile"'],
  ["a size that is none", { attributes: { "shm-size": "64m" } }, '"64m" is no number'],
])("refused: %s", (_, more, message) => {
  expect(() => buildOptionsOf(wish(more))).toThrow(message);
});

test("where the context comes from", () => {
  expect(contextOf({})).toEqual({ kind: "client" });
  expect(contextOf({ context: "http://buildkit-session/key" })).toMatchObject({ kind: "upload" });
  const context = "https://example.com/a.git#main";
  expect(contextOf({ context })).toEqual({ kind: "remote", options: { context } });
  expect(contextOf({ context, dockerfilekey: "dockerfile", filename: "F" })).toEqual({
    kind: "remote",
    options: { context, file: "local:F" },
  });
  for (const path of ["/etc", "sub", "file:///etc"]) expect(() => contextOf({ context: path }), path).toThrow("no URL of a context");
});
