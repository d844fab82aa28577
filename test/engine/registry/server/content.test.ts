/** What is there: sent, listed and deleted (distribution-spec, "Pull", "Content Discovery", "Content Management"). */
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallDisk } from "../../../support/small-disk.ts";
import { describe as descriptor, digestOf, pushImage, type ServerScene, startServer, types } from "./scene.ts";

let server: ServerScene;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const call: ServerScene["call"] = (...of) => server.call(...of);

test("it says what it is", async () => {
  const { status, headers } = await call("GET", "/v2/");
  expect([status, headers["docker-distribution-api-version"]]).toEqual([200, "registry/2.0"]);
});

describe("a blob", () => {
  test("in part", async () => {
    const digest = await server.pushBlob("ranges", "0123456789");
    const get = (range: string, more = {}) => call("GET", `/v2/ranges/blobs/${digest}`, undefined, { range, ...more });
    const part = await get("bytes=2-5");
    expect([part.status, part.body.toString(), part.headers["content-range"], part.headers["content-length"]]).toEqual([
      206,
      "2345",
      "bytes 2-5/10",
      "4",
    ]);
    const beyond = await get("bytes=10-");
    expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, "bytes */10"]);
    expect((await get("bytes=2-5", { "if-range": `"${digest}"` })).status).toBe(206);
    expect((await get("bytes=2-5", { "if-range": '"another"' })).status).toBe(200);
  });

  test("arrives as it is at clients that take it in jerks", async () => {
    const bytes = randomBytes(24 << 20);
    const digest = await server.pushBlob("large", bytes);
    const take = async () => {
      const hash = createHash("sha256");
      const { body } = await fetch(`http://${server.host}/v2/large/blobs/${digest}`);
      let count = 0;
      for await (const chunk of body!) {
        hash.update(chunk);
        if (count++ % 16 === 0) await setImmediate();
      }
      return `sha256:${hash.digest("hex")}`;
    };
    expect(await Promise.all([take(), take(), take()])).toEqual([digest, digest, digest]);
  });

  test("that the client has is not sent again", async () => {
    const digest = await server.pushBlob("unchanged", "bytes");
    const again = await call("GET", `/v2/unchanged/blobs/${digest}`, undefined, { "if-none-match": `"x", W/"${digest}"` });
    expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, `"${digest}"`]);
  });

  test("of another repository is none of this one", async () => {
    const digest = await server.pushBlob("owner", "secret");
    const { status, codes } = await call("GET", `/v2/stranger/blobs/${digest}`);
    expect([status, codes]).toEqual([404, ["BLOB_UNKNOWN"]]);
  });

  test("is deleted, and no other repository's; not while a manifest is made of it", async () => {
    const { layer, digest } = await pushImage(server, "deleting", "x");
    await server.pushBlob("keeping", "layer of x");
    const refused = await call("DELETE", `/v2/deleting/blobs/${layer}`);
    expect([refused.status, refused.codes]).toEqual([405, ["UNSUPPORTED"]]);
    expect((await call("DELETE", `/v2/deleting/manifests/${digest}`)).status).toBe(202);
    expect((await call("DELETE", `/v2/deleting/blobs/${layer}`)).status).toBe(202);
    expect((await call("DELETE", `/v2/deleting/blobs/${layer}`)).codes).toEqual(["BLOB_UNKNOWN"]);
    expect((await call("HEAD", `/v2/deleting/blobs/${layer}`)).status).toBe(404);
    expect((await call("HEAD", `/v2/keeping/blobs/${layer}`)).status).toBe(200);
  });
});

describe("tags", () => {
  test("in order, in parts", async () => {
    const names = ["v10", "v9", "latest", "Z", "a"];
    for (const name of names) await pushImage(server, "sorted", name);
    const sorted = ["Z", "a", "latest", "v10", "v9"];
    expect((await call("GET", "/v2/sorted/tags/list")).json).toEqual({ name: "sorted", tags: sorted });
    let next: string | undefined = "/v2/sorted/tags/list?n=2";
    const seen: string[][] = [];
    while (next !== undefined) {
      const { json, headers } = await call("GET", next);
      seen.push(json.tags);
      next = /^<(.*)>; rel="next"$/.exec(String(headers["link"]))?.[1];
    }
    expect(seen).toEqual([["Z", "a"], ["latest", "v10"], ["v9"]]);
    const none = await call("GET", "/v2/sorted/tags/list?n=0");
    expect([none.json.tags, none.headers.link]).toEqual([[], undefined]);
  });

  test("of what is not there", async () => {
    expect((await call("GET", "/v2/no/such/tags/list")).codes).toEqual(["NAME_UNKNOWN"]);
  });

  test("are deleted one by one, and all with their manifest", async () => {
    const { digest } = await pushImage(server, "untagged", "one");
    const { body } = await call("GET", "/v2/untagged/manifests/one");
    for (const tag of ["two", "three"]) await call("PUT", `/v2/untagged/manifests/${tag}`, body);
    expect((await call("DELETE", "/v2/untagged/manifests/one")).status).toBe(202);
    expect((await call("DELETE", "/v2/untagged/manifests/one")).codes).toEqual(["MANIFEST_UNKNOWN"]);
    expect((await call("GET", "/v2/untagged/tags/list")).json.tags).toEqual(["three", "two"]);
    expect((await call("DELETE", `/v2/untagged/manifests/${digest}`)).status).toBe(202);
    for (const reference of ["two", "three", digest]) expect((await call("GET", `/v2/untagged/manifests/${reference}`)).status).toBe(404);
    expect((await call("GET", "/v2/untagged/tags/list")).json.tags).toEqual([]);
    expect((await call("DELETE", `/v2/untagged/manifests/${digest}`)).codes).toEqual(["MANIFEST_UNKNOWN"]);
  });

  test("ten thousand of them, which another server left, are listed", async () => {
    using memory = smallDisk("size=128m");
    const root = join(memory.path, "registry");
    const left = await startServer({ root });
    const { digest } = await pushImage(left, "many", "first");
    await left[Symbol.asyncDispose]();
    for (let at = 0; at < 10_000; at++) writeFileSync(join(root, `repositories/many/_tags/t${10_000 + at}`), JSON.stringify({ digest }));
    await using next = await startServer({ root });
    expect((await next.call("GET", "/v2/many/tags/list")).json.tags).toHaveLength(10_001);
    expect((await next.call("GET", "/v2/many/tags/list?n=3&last=t10041")).json.tags).toEqual(["t10042", "t10043", "t10044"]);
    expect((await next.call("GET", "/v2/many/manifests/t19999")).headers["docker-content-digest"]).toBe(digest);
  });
});

