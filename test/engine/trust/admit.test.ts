/** Policies enforced: pull, create, mounts, FROM, COPY --from and load all ask, of what is really used; offline with what was kept. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { House } from "../../../engine/house.ts";
import { publicPem, readSigner, type Signer } from "../../../engine/trust/keys.ts";
import { type SigningFormat, signImage } from "../../../engine/trust/sign.ts";
import { signedBy } from "../../../engine/trust/signed.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { shelve } from "../image/shelf.ts";
import { type ServerScene, startServer } from "../registry/server/scene.ts";
import { textOf } from "./scene.ts";

let server: ServerScene;
let signers: { release: Signer; ops: Signer };
let maker: TestEngine;
let opened: TestEngine;
let house: House;
let config: string;
const before = process.env["XDG_CONFIG_HOME"];

beforeAll(async () => {
  server = await startServer();
  maker = openTestEngine();
  config = mkdtempSync(join(tmpdir(), "berth-admit-"));
  process.env["XDG_CONFIG_HOME"] = config;
  mkdirSync(join(config, "berth"));
  const { generateKeyPairSync } = await import("node:crypto");
  const ops = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  signers = {
    release: await readSigner(textOf("leaf.pem"), "release", async () => ""),
    ops: await readSigner(ops, "ops", async () => ""),
  };
});
afterAll(async () => {
  if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
  else process.env["XDG_CONFIG_HOME"] = before;
  await maker[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(config, { recursive: true, force: true });
});
beforeEach(() => {
  opened = openTestEngine();
  house = opened.engine;
  noPolicy();
});
afterEach(() => opened[Symbol.asyncDispose]());

const file = () => join(config, "berth/policy.yaml");
const noPolicy = () => rmSync(file(), { force: true });
/** Asks for a signature of release on all that this registry has. */
function policy(more = "", rule = "signed-by: release") {
  const keys = Object.entries(signers).map(([name, { key }]) => `  ${name}: ${JSON.stringify(publicPem(key))}`);
  const text = `version: 1\ndefault: reject\n${more}keys:\n${keys.join("\n")}\nrules:\n  - {match: "${server.host}/**", ${rule}}\n`;
  writeFileSync(file(), text);
}

/** An image in the registry. @returns its digest */
async function publish(name: string, layer = name): Promise<string> {
  await shelve(maker.engine, { references: [`${server.host}/${name}`], layers: [layer] });
  const { Digest } = await finish(maker.engine.images.push(`${server.host}/${name}`));
  return Digest;
}

const sign = (name: string, signer = signers.release, formats: SigningFormat[] = ["bundle"], more = {}) =>
  finish(signImage(`${server.host}/${name}`, { signer, formats, ...more }));
const pull = (name: string, options = {}) => finish(house.images.pull(`${server.host}/${name}`, options));
const create = (image: string, more = {}) => finish(house.containers.create({ Image: image, Cmd: ["x"], ...more }));
const refused = { code: "untrusted", exit: 77 };

