import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseStatement } from "../../../../engine/attest/statement.ts";
import type { Index } from "../../../../engine/image/types.ts";
import type { Attestation, BuildOptions, Statement } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import { buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine({ version: "1.2.3" });
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const attests: NonNullable<BuildOptions["attests"]> = [
  { type: "provenance", attributes: { mode: "max" } },
  { type: "sbom", attributes: { format: "spdx+cyclonedx" } },
];
const node = '{"name":"left-pad","version":"1.3.0","license":"MIT"}';
const files = { Dockerfile: "FROM busybox\nARG TOKEN\nCOPY package.json /node_modules/left-pad/\n", "package.json": node };

async function indexOf(name: string): Promise<Index> {
  const { Descriptor } = await opened.engine.images.inspect(name);
  return JSON.parse((await opened.engine.images.document(Descriptor!.digest)).text) as Index;
}

const predicates = (found: readonly Attestation[]) =>
  Object.fromEntries(found.map(({ PredicateType, Statement }) => [PredicateType, Statement!.predicate]));

describe("an image with attestations", () => {
  test("is an index, as BuildKit writes it, which a name stands for", async () => {
    using project = createProject(files);
    const { result } = await buildProject(opened.engine, project, { tags: ["app:1"], attests, buildArgs: { TOKEN: "told" } });
    const index = await indexOf("app:1");
    expect(result.Metadata["containerimage.digest"]).toBe((await opened.engine.images.inspect("app:1")).Descriptor?.digest);
    const [image, attestation] = index.manifests;
    expect(index.manifests).toMatchObject([
      { mediaType: "application/vnd.oci.image.manifest.v1+json", platform: { os: "linux" } },
      {
        platform: { architecture: "unknown", os: "unknown" },
        annotations: { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image!.digest },
      },
    ]);
    const manifest = JSON.parse((await opened.engine.images.document(attestation!.digest)).text);
    expect(manifest.layers.map((layer: object) => layer)).toMatchObject([
      { mediaType: "application/vnd.in-toto+json", annotations: { "in-toto.io/predicate-type": "https://spdx.dev/Document" } },
      { mediaType: "application/vnd.in-toto+json", annotations: { "in-toto.io/predicate-type": "https://cyclonedx.org/bom" } },
      { mediaType: "application/vnd.in-toto+json", annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" } },
    ]);
    const found = await opened.engine.images.attestations("app:1", { statements: true });
    for (const { Statement: statement } of found)
      expect(statement!.subject).toEqual([{ name: "app:1", digest: { sha256: image!.digest.slice("sha256:".length) } }]);
    const { engine } = opened;
    // Without a manifest, which nothing refers to: what the store has of others is not said of it.
    expect(await engine.images.attestations("busybox")).toEqual([]);
    const said = predicates(found);
    expect(said["https://spdx.dev/Document"]).toMatchObject({
      spdxVersion: "SPDX-2.3",
      packages: [{ name: "app:1" }, { name: "left-pad", versionInfo: "1.3.0", licenseDeclared: "MIT" }],
    });
    expect(said["https://cyclonedx.org/bom"]).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      components: [{ name: "left-pad", version: "1.3.0", purl: "pkg:npm/left-pad@1.3.0" }],
    });
    const base = (await engine.images.inspect("busybox")).Id.slice("sha256:".length);
    expect(said["https://slsa.dev/provenance/v1"]).toMatchObject({
      buildDefinition: {
        externalParameters: { configSource: { path: "Dockerfile" }, request: { args: { "build-arg:TOKEN": "told" } } },
        resolvedDependencies: [{ uri: expect.stringMatching(/^pkg:docker\/busybox@latest\?platform=linux%2F/), digest: { sha256: base } }],
      },
    });
  });

  test("is tagged, pushed, saved, loaded and removed as any", async () => {
    using project = createProject(files);
    await using registry = await startOwnRegistry();
    const { engine } = opened;
    const name = `${registry.host}/attested:1`;
    await buildProject(engine, project, { tags: [name], attests });
    await engine.images.tag(name, "other:1");
    expect((await engine.images.inspect("other:1")).Descriptor).toEqual((await engine.images.inspect(name)).Descriptor);
    const { Descriptor } = await engine.images.inspect(name);
    expect((await finish(engine.images.push(name))).Digest).toBe(Descriptor!.digest);
    const archive = await engine.images.save(["other:1"]);
    await using second = openTestEngine();
    await finish(second.engine.images.load(archive));
    const before = await engine.images.attestations(name);
    expect(await second.engine.images.attestations("other:1")).toEqual(before);
    await finish(second.engine.images.pull(name));
    expect((await second.engine.images.attestations(name)).map(({ Manifest }) => Manifest)).toContain(before[0]!.Manifest);
    await engine.images.remove(name);
    await engine.images.remove("other:1");
    await expect(engine.images.document(Descriptor!.digest)).rejects.toMatchObject({ code: "not-found" });
  });

  test("an image of a pull has its bill made on the spot, and is told what its index names", async () => {
    using project = createProject(files);
    await using registry = await startOwnRegistry();
    const name = `${registry.host}/pulled:1`;
    await buildProject(opened.engine, project, { tags: [name], attests });
    await finish(opened.engine.images.push(name));
    await using second = openTestEngine();
    await finish(second.engine.images.pull(name));
    expect((await second.engine.images.attestations(name)).map(({ IsHere }) => IsHere)).toEqual([false]);
    const bill = await second.engine.images.bill(name);
    expect(bill).toMatchObject({ Packages: [{ Name: "left-pad", Type: "npm", License: "MIT" }], Notes: [] });
    expect(bill.Attestation).toBeUndefined();
    await finish(second.engine.images.pull(name, { allPlatforms: true }));
    expect((await second.engine.images.bill(name)).Attestation).toMatch(/^sha256:/);
  });

  test("files are written beside those of the image, through no link of its", async () => {
    using project = createProject({ Dockerfile: "FROM scratch\nCOPY files /\n", "files/package.json": node });
    symlinkSync("/etc/hostname", join(project.directory, "files/provenance.json"));
    const dest = mkdtempSync(join(tmpdir(), "berth-out-"));
    const { end } = await collect(opened.engine, {
      context: project.directory,
      attests,
      outputs: [{ type: "local", dest, attributes: {} }],
    });
    await end;
    expect(readdirSync(dest).sort()).toEqual(["package.json", "provenance.json", "sbom.cyclonedx.json", "sbom.spdx.json"]);
    expect(parseStatement(readFileSync(join(dest, "provenance.json"), "utf8"), "it").predicateType).toBe("https://slsa.dev/provenance/v1");
    rmSync(dest, { recursive: true });
  });

  test("a tar of files holds none", async () => {
    using project = createProject(files);
    const { end } = await collect(opened.engine, {
      context: project.directory,
      attests,
      outputs: [{ type: "tar", dest: "-", attributes: {} }],
    });
    await expect(end).rejects.toMatchObject({ code: "unsupported", message: "cannot write attestations to an output of type tar" });
  });
});