test("a manifest that an index names stays until the index is gone", async () => {
  const { digest, size } = await pushImage(server, "platforms", "part");
  const index = { schemaVersion: 2, mediaType: types.index, manifests: [{ mediaType: types.manifest, digest, size }] };
  await server.pushManifest("platforms", "all", index, types.index);
  const refused = await call("DELETE", `/v2/platforms/manifests/${digest}`);
  expect([refused.status, refused.codes]).toEqual([405, ["UNSUPPORTED"]]);
  expect((await call("DELETE", `/v2/platforms/manifests/${digestOf(JSON.stringify(index))}`)).status).toBe(202);
  expect((await call("DELETE", `/v2/platforms/manifests/${digest}`)).status).toBe(202);
});

test("repositories that have a manifest, in order, in parts", async () => {
  await using own = await startServer();
  expect((await own.call("GET", "/v2/_catalog")).json).toEqual({ repositories: [] });
  for (const name of ["b", "a/b", "a-b", "a"]) await pushImage(own, name, "x");
  await own.pushBlob("only/a/blob", "x");
  expect((await own.call("GET", "/v2/_catalog")).json).toEqual({ repositories: ["a", "a-b", "a/b", "b"] });
  const part = await own.call("GET", "/v2/_catalog?n=2&last=a-b");
  expect([part.json.repositories, part.headers.link]).toEqual([["a/b", "b"], undefined]);
  const first = await own.call("GET", "/v2/_catalog?n=1");
  expect([first.json.repositories, first.headers.link]).toEqual([["a"], '</v2/_catalog?n=1&last=a>; rel="next"']);
});

describe("referrers", () => {
  test("of what is there and of what is not, chosen by their kind", async () => {
    const { digest, size } = await pushImage(server, "signed", "app");
    const subject = { mediaType: types.manifest, digest, size };
    const list = async (query = "") => call("GET", `/v2/signed/referrers/${digest}${query}`);
    const none = await list();
    expect([none.status, none.headers["content-type"], none.json]).toEqual([
      200,
      types.index,
      { schemaVersion: 2, mediaType: types.index, manifests: [] },
    ]);
    const annotations = { "org.example.made": "today" };
    const sbom = await pushImage(server, "signed", "sbom", { subject, artifactType: "application/x.sbom", annotations });
    expect(sbom.reply.headers["oci-subject"]).toBe(digest);
    const signature = await pushImage(server, "signed", "signature", { subject });
    const { json } = await list();
    expect(json.manifests).toHaveLength(2);
    expect(json.manifests).toContainEqual({
      ...{ mediaType: types.manifest, digest: sbom.digest, size: sbom.size },
      ...{ artifactType: "application/x.sbom", annotations },
    });
    const chosen = await list("?artifactType=application/x.sbom");
    expect([chosen.headers["oci-filters-applied"], chosen.json.manifests.map((each: { digest: string }) => each.digest)]).toEqual([
      "artifactType",
      [sbom.digest],
    ]);
    await call("DELETE", `/v2/signed/manifests/${sbom.digest}`);
    expect((await list()).json.manifests.map((each: { digest: string }) => each.digest)).toEqual([signature.digest]);
  });

  test("come before what they refer to", async () => {
    const subject = { ...descriptor("pushed later", types.manifest) };
    const { reply, digest } = await pushImage(server, "early", "x", { subject });
    expect([reply.status, reply.headers["oci-subject"]]).toEqual([201, subject.digest]);
    const { json } = await call("GET", `/v2/early/referrers/${subject.digest}`);
    expect(json.manifests.map((each: { digest: string }) => each.digest)).toEqual([digest]);
  });

  test("of no digest are not asked for", async () => {
    expect((await call("GET", "/v2/early/referrers/latest")).codes).toEqual(["DIGEST_INVALID"]);
  });
});
