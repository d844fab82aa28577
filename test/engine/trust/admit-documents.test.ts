/** Policies enforced on what is no image of the store: a project in a registry, a build's cache there, an image of a layout. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pushProject } from "../../../engine/compose/artifact/index.ts";
import { loadProject } from "../../../engine/compose/index.ts";
import { hostPlatform } from "../../../engine/platform.ts";
import { publicPem, type Signer } from "../../../engine/trust/keys.ts";
import { signImage } from "../../../engine/trust/sign.ts";
import { finish, openTestEngine } from "../../support/engine.ts";
import { buildProject, createProject } from "../build/project.ts";
import { layoutOf } from "../image/layout.ts";
import { type ServerScene, startServer } from "../registry/server/scene.ts";
import { signerOf } from "./scene.ts";

let server: ServerScene;
let signer: Signer;
const home = mkdtempSync(join(tmpdir(), "berth-admit-documents-"));
const before = process.env["XDG_CONFIG_HOME"];
const file = join(home, "berth/policy.yaml");

beforeAll(async () => {
  server = await startServer();
  signer = await signerOf("leaf.pem");
  mkdirSync(join(home, "berth"));
  process.env["XDG_CONFIG_HOME"] = home;
});
afterAll(async () => {
  if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
  else process.env["XDG_CONFIG_HOME"] = before;
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});
beforeEach(() => rmSync(file, { force: true }));

/** Asks for a signature on all that the registry has, and rejects what stands for no repository. */
function policy(more = "") {
  const keys = `keys:\n  release: ${JSON.stringify(publicPem(signer.key))}\n`;
  writeFileSync(file, `version: 1\ndefault: reject\n${more}${keys}rules: [{match: "${server.host}/**", signed-by: release}]\n`);
}

const sign = (ref: string) => finish(signImage(ref, { signer, formats: ["bundle"], certificates: [] }));

test("a project: when it is read, by the digest that is read; --no-verify needs the policy's permission, and is told", async () => {
  const ref = `${server.host}/team/project:1`;
  const text = Buffer.from("services: {web: {image: x}}\n");
  await pushProject(ref, [{ kind: "compose", name: "compose.yaml", text }], { created: 0, signal: new AbortController().signal });
  const load = (options = {}) =>
    loadProject({ cwd: home, env: { XDG_CACHE_HOME: join(home, "cache"), HOME: home }, files: [`oci://${ref}`], name: "p", ...options });
  expect((await load()).warnings).toEqual([]);
  policy();
  await expect(load()).rejects.toMatchObject({ code: "untrusted", message: expect.stringContaining("asks for a signature of release") });
  await expect(load({ noVerify: true })).rejects.toThrow("does not permit --no-verify");
  policy("allow-override: true\n");
  expect((await load({ noVerify: true })).warnings).toEqual([expect.stringContaining("project:1 is not verified: the rule for")]);
  policy();
  await sign(ref);
  expect((await load()).model.services).toHaveProperty("web");
});

test("a cache: what is not signed is not taken, and the build goes on without it", async () => {
  const ref = `${server.host}/team/cache:1`;
  using project = createProject({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
  await using maker = openTestEngine();
  await buildProject(maker.engine, project, { cacheTo: [{ type: "registry", ref }] });
  const build = async () => {
    await using other = openTestEngine();
    const { events, cached } = await buildProject(other.engine, project, { cacheFrom: [{ type: "registry", ref }] });
    return { warnings: events.flatMap((event) => (event.type === "warning" ? [event.text] : [])), cached };
  };
  policy();
  expect(await build()).toEqual({ warnings: [expect.stringMatching(/^cannot use the cache in .* cannot use /)], cached: [] });
  await sign(ref);
  expect(await build()).toMatchObject({ warnings: [], cached: [expect.stringContaining("COPY")] });
});

test("a layout: as an image that was made here and has no name", async () => {
  await using opened = openTestEngine();
  using layout = createProject({});
  const { archive } = layoutOf("base:1", [hostPlatform().architecture]);
  execFileSync("tar", ["-x", "-C", layout.directory], { input: archive });
  using project = createProject({ Dockerfile: "FROM base\nLABEL a=b\n" });
  const build = () => buildProject(opened.engine, project, { buildContexts: { base: `oci-layout://${layout.directory}` } });
  policy();
  await expect(build()).rejects.toMatchObject({ code: "untrusted", location: { line: 1 } });
  policy("local: accept\n");
  await build();
});
