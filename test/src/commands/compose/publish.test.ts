/** `compose publish`: what is refused, what is asked about, what is sent; and what is said before such a project runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mediaTypes, parseReference, sha256 } from "../../../../engine/image/documents/index.ts";
import { RegistryClient } from "../../../../engine/registry/client.ts";
import { fetchDocument } from "../../../../engine/registry/manifest.ts";
import { listReferrers } from "../../../../engine/registry/referrers.ts";
import { putManifest, uploadBytes } from "../../../../engine/registry/upload.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { presentResult } from "../../../../src/present.ts";
import { finish, openTestEngine } from "../../../support/engine.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import type { TestRegistry } from "../../../support/registry.ts";

const home = mkdtempSync(join(tmpdir(), "berth-compose-publish-"));
const opened = openTestEngine();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startOwnRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const env = { XDG_CACHE_HOME: join(home, "cache"), SOURCE_DATE_EPOCH: "0" };

/** @param answer to the question, if there is one */
async function run(words: string[], { files = {}, answer = false }: { files?: Record<string, string>; answer?: boolean } = {}) {
  const cwd = mkdtempSync(join(home, "project-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const questions: string[] = [];
  const confirm = async (question: string) => {
    questions.push(question);
    return answer;
  };
  const context = { engine: opened.engine, io: { streams: {}, confirm, cwd, env }, signal: new AbortController().signal } as never;
  const done = await finish(execute(context, ["compose", ...words]));
  return { text: await presentResult(done.spec, done.input, done.result), result: done.result as { Digest?: string }, questions, cwd };
}

const simple = { "compose.yaml": "services: { web: { image: x } }" };
const target = (name: string) => `${registry.host}/${name}`;

test.each([
  ["variables", "services: { web: { image: x, environment: { A: b } } }", /service "web" has environment variables/],
  ["a file of variables", "services: { web: { image: x, env_file: a.env } }", /service "web" has an env_file/],
  ["a config that is one", "services: { web: { image: x, configs: [c] } }\nconfigs: { c: { environment: C } }", /config "c" is an/],
  ["a build alone", "services: { web: { build: . } }", /only its build says what "web" runs/],
])("refused: %s", async (_, text, message) => {
  await expect(run(["publish", target("refused")], { files: { "compose.yaml": text, "a.env": "" } })).rejects.toThrow(message);
  await expect(run(["publish", `${target("refused")}@sha256:${"a".repeat(64)}`], { files: simple })).rejects.toThrow(/a digest is what/);
  expect(registry.log()).not.toContain("refused");
});

test("nothing is asked about what has nothing to hide; the same files have the same digest", async () => {
  const { questions, result, text } = await run(["publish", target("simple:1")], { files: simple });
  expect({ questions, text }).toEqual({ questions: [], text: "" });
  expect((await run(["publish", target("simple:2")], { files: simple })).result.Digest).toBe(result.Digest);
});

const doubtful = {
  "compose.yaml":
    "services: { web: { image: x, volumes: ['./data:/data'], environment: { PASSWORD: hunter2 }, env_file: web.env, profiles: [p] } }",
  "web.env": "TOKEN=abc\n",
};

test("binds, variables and what looks like a secret are asked about, once; no is no", async () => {
  const { questions, cwd } = await run(["publish", "--with-env", target("asked")], { files: doubtful });
  expect(questions).toEqual([expect.stringContaining(`  web: ${cwd}/data:/data`)]);
  for (const line of ["compose.yaml:1: value of a variable", ".env:1: value of a variable", "  web: PASSWORD=hunter2"])
    expect(questions[0]).toContain(line);
  expect(registry.log()).not.toContain("asked");
});

test("yes, and --yes", async () => {
  expect((await run(["publish", "--with-env", target("yes:1")], { files: doubtful, answer: true })).result.Digest).toMatch(/^sha256:/);
  const { questions, result } = await run(["publish", "--y", target("yes:2")], { files: doubtful });
  expect({ questions, Digest: result.Digest }).toEqual({ questions: [], Digest: expect.stringMatching(/^sha256:/) });
});

test("a dry run sends nothing", async () => {
  expect((await run(["--dry-run", "publish", target("dry")], { files: simple })).result).toEqual({});
  expect(registry.log()).not.toContain("/dry/");
});

test("images by digest, run elsewhere with the variables that it wants: they are shown, and asked about", async () => {
  const client = new RegistryClient(parseReference(target("busybox:1")), { actions: "pull,push" });
  const text = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } });
  await uploadBytes(client, Buffer.from(text));
  const config = { mediaType: mediaTypes.ociConfig, digest: sha256(text), size: text.length };
  await putManifest(client, "1", mediaTypes.ociManifest, JSON.stringify({ schemaVersion: 2, config, layers: [] }));
  const files = { "compose.yaml": `services: { web: { image: "${target("busybox:${TAG:-1}")}", command: [echo, "\${WHO:?}"] } }` };
  await expect(run(["publish", "--resolve-image-digests", target("pinned")], { files })).rejects.toThrow(/WHO/);
  const set = { ...files, ".env": "WHO=me" };
  await run(["publish", "--resolve-image-digests", target("pinned")], { files: set });
  const { text: pinned } = await run(["-f", `oci://${target("pinned")}`, "config", "--images"], { files: { ".env": "WHO=me" } });
  expect(pinned).toMatch(/busybox:1@sha256:[0-9a-f]{64}\n$/);
  const { result } = await run(["publish", "--app", target("app")], { files: set });
  const beside = new RegistryClient(parseReference(target("app")), {});
  const [listed] = await listReferrers(beside, result.Digest!);
  const index = JSON.parse((await fetchDocument(beside, listed!.digest)).text);
  expect(index).toMatchObject({
    manifests: [{ digest: pinned.trim().split("@")[1] }],
    subject: { artifactType: expect.stringContaining("compose.project") },
  });
  expect((await fetchDocument(beside, index.manifests[0].digest)).mediaType).toBe(mediaTypes.ociManifest);
  const up = run(["-f", `oci://${target("pinned")}`, "up", "-d"], { files: { ".env": "WHO=me" } });
  await expect(up).rejects.toMatchObject({ code: "cancelled", exit: 1 });
});
