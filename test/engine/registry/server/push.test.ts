/** Blobs and manifests on their way in (distribution-spec, "Push"). */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { describe as descriptor, digestOf, pushImage, type ServerScene, startServer, types } from "./scene.ts";

let server: ServerScene;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const call: ServerScene["call"] = (...of) => server.call(...of);

/** @returns where the upload is */
async function begin(name: string, query = ""): Promise<string> {
  const { status, headers } = await call("POST", `/v2/${name}/blobs/uploads/${query}`);
  expect(status).toBe(202);
  expect(headers["range"]).toBe("0-0");
  return headers.location!;
}

describe.each(["sha256", "sha512"])("blobs with %s", (algorithm) => {
  const bytes = randomBytes(300_000);
  const digest = digestOf(bytes, algorithm);

  async function expectBlob(name: string) {
    const { status, headers, body } = await call("GET", `/v2/${name}/blobs/${digest}`);
    expect({ status, same: body.equals(bytes), digest: headers["docker-content-digest"] }).toEqual({ status: 200, same: true, digest });
  }

  test("in one request", async () => {
    const { status, headers } = await call("POST", `/v2/one/blobs/uploads/?digest=${digest}`, bytes);
    expect([status, headers.location, headers["docker-content-digest"]]).toEqual([201, `/v2/one/blobs/${digest}`, digest]);
    await expectBlob("one");
  });

  test("in two, whether the kind of digest was said before or not", async () => {
    for (const query of ["", `?digest-algorithm=${algorithm}`]) {
      const place = await begin("two", query);
      const { status, headers } = await call("PUT", `${place}?digest=${digest}`, bytes);
      expect([status, headers.location]).toEqual([201, `/v2/two/blobs/${digest}`]);
    }
    await expectBlob("two");
  });

  test("in chunks; one that is not the next is refused, and asked for", async () => {
    const place = await begin("chunks");
    const chunk = (method: string, from: number, to: number, query = "") =>
      call(method, place + query, bytes.subarray(from, to), { "content-range": `${from}-${to - 1}` });
    expect((await chunk("PATCH", 100_000, 200_000)).status).toBe(416);
    expect((await chunk("PATCH", 0, 100_000)).headers["range"]).toBe("0-99999");
    expect((await chunk("PATCH", 0, 100_000)).status).toBe(416);
    expect((await chunk("PUT", 200_000, 300_000, `?digest=${digest}`)).status).toBe(416);
    const { status, headers } = await call("GET", place);
    expect([status, headers["range"], headers.location]).toEqual([204, "0-99999", place]);
    expect((await chunk("PATCH", 100_000, 200_000)).status).toBe(202);
    expect((await chunk("PUT", 200_000, 300_000, `?digest=${digest}`)).status).toBe(201);
    await expectBlob("chunks");
  });

  test("mounted from another repository, from any, or not at all", async () => {
    await server.pushBlob("source", bytes, algorithm);
    for (const [name, from] of [
      ["mounted", "&from=source"],
      ["mounted-from-any", ""],
    ]) {
      const { status, headers } = await call("POST", `/v2/${name}/blobs/uploads/?mount=${digest}${from}`);
      expect([status, headers.location]).toEqual([201, `/v2/${name}/blobs/${digest}`]);
      await expectBlob(name!);
    }
    const missing = digestOf("never pushed", algorithm);
    expect((await call("POST", `/v2/mounted/blobs/uploads/?mount=${missing}&from=source`)).status).toBe(202);
    expect((await call("POST", `/v2/mounted/blobs/uploads/?mount=${digest}&from=no/such`)).status).toBe(202);
    expect((await call("POST", `/v2/mounted/blobs/uploads/?mount=${digest}&from=../source`)).status).toBe(202);
  });

  test("another content than the digest's leaves nothing, and its upload is gone", async () => {
    const wrong = digestOf("something else", algorithm);
    const place = await begin("wrong");
    const { status, codes } = await call("PUT", `${place}?digest=${wrong}`, bytes);
    expect([status, codes]).toEqual([400, ["DIGEST_INVALID"]]);
    expect((await call("GET", place)).status).toBe(404);
    expect((await call("POST", `/v2/wrong/blobs/uploads/?digest=${wrong}`, bytes)).codes).toEqual(["DIGEST_INVALID"]);
    expect((await call("HEAD", `/v2/wrong/blobs/${wrong}`)).status).toBe(404);
  });
});

test("a blob of no bytes", async () => {
  const digest = await server.pushBlob("empty", "");
  const { status, headers, body } = await call("GET", `/v2/empty/blobs/${digest}`);
  expect([status, headers["content-length"], body.length]).toEqual([200, "0", 0]);
});

