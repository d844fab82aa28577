/** Projects in a registry: sent, fetched, kept by digest; and nothing that comes from there leads out of its directory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ArtifactFile, describeFile, manifestText } from "../../../../engine/compose/artifact/artifact.ts";
import { pushProject } from "../../../../engine/compose/artifact/index.ts";
import { type LoadOptions, loadProject } from "../../../../engine/compose/index.ts";
import { parseReference } from "../../../../engine/image/documents/index.ts";
import { RegistryClient } from "../../../../engine/registry/client.ts";
import { putManifest, uploadBytes } from "../../../../engine/registry/upload.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import type { TestRegistry } from "../../../support/registry.ts";

const home = mkdtempSync(join(tmpdir(), "berth-compose-artifact-"));
const env = { XDG_CACHE_HOME: join(home, "cache"), HOME: home };
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startOwnRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const compose = (text: string, name = "compose.yaml"): ArtifactFile => ({ kind: "compose", name, text: Buffer.from(text) });
const beside = (kind: "extended" | "variables", name: string, text: string): ArtifactFile => ({ kind, name, text: Buffer.from(text) });
const signal = new AbortController().signal;

const publish = (name: string, files: ArtifactFile[], version?: "1.0" | "1.1") =>
  pushProject(`${registry.host}/${name}`, files, { created: 0, signal, version });
const address = (name: string) => `oci://${registry.host}/${name}`;
const load = (files: string[], options: Partial<LoadOptions> = {}) => loadProject({ cwd: home, env, files, name: "p", ...options });

const own = [
  compose("services: { web: { extends: { file: base.yaml, service: s }, env_file: w.env, volumes: ['./data:/d'] } }"),
  compose("services: { web: { labels: { a: b } } }", "over.yaml"),
  beside("extended", "base.yaml", "services: { s: { image: x } }"),
  beside("variables", "w.env", "A=1\n"),
];

test.each(["1.0", "1.1"] as const)(
  "there and back, OCI %s: files, what they extend, variables; paths start in the cache",
  async (version) => {
    const { Digest } = await publish(`whole-${version}`, own, version);
    const project = await load([address(`whole-${version}`)], { signal });
    const directory = join(env.XDG_CACHE_HOME, "berth/compose", Digest.slice("sha256:".length));
    expect(project.files).toEqual([join(directory, "compose.yaml")]);
    expect(project.fetched).toEqual(project.files);
    expect(project.model.services["web"]).toMatchObject({
      ...{ image: "x", labels: { a: "b" }, environment: { A: "1" } },
      volumes: [{ source: join(directory, "data") }],
    });
    expect(readdirSync(directory).sort()).toEqual(["base.yaml", "compose.yaml", "w.env"]);
  },
);

test("a registry that knows no artifacts gets OCI 1.0", async () => {
  await using old = await startOwnRegistry({ withoutArtifacts: true });
  await pushProject(`${old.host}/a:1`, own, { created: 0, signal });
  expect((await load([`oci://${old.host}/a:1`])).model.services).toHaveProperty("web");
  await expect(pushProject(`${old.host}/a:2`, own, { created: 0, signal, version: "1.1" })).rejects.toMatchObject({ code: "registry" });
});

test("a digest is asked for once; what was kept and is no more what it was is fetched again", async () => {
  const { Digest } = await publish("kept", own);
  const name = `${address("kept")}@${Digest}`;
  await load([name]);
  const asked = registry.log().length;
  await load([name]);
  expect(registry.log().length).toBe(asked);
  const hex = Digest.slice("sha256:".length);
  for (const path of [`blobs/${hex}`, `${hex}/compose.yaml`])
    writeFileSync(join(env.XDG_CACHE_HOME, "berth/compose", path), "services: {}");
  expect((await load([name])).model.services).toHaveProperty("web");
  expect(registry.log().length).toBeGreaterThan(asked);
  expect(readFileSync(join(env.XDG_CACHE_HOME, "berth/compose", hex, "compose.yaml"), "utf8")).toContain("extends");
});

test("beside files of this host: over it, included, extended", async () => {
  await publish("part", own);
  writeFileSync(join(home, "mine.yaml"), "services: { web: { volumes: ['./here:/h', '/etc:/e'], env_file: mine.env } }");
  writeFileSync(join(home, "mine.env"), "B=2");
  const { model } = await load([address("part"), "mine.yaml"]);
  expect(model.services["web"]!.volumes?.map(({ source }) => source)).toEqual([
    expect.stringContaining("cache/berth/compose"),
    join(home, "here"),
    "/etc",
  ]);
  expect(model.services["web"]!.environment).toEqual({ A: "1", B: "2" });
  writeFileSync(
    join(home, "outer.yaml"),
    `include: ["${address("part")}"]\nservices: { own: { extends: { file: "${address("part")}", service: web } } }`,
  );
  const outer = await load(["outer.yaml"]);
  expect(outer.model.services).toMatchObject({ web: { image: "x" }, own: { image: "x", environment: { A: "1" } } });
});

describe("what leads out", () => {
  test.each([
    ["a bind of the host", "services: { a: { image: x, volumes: ['/etc:/etc'] } }"],
    ["a bind above", "services: { a: { image: x, volumes: [{ type: bind, source: ../other, target: /o }] } }"],
    ["a bind that winds its way", "services: { a: { image: x, volumes: ['./x/../../y:/o'] } }"],
    ["a bind of the home", "services: { a: { image: x, volumes: ['~/.ssh:/o'] } }"],
    ["an environment file", "services: { a: { image: x, env_file: /etc/passwd } }"],
    ["a file of labels", "services: { a: { image: x, label_file: [../l] } }"],
    ["an extended file", "services: { a: { image: x, extends: { file: ../up.yaml, service: a } } }"],
    ["an included file", "include: [/srv/compose.yaml]\nservices: { a: { image: x } }"],
    ["an include's variables", "include: [{ path: [compose.yaml], env_file: /etc/environment }]\nservices: { a: { image: x } }"],
    ["a secret", "services: { a: { image: x } }\nsecrets: { s: { file: ~/.ssh/id_rsa } }"],
    ["a config", "services: { a: { image: x } }\nconfigs: { s: { file: ../../c } }"],
    [
      "a volume that is a bind",
      "services: { a: { image: x } }\nvolumes: { v: { driver: local, driver_opts: { type: none, o: bind, device: / } } }",
    ],
    ["a context", "services: { a: { build: / } }"],
    ["a further context", "services: { a: { build: { context: ., additional_contexts: { x: /root } } } }"],
    ["what is watched", "services: { a: { image: x, develop: { watch: [{ path: /etc, action: sync, target: /e }] } } }"],
  ])("%s", async (name, text) => {
    const repository = `out/${name.replaceAll(/[^a-z]+/g, "-")}`;
    await publish(repository, [compose(text)]);
    await expect(load([address(repository)])).rejects.toMatchObject({
      code: "compose",
      message: expect.stringContaining("leads out of the project"),
      location: { file: expect.stringContaining("compose.yaml") },
    });
  });

  test("of what it extends", async () => {
    const files = [
      compose("services: { a: { extends: { file: base.yaml, service: s } } }"),
      beside("extended", "base.yaml", "services: { s: { image: x, volumes: ['/:/host'] } }"),
    ];
    await publish("out/base", files);
    await expect(load([address("out/base")])).rejects.toMatchObject({ message: expect.stringContaining("leads out of the project") });
  });
});

describe("what is no project", () => {
  const raw = async (name: string, document: object | string, ...blobs: Buffer[]) => {
    const client = new RegistryClient(parseReference(`${registry.host}/${name}:latest`), { actions: "pull,push" });
    for (const blob of [Buffer.from("{}"), ...blobs]) await uploadBytes(client, blob);
    const text = typeof document === "string" ? document : JSON.stringify(document);
    await putManifest(client, "latest", JSON.parse(text).mediaType, text);
    return load([address(name)]);
  };
  const file = compose("services: { a: { image: x } }");
  const manifest = (...files: ArtifactFile[]) => JSON.parse(manifestText(files, "1.1", 0));

  test.each(["../up.yaml", "a/b.yaml", "..", "", "a\\b", "compose.yaml"])("a file that is called %o", async (name) => {
    const hostile = beside("extended", name, "services: {}");
    await expect(raw("hostile", manifest(file, hostile), file.text, hostile.text)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("two files of a name, and none at all", async () => {
    const [one, other] = [beside("variables", "a.env", "A=1"), beside("variables", "a.env", "A=2")];
    await expect(raw("twice", manifest(file, one, other), file.text, one.text, other.text)).rejects.toThrow(/two files "a.env"/);
    await expect(raw("none", manifest(one), one.text)).rejects.toThrow(/has no compose file/);
  });

  test("an image, an index without one, other bytes than their digest", async () => {
    const image = { ...manifest(file), artifactType: "application/x", config: { ...manifest(file).config, mediaType: "y" } };
    await expect(raw("image", image, file.text)).rejects.toThrow(/no project of compose but "application\/x"/);
    const mediaType = "application/vnd.oci.image.index.v1+json";
    await expect(raw("index", { schemaVersion: 2, mediaType, manifests: [] })).rejects.toThrow(/none of what its index lists/);
    const large = { ...describeFile(file), size: 1 << 30 };
    await expect(raw("large", { ...manifest(file), layers: [large] }, file.text)).rejects.toThrow(/claims 1073741824 bytes/);
  });

  test("one among the images of an index is taken", async () => {
    await raw("app", manifest(file), file.text);
    const text = manifestText([file], "1.1", 0);
    const { Digest } = await publish("app", [file]);
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: Digest, size: text.length };
    const project = await raw("app", {
      schemaVersion: 2,
      mediaType,
      manifests: [{ ...entry, artifactType: "application/vnd.docker.compose.project" }],
    });
    expect(project.model.services).toHaveProperty("a");
  });

  test("the user wants none", async () => {
    const off = { ...env, COMPOSE_EXPERIMENTAL_OCI_REMOTE: "false" };
    await expect(load([address("whole-1.1")], { env: off })).rejects.toMatchObject({ code: "unsupported" });
  });
});
