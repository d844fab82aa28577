/** What of a request is judged before anything is done: names, paths, pages, ranges, documents. */

import { describe, expect, test } from "vitest";
import { documentLimit, readPushed, referrerOf } from "../../../../engine/registry/server/protocol/document.ts";
import { jsonDepth } from "../../../../engine/registry/server/protocol/json-depth.ts";
import { isDigest, isRepository, isTag } from "../../../../engine/registry/server/protocol/names.ts";
import { pageOf } from "../../../../engine/registry/server/protocol/paging.ts";
import { placeOf } from "../../../../engine/registry/server/protocol/place.ts";
import { readContentRange, readRange } from "../../../../engine/registry/server/protocol/ranges.ts";
import { Layout } from "../../../../engine/registry/server/storage/layout.ts";
import fc from "../../../support/property.ts";
import { types } from "./scene.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("names", () => {
  test.each(["a", "library/app", "a.b_c__d--e/f", "x".repeat(255)])("%s is a repository's", (name) => {
    expect(isRepository(name)).toBe(true);
  });

  test.each(["", "A", "a/", "/a", "a//b", "..", "a/../b", "_tags", "a/_tags", "a..b", "a___b", "-a", "a\n", "a\0", "x".repeat(256)])(
    "%j is not",
    (name) => {
      expect(isRepository(name)).toBe(false);
    },
  );

  test("tags and digests", () => {
    expect(["v1.2-x_Y", "_", "9".repeat(128)].every(isTag)).toBe(true);
    expect(["", ".", "..", "-a", ".a", "a/b", "a:b", "9".repeat(129)].some(isTag)).toBe(false);
    expect([digest, `sha512:${"0".repeat(128)}`].every(isDigest)).toBe(true);
    expect(["sha256:", "sha256:baddigeststring", `sha256:${"A".repeat(64)}`, `md5:${"a".repeat(32)}`, `${digest}a`].some(isDigest)).toBe(
      false,
    );
  });

  test("no words lead out of the directory", () => {
    const layout = new Layout("/registry");
    const hostile = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-z._/\\-]{0,40}$/),
      fc.constantFrom("..", "../..", "a/../../x", "/etc/passwd", "a\0b", "%2e%2e"),
    );
    const paths = (word: string) => [
      () => layout.repository(word),
      () => layout.tag("a", word),
      () => layout.blob(word, word),
      () => layout.content(word),
      () => layout.upload(word),
    ];
    const inside = (word: string) =>
      paths(word).every((path) => {
        try {
          return path().startsWith("/registry/");
        } catch (error) {
          return /no part of a path/.test(String(error));
        }
      });
    fc.assert(fc.property(hostile, inside), { numRuns: 2000 });
  });
});

describe("paths", () => {
  test.each([
    ["/v2/", { kind: "base", name: "", reference: "" }],
    ["/v2", { kind: "base", name: "", reference: "" }],
    ["/v2/_catalog", { kind: "catalog", name: "", reference: "" }],
    ["/v2/a/b/tags/list", { kind: "tags", name: "a/b", reference: "" }],
    ["/v2/a/manifests/1.0", { kind: "manifest", name: "a", reference: "1.0" }],
    ["/v2/a/manifests/sha256%3Aabc", { kind: "manifest", name: "a", reference: "sha256:abc" }],
    ["/v2/blobs/uploads/blobs/uploads/", { kind: "uploads", name: "blobs/uploads", reference: "" }],
    ["/v2/manifests/tags/list/manifests/x", { kind: "manifest", name: "manifests/tags/list", reference: "x" }],
    ["/v2/a/blobs/uploads/1-2", { kind: "upload", name: "a", reference: "1-2" }],
    ["/v2/a/blobs/sha256:abc", { kind: "blob", name: "a", reference: "sha256:abc" }],
    ["/v2/a/referrers/sha256:abc", { kind: "referrers", name: "a", reference: "sha256:abc" }],
  ])("%s", (path, place) => {
    expect(placeOf(path)).toEqual(place);
  });

  test.each(["/", "/v1/", "/v2/a", "/v2/a/manifests/", "/v2/%zz/manifests/x", "/v22/a/tags/list"])("%s leads nowhere", (path) => {
    expect(placeOf(path)).toBeUndefined();
  });
});

describe("pages", () => {
  const names = ["a", "b", "c", "d"];
  const page = (query: string) => pageOf(names, "/v2/x/tags/list", new URLSearchParams(query));

  test("all, a first part, a later part, and where the next is", () => {
    expect(page("")).toEqual({ items: names });
    expect(page("n=2")).toEqual({ items: ["a", "b"], link: '</v2/x/tags/list?n=2&last=b>; rel="next"' });
    expect(page("n=2&last=b")).toEqual({ items: ["c", "d"] });
    expect(page("last=bb")).toEqual({ items: ["c", "d"] });
    expect(page("n=9")).toEqual({ items: names });
  });

  test("none at all has no next", () => {
    expect(page("n=0")).toEqual({ items: [] });
    expect(page("last=z")).toEqual({ items: [] });
  });

  test.each(["n=-1", "n=two", "n=1e3"])("%s is no number", (query) => {
    expect(() => page(query)).toThrow('"n" is not a number');
  });
});