test("with SOURCE_DATE_EPOCH two stores make the same index, bill of materials and all", async () => {
  const build = async () => {
    using project = createProject({
      Dockerfile: "FROM scratch\nCOPY package.json /node_modules/left-pad/\nCOPY token /\n",
      "package.json": node,
      token: "1",
    });
    await using own = openTestEngine({ version: "1.2.3" });
    const options = { buildArgs: { SOURCE_DATE_EPOCH: "1600000000" }, noCache: true, attests: attests.slice(1), tags: ["same:1"] };
    return (await buildProject(own.engine, project, options)).result.Metadata;
  };
  const [first, second] = [await build(), await build()];
  expect(first["containerimage.digest"]).toMatch(/^sha256:/);
  expect(second).toEqual(first);
});

test("secrets and what the host knows are in no provenance", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN --mount=type=secret,id=token --network=none cat /run/secrets/token | wc -c\n",
    token: "hidden-word",
  });
  const { result } = await buildProject(opened.engine, project, {
    tags: ["secret:1"],
    attests: [{ type: "provenance", attributes: { mode: "max" } }],
    secrets: [{ id: "token", file: join(project.directory, "token") }],
    buildArgs: { HTTPS_PROXY: "http://me:hidden-word@proxy" },
    buildContexts: { more: project.directory },
  });
  const [{ Statement: statement } = {}] = await opened.engine.images.attestations("secret:1", { statements: true });
  const text = JSON.stringify(statement);
  expect(text).toContain('"secrets":[{"id":"token"');
  expect(text).toContain('"context:more":"local:more"');
  expect(text).not.toContain("hidden-word");
  expect(text).not.toContain(project.directory);
  expect(result.Steps.total).toBeGreaterThan(0);
});

describe("a statement about an image that is here", () => {
  const statement = (found: readonly Attestation[]) => found[0]?.Statement as Statement;

  test("refers to its manifest, and goes along with it", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nLABEL plain=1\n" });
    const { engine } = opened;
    await buildProject(engine, project, { tags: ["stated:1"] });
    const before = (await engine.images.inspect("stated:1")).Id;
    const { Manifest } = await engine.images.attest("stated:1", { predicateType: "custom", predicate: { ok: true } });
    const found = await engine.images.attestations("stated:1", { statements: true });
    expect(found).toMatchObject([
      { PredicateType: "https://cosign.sigstore.dev/attestation/v1", Kept: "referrer", IsSigned: false, IsHere: true, Manifest },
    ]);
    const { Descriptor, Id } = await engine.images.inspect("stated:1");
    expect(Id).toBe(before);
    expect(statement(found)).toMatchObject({
      subject: [{ name: "docker.io/library/stated", digest: { sha256: Descriptor!.digest.slice(7) } }],
      predicate: { ok: true },
    });
    await using second = openTestEngine();
    await finish(second.engine.images.load(await engine.images.save(["stated:1"])));
    expect(await second.engine.images.attestations("stated:1", { statements: true })).toEqual(found);
  });

  test("a type that is neither known nor a URI is refused", async () => {
    const attesting = opened.engine.images.attest("busybox", { predicateType: "tests", predicate: {} });
    await expect(attesting).rejects.toMatchObject({ code: "usage", message: 'invalid type of an attestation "tests"' });
  });
});
