import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { publicPem, readSigner, type Signer } from "../../../../engine/trust/keys.ts";
import { signImage } from "../../../../engine/trust/sign.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import type { TestRegistry } from "../../../support/registry.ts";
import { collect, createProject } from "../project.ts";

let opened: TestEngine;
let registry: TestRegistry;
let ref: string;
const signer = (name: string): Promise<Signer> =>
  readSigner(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(), name, async () => "");
const [release, other] = await Promise.all([signer("release"), signer("other")]);

beforeAll(async () => {
  opened = openTestEngine();
  registry = await startOwnRegistry();
  await importBusybox(opened.engine);
  ref = `${registry.host}/base:1`;
  await opened.engine.images.tag("busybox", ref);
  await finish(opened.engine.images.push(ref));
  await finish(signImage(ref, { signer: release, formats: ["simple"], certificates: [] }));
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

async function build(lines: string[], options: object = {}) {
  const keys = { "release.pub": publicPem(release.key), "other.pub": publicPem(other.key), "no.pub": "nothing" };
  using project = createProject({ Dockerfile: `${lines.join("\n")}\n`, ...keys });
  const { events, end } = await collect(opened.engine, { context: project.directory, ...options });
  const error = await end.then(
    () => undefined,
    (thrown: EngineError) => thrown,
  );
  const checked = events.filter(
    (event) => event.type === "step" && event.status === "started" && event.name.startsWith("checking berth:verify"),
  );
  return { error, checked: checked.length };
}

test("an image that one of the keys has signed is built from, and then without its registry, too", async () => {
  const lines = ["# berth:verify other.pub release.pub", `FROM ${ref}`, `COPY --from=${ref} /bin/sh /sh2`];
  expect(await build(lines)).toEqual({ error: undefined, checked: 1 });
  await using other = await startOwnRegistry();
  const elsewhere = `${other.host}/base:1`;
  await opened.engine.images.tag(ref, elsewhere);
  await finish(opened.engine.images.push(elsewhere));
  await other[Symbol.asyncDispose]();
  const away = await build(["# berth:verify release.pub", `FROM ${elsewhere}`]);
  expect(away).toEqual({ error: undefined, checked: 1 });
});

test("one that nobody of them has signed fails at its FROM", async () => {
  const { error } = await build(["# berth:verify other.pub", `FROM ${ref}`]);
  expect(error).toMatchObject({ code: "build-step", location: { line: 2, column: 1 } });
  expect(error?.message).toMatch(/demands: none counts \(simple sha256:[0-9a-f]+: none of the keys made it/);
});

test("without a key, and without a policy that asks for signatures, nothing counts", async () => {
  const { error } = await build(["# berth:verify", `FROM ${ref}`]);
  expect(error).toMatchObject({ code: "build-step", location: { line: 2, column: 1 } });
  expect(error?.message).toContain("no policy of this host asks for signatures of it");
  expect(await build(["# berth:verify", "FROM scratch", "COPY no.pub /"])).toEqual({ error: undefined, checked: 0 });
});

test("one that is only copied from counts as well, and one that came from no registry", async () => {
  using project = createProject({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
  await (await collect(opened.engine, { context: project.directory, tags: ["local:1"] })).end;
  const { error } = await build(["# berth:verify release.pub", "FROM scratch", "COPY --from=local:1 /Dockerfile /"]);
  expect(error).toMatchObject({ code: "build-step", location: { line: 3 } });
  expect(error?.message).toContain("it has no digest of a registry's that could be signed");
});

test("a key that is none, or not there, fails at the directive", async () => {
  for (const [key, why] of [
    ["no.pub", 'cannot use the key "no.pub"'],
    ["gone.pub", "there is no such file in the build context"],
  ] as const) {
    const { error } = await build(["FROM scratch", `# berth:verify ${key}`]);
    expect(error).toMatchObject({ code: "build-step", location: { line: 2, column: 1 } });
    expect(error?.message).toContain(why);
  }
  const { error } = await build(["# berth:verify release.pub", "FROM base"], { buildContexts: { base: "oci-layout:///x:1" } });
  expect(error?.message).toContain("a layout has no signatures");
});