async function build(dockerfile: string, more = {}) {
  const context = mkdtempSync(join(tmpdir(), "berth-admit-build-"));
  writeFileSync(join(context, "Dockerfile"), dockerfile);
  try {
    return await finish(house.builder.build({ context, ...more }));
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

describe("pull", () => {
  test.each(["bundle", "simple"] as const)("what is not signed does not come; what is, does (%s)", async (format) => {
    const name = `pull-${format}:1`;
    const digest = await publish(name);
    policy();
    const error = await pull(name).catch((each: unknown) => each);
    expect(error).toMatchObject({ ...refused, details: { keys: ["release"], signedBy: [], findings: [] } });
    expect((error as Error).message).toBe(
      `cannot use "${server.host}/${name}" (${digest}): the rule for "${server.host}/**" (${file()}:7) asks for a signature of release; there is none`,
    );
    expect(await house.images.list()).toEqual([]);
    await sign(name, signers.ops, [format]);
    await expect(pull(name)).rejects.toThrow("none counts (");
    await sign(name, signers.release, [format]);
    expect(await pull(name)).toMatchObject({ Digest: digest });
  });

  test("all platforms, and all tags", async () => {
    await publish("many:1");
    policy();
    await expect(pull("many:1", { allPlatforms: true })).rejects.toMatchObject(refused);
    await expect(pull("many", { allTags: true })).rejects.toMatchObject(refused);
    await sign("many:1");
    await pull("many:1", { allPlatforms: true });
  });

  test("another repository's, and what no rule is for", async () => {
    policy();
    const other = await startServer();
    await shelve(maker.engine, { references: [`${other.host}/app:1`], layers: ["other"] });
    await finish(maker.engine.images.push(`${other.host}/app:1`));
    await expect(finish(house.images.pull(`${other.host}/app:1`))).rejects.toThrow(`the default (${file()}:2) rejects it`);
    await other[Symbol.asyncDispose]();
  });

  test("two of them, with an annotation", async () => {
    await publish("two:1");
    policy("", "signed-by: [release, ops], at-least: 2, annotations: {env: prod}");
    await sign("two:1", signers.release, ["bundle"], { annotations: { env: "prod" } });
    await sign("two:1", signers.ops, ["simple"], { annotations: { env: "test" } });
    await expect(pull("two:1")).rejects.toThrow("asks for a signature of 2 of release, ops; it has release");
    await sign("two:1", signers.ops, ["simple"], { annotations: { env: "prod" } });
    await pull("two:1");
  });
});

describe("what is here already", () => {
  test("is verified when a container is made of it, by its name, its id, and another name that it was given", async () => {
    await publish("here:1");
    const { Id } = await pull("here:1");
    await house.images.tag(Id, "elsewhere:1");
    await house.images.tag(Id, `${server.host}/given/away:1`);
    policy();
    for (const name of [`${server.host}/here:1`, Id, Id.slice(7, 19), `${server.host}/given/away:1`])
      await expect(create(name)).rejects.toMatchObject(refused);
    await expect(create("elsewhere:1")).rejects.toThrow("rejects it");
    expect(await house.containers.list({ all: true })).toEqual([]);
    await sign("here:1");
    for (const name of [`${server.host}/here:1`, Id]) await create(name);
    await expect(create("elsewhere:1")).rejects.toThrow("rejects it");
  });

  test("goes on when the registry is gone, by the signatures that were kept; what is not kept says that it cannot be asked", async () => {
    const own = await startServer();
    for (const name of ["kept:1", "bare:1"]) {
      await shelve(maker.engine, { references: [`${own.host}/${name}`], layers: [name] });
      await finish(maker.engine.images.push(`${own.host}/${name}`));
    }
    await finish(signImage(`${own.host}/kept:1`, { signer: signers.release, formats: ["simple"] }));
    await finish(house.images.pull(`${own.host}/bare:1`));
    policy();
    writeFileSync(
      file(),
      `version: 1\ndefault: {signed-by: release}\nkeys:\n  release: ${JSON.stringify(publicPem(signers.release.key))}\n`,
    );
    await finish(house.images.pull(`${own.host}/kept:1`));
    await own[Symbol.asyncDispose]();
    await create(`${own.host}/kept:1`);
    await expect(create(`${own.host}/bare:1`)).rejects.toThrow("its registry could not be asked: ");
    // What was kept is judged anew under another policy.
    writeFileSync(file(), `version: 1\ndefault: {signed-by: ops}\nkeys:\n  ops: ${JSON.stringify(publicPem(signers.ops.key))}\n`);
    await expect(create(`${own.host}/kept:1`)).rejects.toMatchObject(refused);
  });

  test("a mount of an image is asked for, too", async () => {
    await publish("base:1");
    await publish("mounted:1");
    await sign("base:1");
    await pull("mounted:1");
    policy();
    const mount = { HostConfig: { Mounts: [{ Type: "image", Source: `${server.host}/mounted:1`, Target: "/m" }] } };
    await expect(create(`${server.host}/base:1`, mount)).rejects.toThrow(`cannot use "${server.host}/mounted:1"`);
  });

  test("made here: refused where a rule asks for signatures, unless the policy lets such images pass", async () => {
    await shelve(house, { references: ["mine:1", `${server.host}/mine:1`], layers: ["mine"] });
    policy();
    await expect(create("mine:1")).rejects.toThrow("rejects it");
    await expect(create(`${server.host}/mine:1`)).rejects.toThrow("it has no digest of a registry's that could be signed");
    policy("local: accept\n");
    await create("mine:1");
    await create(`${server.host}/mine:1`);
    policy("local: accept\n", "action: reject, reason: not this one");
    await expect(create(`${server.host}/mine:1`)).rejects.toThrow("rejects it: not this one");
  });

  test("whether a key signed it can be asked beside any policy", async () => {
    await publish("asked:1");
    const { Id } = await pull("asked:1");
    const keys = [signers.release.key];
    const ask = () => signedBy(house, { name: `${server.host}/asked:1`, image: Id }, keys);
    expect(await ask()).toEqual({ by: [], why: "there is none" });
    await sign("asked:1");
    expect(await ask()).toEqual({ by: ["release"], why: "" });
    const bare = await shelve(house, { layers: ["bare"] });
    expect(await signedBy(house, { name: bare, image: bare }, keys)).toMatchObject({ by: [] });
  });

  test("without a key the policies' have to hold: that they let it pass is not enough", async () => {
    await publish("ruled:1");
    await sign("ruled:1");
    const { Id } = await pull("ruled:1");
    const ask = async () => await signedBy(house, { name: `${server.host}/ruled:1`, image: Id }, []);
    const unasked = { by: [], why: "no policy of this host asks for signatures of it" };
    expect(await ask()).toEqual(unasked);
    policy("", "action: accept");
    expect(await ask()).toEqual(unasked);
    policy();
    expect(await ask()).toMatchObject({ by: [expect.stringContaining("is signed by release, as the rule for")], why: "" });
    policy("", "signed-by: ops");
    expect(await ask()).toMatchObject({ by: [], why: expect.stringContaining("asks for a signature of ops; none counts") });
  });
});

describe("build", () => {
  test("FROM, COPY --from, and what stands on a stage, from the cache too", async () => {
    await publish("from:1");
    await publish("files:1");
    policy();
    const bases = [
      `FROM ${server.host}/from:1\n`,
      `FROM scratch\nCOPY --from=${server.host}/files:1 / /x\n`,
      `FROM ${server.host}/from:1 AS a\nFROM scratch\nCOPY --from=a / /x\n`,
    ];
    for (const text of bases) await expect(build(text)).rejects.toMatchObject({ code: "untrusted" });
    await sign("from:1");
    await sign("files:1");
    for (const text of bases) await build(text);
    // All of it is in the cache now; the policy is asked all the same.
    policy("", "action: reject");
    for (const text of bases) await expect(build(text)).rejects.toMatchObject({ code: "untrusted" });
  });
});

describe("load", () => {
  test("is judged when the policy wants it, by signatures that came along", async () => {
    await publish("loaded:1");
    await sign("loaded:1");
    await pull("loaded:1", { allPlatforms: true });
    const archive = async () => {
      const parts: Buffer[] = [];
      for await (const part of await house.images.save([`${server.host}/loaded:1`])) parts.push(part as Buffer);
      const { Readable } = await import("node:stream");
      return Readable.from([Buffer.concat(parts)], { objectMode: false });
    };
    const tar = await archive();
    await using target = openTestEngine();
    policy("load: verify\n", "signed-by: ops");
    await expect(finish(target.engine.images.load(tar))).rejects.toMatchObject(refused);
    expect(await target.engine.images.list()).toEqual([]);
    policy("load: verify\n");
    expect(await finish(target.engine.images.load(await archive()))).toMatchObject({ References: [`${server.host}/loaded:1`] });
    policy("", "signed-by: ops");
    await using late = openTestEngine();
    await finish(late.engine.images.load(await archive()));
    await expect(finish(late.engine.containers.create({ Image: `${server.host}/loaded:1`, Cmd: ["x"] }))).rejects.toMatchObject(refused);
  });
});

describe("passing over", () => {
  test("--no-verify needs the policy's permission", async () => {
    await publish("over:1");
    policy();
    await expect(pull("over:1", { noVerify: true })).rejects.toThrow(`the policy "${file()}" does not permit --no-verify`);
    policy("allow-override: true\n");
    await expect(pull("over:1")).rejects.toThrow("there is none");
    await pull("over:1", { noVerify: true });
    await expect(create(`${server.host}/over:1`)).rejects.toMatchObject(refused);
    const warned: unknown[] = [];
    const creating = house.containers.create({ Image: `${server.host}/over:1`, Cmd: ["x"], NoVerify: true });
    for (let each = await creating.next(); !each.done; each = await creating.next()) warned.push(each.value);
    expect(warned).toEqual([{ type: "warning", text: expect.stringContaining("over:1 is not verified: the rule for ") }]);
    await build(`FROM ${server.host}/over:1\n`, { noVerify: true });
  });

  test("containers' policy counts as well, and all have to agree", async () => {
    await publish("both:1");
    await sign("both:1", signers.release, ["simple"]);
    policy();
    mkdirSync(join(config, "containers"), { recursive: true });
    const theirs = join(config, "containers/policy.json");
    try {
      writeFileSync(theirs, JSON.stringify({ default: [{ type: "reject" }] }));
      await expect(pull("both:1")).rejects.toThrow(`the default (${theirs}) rejects it`);
      const keyData = Buffer.from(publicPem(signers.release.key)).toString("base64");
      const signed = { type: "sigstoreSigned", keyData, signedIdentity: { type: "matchRepository" } };
      writeFileSync(theirs, JSON.stringify({ default: [{ type: "reject" }], transports: { docker: { [server.host]: [signed] } } }));
      await pull("both:1");
      writeFileSync(theirs, "{");
      await expect(pull("both:1")).rejects.toMatchObject({ code: "invalid" });
    } finally {
      rmSync(theirs);
    }
  });

  test("a malformed policy lets nothing pass", async () => {
    await publish("malformed:1");
    writeFileSync(file(), "version: 1\ndefault: acept\n");
    await expect(pull("malformed:1")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining(`${file()}:2:10: `) });
  });
});