describe("ranges", () => {
  test.each([
    [undefined, undefined],
    ["bytes=500-1499", { start: 500, end: 1499 }],
    ["bytes=500-", { start: 500, end: 2047 }],
    ["bytes=-500", { start: 1548, end: 2047 }],
    ["bytes=2000-5000", { start: 2000, end: 2047 }],
    ["bytes=-5000", { start: 0, end: 2047 }],
    ["bytes=0-1,5-6", undefined],
    ["lines=1-2", undefined],
    ["bytes=-", undefined],
  ])("%s of 2048 bytes", (header, range) => {
    expect(readRange(header, 2048)).toEqual(range);
  });

  test.each(["bytes=500-0", "bytes=5000-10000", "bytes=2048-", "bytes=-0"])("%s has none of them", (header) => {
    expect(() => readRange(header, 2048)).toThrow("no byte of 2048");
  });

  test("what a chunk says of itself", () => {
    expect(readContentRange("5-9")).toEqual({ start: 5, end: 9 });
    expect(readContentRange("bytes 5-9/*")).toEqual({ start: 5, end: 9 });
    expect(readContentRange(undefined)).toBeUndefined();
    for (const bad of ["9-5", "-5", "a-b", "1-2-3"]) expect(() => readContentRange(bad)).toThrow("not a range");
  });
});

describe("documents", () => {
  const part = { mediaType: types.layer, digest, size: 1 };
  const bytes = (value: object) => Buffer.from(JSON.stringify(value));
  const manifest = { schemaVersion: 2, mediaType: types.manifest, config: { ...part, mediaType: types.config }, layers: [part] };

  test("what they are made of, once each; foreign layers are elsewhere", () => {
    const foreign = { ...part, digest: `sha256:${"b".repeat(64)}`, mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" };
    expect(readPushed(bytes({ ...manifest, layers: [part, foreign] }), types.manifest)).toEqual({
      mediaType: types.manifest,
      parts: [digest],
    });
    const index = { schemaVersion: 2, manifests: [{ ...part, mediaType: types.manifest }], subject: part };
    expect(readPushed(bytes(index), `${types.index}; charset=utf-8`)).toEqual({ mediaType: types.index, parts: [digest], subject: digest });
  });

  test.each([
    ["not JSON", "{", types.manifest, "it is not JSON"],
    ["nothing", "", types.manifest, "it is not JSON"],
    ["a list", "[]", types.manifest, "it is not an object"],
    ["of two types", JSON.stringify(manifest), types.index, "its Content-Type"],
    ["of no type", '{"schemaVersion":2}', undefined, "its media type"],
    ["of a type that is none", "{}", "text/html", "its media type"],
    ["without a config", `{"schemaVersion":2,"mediaType":"${types.manifest}"}`, undefined, '"config" is missing'],
    [
      "with a bad digest",
      JSON.stringify({ ...manifest, layers: [{ ...part, digest: "sha256:../../x" }] }),
      undefined,
      "a digest that is none",
    ],
    ["with a bad subject", JSON.stringify({ ...manifest, subject: { ...part, digest: "x" } }), undefined, "a digest that is none"],
    ["deep", `${"[".repeat(100)}${"]".repeat(100)}`, types.manifest, "nested more than 64 deep"],
  ])("%s is refused", (_, text, type, message) => {
    expect(() => readPushed(Buffer.from(text), type)).toThrow(message);
  });

  test("anything at all is read or refused", () => {
    const any = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ ...manifest, layers: value })),
    );
    const isJudged = (text: string) => {
      try {
        readPushed(Buffer.from(text), types.manifest);
        return true;
      } catch (error) {
        return (error as { details?: { problem?: string } }).details?.problem === "MANIFEST_INVALID";
      }
    };
    fc.assert(fc.property(any, isJudged), { numRuns: 1000 });
  });

  test("a referrer's kind is its artifact type, or its config's", () => {
    const size = (value: object) => bytes(value).length;
    const typed = { ...manifest, artifactType: "application/x.sbom", annotations: { a: "b" } };
    expect(referrerOf(bytes(typed), digest, types.manifest)).toEqual({
      ...{ mediaType: types.manifest, digest, size: size(typed), artifactType: "application/x.sbom", annotations: { a: "b" } },
    });
    expect(referrerOf(bytes(manifest), digest, types.manifest).artifactType).toBe(types.config);
    expect(referrerOf(bytes({ schemaVersion: 2 }), digest, types.index)).toEqual({ mediaType: types.index, digest, size: 19 });
  });

  test("depth counts brackets, not those in texts", () => {
    expect(jsonDepth(Buffer.from('{"a":[1,{"b":"[[[[\\"[[["}]}'))).toBe(3);
    expect(jsonDepth(Buffer.from("[".repeat(documentLimit)))).toBe(documentLimit);
  });
});
