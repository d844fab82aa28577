/** Looking at repositories where they are: catalogs, tags, what is behind a name and what is attached to it. */

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostPlatform } from "../../../../engine/platform.ts";
import { kindOfReferrer } from "../../../../engine/registry/repositories/attached.ts";
import {
  describeTag,
  digestOfTag,
  inspectRemote,
  isDigestTag,
  listRepositories,
  rawManifest,
  registryName,
  repositoryClient,
  tagPages,
} from "../../../../engine/registry/repositories/index.ts";
import { attesting, type Published, publish, publishArtifact, published, publishIndex } from "../../../support/published.ts";
import type { TestRegistry } from "../../../support/registry.ts";
import { layerOf } from "../../image/shelf.ts";
import { pushImage, startServer } from "../server/scene.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let repository: string;
let here: Published;
let digest: string;
const { architecture } = hostPlatform();

beforeAll(async () => {
  server = await startServer();
  repository = `${server.host}/team/app`;
  here = await publish(`${repository}:here`, [layerOf("base"), layerOf("top")], { architecture });
  const other = await publish(`${repository}:other`, [layerOf("base")], { architecture: "s390x" });
  const attestation = await publishArtifact(repository, "provenance");
  digest = await publishIndex(`${repository}:1`, [other.descriptor, here.descriptor, attesting(attestation, here.descriptor)]);
  const index = { mediaType: "application/vnd.oci.image.index.v1+json", digest, size: (await published(`${repository}:1`)).text.length };
  await publishArtifact(repository, "notation", { subject: index, artifactType: "application/vnd.cncf.notary.signature" });
  await publish(`${repository}:${here.digest.replace(":", "-")}.sig`, [layerOf("signature")]);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A registry that answers as told. */
async function answering(answer: RequestListener): Promise<TestRegistry> {
  const http = createServer(answer).listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    host: `127.0.0.1:${(http.address() as { port: number }).port}`,
    log: () => "",
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

const all = async (pages: AsyncIterable<string[]>) => (await Array.fromAsync(pages)).flat();

test("a catalog comes in parts, and from where it is wanted", async () => {
  for (const name of ["a", "b/c", "d"]) await pushImage(server, name, "1");
  const pages = await Array.fromAsync(listRepositories(`http://${server.host}/`, { paging: { count: 2 } }));
  expect(pages).toEqual([
    ["a", "b/c"],
    ["d", "team/app"],
  ]);
  expect(await all(listRepositories(server.host, { paging: { last: "b/c" } }))).toEqual(["d", "team/app"]);
});

test.each([404, 405, 501])("a registry without a catalog is said to be one (%d)", async (status) => {
  await using registry = await answering((request, response) => response.writeHead(request.url === "/v2/" ? 200 : status).end());
  await expect(all(listRepositories(registry.host))).rejects.toMatchObject({
    code: "unsupported",
    message: `cannot list the repositories of "${registry.host}": this registry has no catalog`,
    exit: 1,
  });
});

test("a catalog that shows less to strangers, and asks nobody, is shown the password at once", async () => {
  const wanted = `Basic ${Buffer.from("ann:secret").toString("base64")}`;
  await using registry = await answering(({ headers }, response) => {
    response.end(JSON.stringify({ repositories: headers.authorization === wanted ? ["hidden"] : [] }));
  });
  expect(await all(listRepositories(registry.host, { credentials: null }))).toEqual([]);
  expect(await all(listRepositories(registry.host, { credentials: { username: "ann", password: "secret" } }))).toEqual(["hidden"]);
});

test("Docker Hub has none, by any of its names, and is not asked", async () => {
  for (const name of ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"])
    await expect(all(listRepositories(name))).rejects.toMatchObject({ code: "unsupported", hint: expect.stringContaining("berth search") });
  expect(registryName("https://localhost:5000/v2/")).toBe("localhost:5000");
});

test.each(["", "a b", "user:secret@host", "host:port"])("%j is no registry", async (name) => {
  await expect(all(listRepositories(name))).rejects.toMatchObject({ code: "invalid" });
});

test("lists that lead in a circle end, and what is no list is refused", async () => {
  await using registry = await answering((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://x");
    if (pathname === "/v2/bad/tags/list") return void response.end('{"tags":"all"}');
    if (pathname !== "/v2/") response.setHeader("link", `<${pathname}?n=1&last=one>; rel="next"`);
    response.end('{"tags":["one"]}');
  });
  const client = (path: string) => repositoryClient(`${registry.host}/${path}`);
  expect(await all(tagPages(client("round"), { count: 1 }))).toEqual(["one", "one"]);
  await expect(all(tagPages(client("bad")))).rejects.toThrow(
    'cannot list the tags of "bad": the answer is malformed: "tags" is not a list',
  );
});

test("an index is shown with its manifests, the image for this host, and what is attached", async () => {
  const found = await inspectRemote(`${repository}:1`);
  expect(found).toMatchObject({ Name: `${repository}:1`, Digest: digest, MediaType: expect.stringContaining("index") });
  expect(found.Manifests?.map(({ Platform, For }) => Platform ?? For)).toEqual(["linux/s390x", `linux/${architecture}`, here.digest]);
  expect(found.Manifest).toMatchObject({
    Digest: here.digest,
    Platform: `linux/${architecture}`,
    ConfigDigest: here.id,
    Annotations: { "com.example": "kept" },
  });
  expect(found.Manifest?.Layers).toHaveLength(2);
  expect(found.Referrers).toMatchObject([{ Kind: "signature", ArtifactType: "application/vnd.cncf.notary.signature" }]);
});

test("of an index another platform's image is shown on demand, or that there is none", async () => {
  const { Manifest } = await inspectRemote(`${repository}:1`, { platform: "linux/s390x" });
  expect(Manifest?.Platform).toBe("linux/s390x");
  await expect(inspectRemote(`${repository}:1`, { platform: "windows/amd64" })).rejects.toMatchObject({
    code: "not-found",
    hint: `it is there for linux/s390x, linux/${architecture}`,
  });
});

test("what cosign keeps under a tag is attached, too", async () => {
  const { Referrers, Manifests } = await inspectRemote(`${repository}@${here.digest}`);
  expect(Manifests).toBeUndefined();
  expect(Referrers).toMatchObject([{ Kind: "signature", Tag: `${here.digest.replace(":", "-")}.sig` }]);
});

test("an artifact that is no image is shown as what it is", async () => {
  const { digest: of } = await publishArtifact(repository, "chart", { artifactType: "application/vnd.cncf.helm.chart" });
  const { Manifest, ArtifactType } = await inspectRemote(`${repository}@${of}`);
  expect([ArtifactType, Manifest?.Config, Manifest?.Platform]).toEqual(["application/vnd.cncf.helm.chart", undefined, undefined]);
});

test("the raw manifest is what was sent, byte for byte", async () => {
  expect((await rawManifest(`${repository}:1`)).text).toBe((await published(`${repository}:1`)).text);
  expect((await rawManifest(`${repository}:1`, { platform: `linux/${architecture}` })).text).toBe(here.text);
});

test("a tag is described by what a pull of it would fetch", async () => {
  const client = repositoryClient(repository);
  const tags = new Set(await all(tagPages(client)));
  const size = JSON.parse(here.text).layers.reduce(
    (sum: number, each: { size: number }) => sum + each.size,
    JSON.parse(here.text).config.size,
  );
  expect(await describeTag(client, "1", tags)).toEqual({
    ...{ Digest: digest, MediaType: "application/vnd.oci.image.index.v1+json", Size: size, Created: "2026-01-01T00:00:00Z", Signed: true },
    Platforms: ["linux/s390x", `linux/${architecture}`],
  });
  expect(await describeTag(client, "here", tags)).toMatchObject({ Signed: true, Platforms: [`linux/${architecture}`] });
  expect(await describeTag(client, "other", tags)).toMatchObject({ Signed: false });
  expect(await digestOfTag(client, "1")).toBe(digest);
});

test("what was made at no time has no age", async () => {
  await publish(`${repository}:timeless`, [], { created: "0001-01-01T00:00:00Z" });
  expect((await describeTag(repositoryClient(repository), "timeless")).Created).toBeUndefined();
});

test("a digest that a registry does not state is computed", async () => {
  const body = `{"schemaVersion":2,"config":{"digest":"sha256:${"0".repeat(64)}","size":0},"layers":[]}`;
  await using registry = await answering((request, response) => void response.end(request.method === "HEAD" ? undefined : body));
  const { sha256 } = await import("../../../../engine/image/documents/chain.ts");
  expect(await digestOfTag(repositoryClient(`${registry.host}/x`), "1")).toBe(sha256(body));
});

test.each([
  ["application/vnd.cncf.notary.signature", {}, "signature"],
  ["application/vnd.dev.cosign.artifact.sig.v1+json", {}, "signature"],
  [
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    { "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1" },
    "signature",
  ],
  ["application/vnd.dev.sigstore.bundle.v0.3+json", { "dev.sigstore.bundle.content": "message-signature" }, "signature"],
  [
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" },
    "attestation",
  ],
  ["application/vnd.dev.sigstore.bundle.v0.3+json", { "dev.sigstore.bundle.predicateType": "https://spdx.dev/Document" }, "sbom"],
  ["application/vnd.in-toto+json", {}, "attestation"],
  ["application/spdx+json", {}, "sbom"],
  ["application/vnd.cyclonedx+json", {}, "sbom"],
  ["application/vnd.example.thing", {}, "other"],
  [undefined, undefined, "other"],
] as const)("a referrer of type %s (%j) is: %s", (artifactType, annotations, kind) => {
  expect(kindOfReferrer({ ...(artifactType && { artifactType }), ...(annotations && { annotations }) })).toBe(kind);
});

test("tags that are made of digests are told from names", () => {
  const hex = "0".repeat(64);
  expect([`sha256-${hex}`, `sha256-${hex}.sig`, "1.0", `sha256-${hex.slice(1)}`].map(isDigestTag)).toEqual([true, true, false, false]);
});
