import { expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { parseHead, parseImageConfig, parseIndex, parseManifest } from "../../../../engine/image/documents/documents.ts";
import type { Refuse } from "../../../../engine/image/documents/shape.ts";

const refuse: Refuse = (why, cause) => new EngineError("corrupt", why, { cause });
const digest = `sha256:${"a".repeat(64)}`;
const blob = { digest, size: 1 };
const manifest = (change: object) => JSON.stringify({ schemaVersion: 2, config: blob, layers: [blob], ...change });
const config = (change: object) => JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [digest] }, ...change });

test.each<[string, string, string]>([
  ["nothing", "", "it is not JSON"],
  ["a web page", "<html>", "it is not JSON"],
  ["more than one value", "{} {}", "it is not JSON"],
  ["depth without end", "[".repeat(100_000), "it is not JSON"],
  ["null", "null", "it is missing"],
  ["a list", "[]", "it is not an object"],
  ["a deep list", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, "it is not an object"],
  ["a string", '"x"', "it is not an object"],
  ["no config", manifest({ config: null }), '"config" is missing'],
  ["a config of another kind", manifest({ config: "x" }), '"config" is not an object'],
  ["layers of another kind", manifest({ layers: {} }), '"layers" is not a list'],
  ["a layer of another kind", manifest({ layers: [blob, "x"] }), '"layers[1]" is not an object'],
  ["no layer at all in a place", manifest({ layers: [null] }), '"layers[0]" is missing'],
  [
    "a digest that leads elsewhere",
    manifest({ layers: [{ ...blob, digest: "sha256:../../x" }] }),
    '"layers[0].digest" is not a sha256 digest',
  ],
  ["a weak digest", manifest({ config: { ...blob, digest: "md5:abc" } }), '"config.digest" is not a sha256 digest'],
  ["no size", manifest({ layers: [{ digest }] }), '"layers[0].size" is missing'],
  ["a negative size", manifest({ layers: [{ digest, size: -1 }] }), '"layers[0].size" is not a number of bytes'],
  ["a size beyond all numbers", manifest({}).replace('"size":1', '"size":1e999'), '"config.size" is not a number of bytes'],
  ["annotations of another kind", manifest({ annotations: { a: 1 } }), '"annotations.a" is not a string'],
])("a manifest of %s is refused", (_, source, why) => {
  expect(() => parseManifest(source, refuse)).toThrowError(expect.objectContaining({ code: "corrupt", message: why }));
});

test.each<[string, object, string]>([
  ["no layers", { rootfs: {} }, '"rootfs.diff_ids" is missing'],
  ["a diff id that leads elsewhere", { rootfs: { diff_ids: ["sha256:../x"] } }, '"rootfs.diff_ids[0]" is not a sha256 digest'],
  ["an architecture of another kind", { architecture: 5 }, '"architecture" is not a string'],
  ["a history of another kind", { history: 5 }, '"history" is not a list'],
  ["a command of another kind", { config: { Cmd: 5 } }, '"config.Cmd" is not a list'],
  ["a variable of another kind", { config: { Env: [5] } }, '"config.Env[0]" is not a string'],
  ["a NUL in the directory", { config: { WorkingDir: "/a\0b" } }, '"config.WorkingDir" has a NUL character in it'],
  ["a NUL in a variable", { config: { Env: ["A=1", "B=\0"] } }, '"config.Env[1]" has a NUL character in it'],
  ["a NUL in a volume", { config: { Volumes: { "/v\0": {} } } }, '"config.Volumes[0]" has a NUL character in it'],
  [
    "a NUL in a health check",
    { config: { Healthcheck: { Test: ["CMD", "\0"] } } },
    '"config.Healthcheck.Test[1]" has a NUL character in it',
  ],
  ["a label of another kind", { config: { Labels: { a: {} } } }, '"config.Labels.a" is not a string'],
])("a config with %s is refused", (_, change, why) => {
  expect(() => parseImageConfig(config(change), refuse)).toThrowError(expect.objectContaining({ message: why }));
});

test("null is the same as absent, and what is not known may be anything", () => {
  const nothing = { Cmd: null, Env: null, Labels: null, Healthcheck: null, Unknown: [1] };
  expect(parseImageConfig(config({ config: nothing, history: null, other: 5 }), refuse).rootfs.diff_ids).toEqual([digest]);
  expect(parseIndex('{"manifests":null}', refuse).manifests).toEqual([]);
  expect(parseManifest(manifest({ layers: null, annotations: null }), refuse).layers).toEqual([]);
  expect(parseHead('{"mediaType":null,"config":5}', refuse)).toEqual({ mediaType: null, config: 5 });
});

test("media types that are not stated are docker's", () => {
  const { config: stated, layers } = parseManifest(manifest({}), refuse);
  expect(stated.mediaType).toBe("application/vnd.docker.container.image.v1+json");
  expect(layers[0]?.mediaType).toBe("application/vnd.docker.image.rootfs.diff.tar.gzip");
});

test("an index may name other algorithms for what is not asked for", () => {
  const entry = { digest: "sha512:abc", size: 1, platform: { os: "plan9", architecture: "mips" } };
  expect(parseIndex(JSON.stringify({ manifests: [entry] }), refuse).manifests).toHaveLength(1);
  expect(() => parseIndex('{"manifests":[{"size":1}]}', refuse)).toThrowError('"manifests[0].digest" is missing');
  expect(() => parseIndex(JSON.stringify({ manifests: [{ ...entry, platform: { os: 5 } }] }), refuse)).toThrowError(
    '"manifests[0].platform.os" is not a string',
  );
});