test("an upload is cancelled, and is nobody else's", async () => {
  const place = await begin("mine");
  await call("PATCH", place, "bytes");
  expect((await call("PATCH", place.replace("mine", "yours"), "bytes")).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  expect((await call("DELETE", place)).status).toBe(204);
  expect((await call("PATCH", place, "bytes")).codes).toEqual(["BLOB_UPLOAD_UNKNOWN"]);
  expect((await call("DELETE", "/v2/mine/blobs/uploads/..%2f..%2fregistry.json")).status).toBe(404);
});

test("a body that breaks off is kept as far as it came, and goes on from there", async () => {
  const bytes = randomBytes(2_000_000);
  const place = await begin("torn");
  const [host, port] = server.host.split(":");
  const socket = connect(Number(port), host);
  socket.write(`PATCH ${place} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`);
  socket.write(bytes.subarray(0, 1_500_000));
  await once(socket, "connect");
  // The file grows in steps: what is written of it is seen from outside.
  await eventually(async () => {
    const { size } = await import("node:fs").then(({ statSync }) => statSync(`${server.root}/uploads/${place.split("/").at(-1)}`));
    if (size < 500_000) throw new Error(`${size}`);
  });
  socket.destroy();
  const come = await eventually(async () => {
    const { headers } = await call("GET", place);
    const last = Number(headers["range"]?.split("-")[1]);
    if (last < 500_000) throw new Error(headers["range"]);
    expect((await call("PATCH", place, "", { "content-range": `${last + 1}-${last + 1}`, "content-length": "0" })).status).toBe(400);
    return last + 1;
  });
  const rest = await call("PUT", `${place}?digest=${digestOf(bytes)}`, bytes.subarray(come), {
    "content-range": `${come}-${bytes.length - 1}`,
  });
  expect(rest.status).toBe(201);
});

test("two requests do not add to one upload at the same time", async () => {
  const place = await begin("twice");
  const [host, port] = server.host.split(":");
  const first = connect(Number(port), host);
  first.write(`PATCH ${place} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345`);
  await eventually(async () => expect((await call("PATCH", place, "x")).status).toBe(409));
  first.end("67890");
  await once(first.resume(), "close");
  expect((await call("PUT", `${place}?digest=${digestOf("1234567890")}`)).status).toBe(201);
});

describe("manifests", () => {
  test("by tag, by digest, byte for byte, with its type", async () => {
    const { reply, digest } = await pushImage(server, "team/app", "1.0");
    expect([reply.status, reply.headers.location]).toEqual([201, `/v2/team/app/manifests/${digest}`]);
    const byTag = await call("GET", "/v2/team/app/manifests/1.0", undefined, { accept: "application/json" });
    expect([byTag.status, byTag.headers["content-type"], digestOf(byTag.body)]).toEqual([200, types.manifest, digest]);
    const head = await call("HEAD", `/v2/team/app/manifests/${digest}`);
    expect([head.status, head.headers["content-length"], head.headers["docker-content-digest"], head.body.length]).toEqual([
      200,
      String(byTag.body.length),
      digest,
      0,
    ]);
  });

  test("with tags beside the digest, of either kind", async () => {
    await pushImage(server, "tagged", "base");
    const { body } = await call("GET", "/v2/tagged/manifests/base");
    for (const algorithm of ["sha256", "sha512"]) {
      const digest = digestOf(body, algorithm);
      const put = await call("PUT", `/v2/tagged/manifests/${digest}?tag=${algorithm}.1&tag=${algorithm}.2`, body);
      expect([put.status, put.headers["oci-tag"], put.headers["docker-content-digest"]]).toEqual([
        201,
        `${algorithm}.1, ${algorithm}.2`,
        digest,
      ]);
      expect((await call("HEAD", `/v2/tagged/manifests/${algorithm}.2`)).headers["docker-content-digest"]).toBe(digest);
    }
  });

  test.each([
    ["another digest", `sha256:${"0".repeat(64)}`, 400, "DIGEST_INVALID"],
    ["no digest", "sha256:baddigeststring", 400, "DIGEST_INVALID"],
    ["no tag", "-x", 400, "MANIFEST_INVALID"],
  ])("under %s it is refused", async (_, reference, status, code) => {
    await pushImage(server, "refused", "base");
    const { body } = await call("GET", "/v2/refused/manifests/base");
    const reply = await call("PUT", `/v2/refused/manifests/${reference}`, body);
    expect([reply.status, reply.codes]).toEqual([status, [code]]);
  });

  test("what is not there is no part of one, unless it is elsewhere", async () => {
    const config = await server.pushBlob("parts", "{}");
    const document = {
      schemaVersion: 2,
      config: { ...descriptor("{}", types.config), digest: config },
      layers: [descriptor("gone", types.layer)],
    };
    const refused = await server.pushManifest("parts", "x", document);
    expect([refused.status, refused.codes, refused.json.errors[0].detail]).toEqual([
      404,
      ["MANIFEST_BLOB_UNKNOWN"],
      { digest: digestOf("gone") },
    ]);
    expect((await call("HEAD", "/v2/parts/manifests/x")).status).toBe(404);
    const foreign = [descriptor("gone", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")];
    expect((await server.pushManifest("parts", "x", { ...document, layers: foreign })).status).toBe(201);
  });

  test("an index is made of manifests, or of blobs", async () => {
    const { digest, layer, size } = await pushImage(server, "indexed", "part");
    const entry = { mediaType: types.manifest, digest, size };
    const index = { schemaVersion: 2, mediaType: types.index, manifests: [entry, { ...descriptor("", types.layer), digest: layer }] };
    expect((await server.pushManifest("indexed", "all", index, types.index)).status).toBe(201);
    const docker = "application/vnd.docker.distribution.manifest.list.v2+json";
    expect((await server.pushManifest("indexed", "docker", { ...index, mediaType: docker }, docker)).status).toBe(201);
    const missing = { ...index, manifests: [{ ...entry, digest: digestOf("no manifest") }] };
    expect((await server.pushManifest("indexed", "missing", missing, types.index)).codes).toEqual(["MANIFEST_BLOB_UNKNOWN"]);
  });

  test("of four megabytes, and of more", async () => {
    const base = { schemaVersion: 2, mediaType: types.index, manifests: [], annotations: { long: "" } };
    const fits = { ...base, annotations: { long: "x".repeat((4 << 20) - JSON.stringify(base).length) } };
    expect((await server.pushManifest("large", "fits", fits, types.index)).status).toBe(201);
    const larger = JSON.stringify({ ...fits, annotations: { long: `${fits.annotations.long}x` } });
    const refused = await call("PUT", "/v2/large/manifests/larger", larger, { "content-type": types.index });
    expect([refused.status, refused.codes]).toEqual([413, ["SIZE_INVALID"]]);
    const unannounced = await call("PUT", "/v2/large/manifests/larger", larger, {
      "content-type": types.index,
      "transfer-encoding": "chunked",
    });
    expect(unannounced.status).toBe(413);
  });

  test("on conditions", async () => {
    const { digest } = await pushImage(server, "conditions", "x");
    const { body } = await call("GET", "/v2/conditions/manifests/x");
    const put = (headers: Record<string, string>) => call("PUT", "/v2/conditions/manifests/x", body, headers);
    expect((await put({ "if-none-match": "*" })).status).toBe(412);
    expect((await put({ "if-match": `"${digestOf("other")}"` })).status).toBe(412);
    expect((await put({ "if-match": `"${digest}"` })).status).toBe(201);
    expect((await call("PUT", "/v2/conditions/manifests/new", body, { "if-match": "*" })).status).toBe(412);
    expect((await call("PUT", "/v2/conditions/manifests/new", body, { "if-none-match": "*" })).status).toBe(201);
  });
});

test.each([
  ["GET", "/v2/../../etc/passwd", 404],
  ["GET", "/v2/a/../b/manifests/x", 400],
  ["GET", "/v2/a%2f..%2fb/manifests/x", 400],
  ["GET", "/v2/UPPER/manifests/x", 400],
  ["PUT", "/v2/a/b/_tags/manifests/x", 400],
  ["GET", "/v2/a/manifests/..", 400],
  ["GET", `/v2/a/blobs/sha256:${"../".repeat(20)}etc/passwd`, 404],
  ["GET", "/v2/a/blobs/sha256:..%2f..%2fx", 404],
  ["PATCH", "/v2/a/manifests/x", 405],
  ["GET", "/v2/a/blobs/uploads/", 405],
  ["POST", "/v2/a/blobs/uploads/?digest=sha256:../x", 400],
  ["POST", "/v2/a/blobs/uploads/?digest-algorithm=md5", 400],
  ["POST", "/v2/a/blobs/uploads/?mount=../x&from=b", 400],
  ["GET", "/etc/passwd", 404],
])("%s %s is answered with %i", async (method, path, status) => {
  expect((await call(method, path)).status).toBe(status);
});
