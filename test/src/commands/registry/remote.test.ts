/** `berth registry ls|tags|inspect|copy|rm`: what they print and give a session, against a registry of berth's own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import type { Engine, ProgressEvent } from "../../../../engine/index.ts";
import { publicPem } from "../../../../engine/trust/keys.ts";
import { signImage } from "../../../../engine/trust/sign.ts";
import type { Io } from "../../../../src/commands/command.ts";
import { complete } from "../../../../src/commands/complete.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { Session } from "../../../../src/repl/session.ts";
import { layerOf } from "../../../engine/image/shelf.ts";
import { startServer } from "../../../engine/registry/server/scene.ts";
import { signerOf } from "../../../engine/trust/scene.ts";
import { finish } from "../../../support/engine.ts";
import { type Published, publish, publishArtifact, published } from "../../../support/published.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let config: string;
let app: string;
let image: Published;
let session: Session;
const before = process.env["DOCKER_CONFIG"];
const { signal } = new AbortController();
const io: Io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd: "/", env: {} };

beforeAll(async () => {
  config = mkdtempSync(join(tmpdir(), "berth-registry-remote-"));
  process.env["DOCKER_CONFIG"] = config;
  server = await startServer();
  app = `${server.host}/team/app`;
  image = await publish(`${app}:1`, [layerOf("base")]);
  await publish(`${app}:1.0`, [layerOf("base")]);
  await publish(`${app}:2`, [layerOf("base"), layerOf("more")]);
  await publishArtifact(app, "signed", { subject: image.descriptor });
  writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { "https://index.docker.io/v1/": {}, "registry.example.org": {} } }));
  const list = async () => [{ RepoDigests: [`${app}@${image.digest}`] }, { RepoDigests: [] }];
  session = new Session({ engine: { images: { list } } as unknown as Engine, io });
});
afterAll(async () => {
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
  await session.close();
  await server[Symbol.asyncDispose]();
  rmSync(config, { recursive: true, force: true });
});

const berth = (line: string) => session.capture(line.split(" "), signal);
/** What it prints; a session takes the last end of line away. */
const text = async (line: string) => (await berth(line)).text;
const lines = async (line: string) => (await text(line)).split("\n");
/** All that it says of itself. */
async function told(...words: string[]): Promise<{ events: ProgressEvent[]; result: unknown }> {
  const events: ProgressEvent[] = [];
  const running = execute(session.context(signal), ["registry", ...words]);
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { events, result: value.result };
    events.push(value);
  }
}
const failure = (line: string) =>
  berth(line).then(
    () => Promise.reject(new Error(`"${line}" succeeded`)),
    (error: EngineError) => error,
  );

test("without a registry those are listed that have credentials, or that images came from", async () => {
  expect((await lines("registry ls")).map((line) => line.split(/ {2,}/))).toEqual([
    ["REGISTRY", "LOGGED IN", "IMAGES HERE"],
    ["docker.io", "yes", "0"],
    [server.host, "no", "1"],
    ["registry.example.org", "yes", "0"],
  ]);
  expect((await berth("registry ls")).result).toContainEqual({ Name: server.host, LoggedIn: false, Images: 1 });
});

test("with one its repositories are, as command lines name them", async () => {
  expect(await text(`registry ls ${server.host}`)).toBe(`REPOSITORY\n${app}`);
  expect(await text(`registry ls -q http://${server.host}/`)).toBe(`${app}`);
  expect(await text(`registry ls --format {{.Name}} ${server.host}`)).toBe("team/app");
  expect(await text(`registry ls -q --last team/app ${server.host}`)).toBe("");
});

test("tags are listed in lexical order, with what is asked for", async () => {
  expect(await lines(`registry tags ${app}`)).toEqual(["TAG", "1", "1.0", "2"]);
  expect(await lines(`registry tags -q --limit 2 ${app}`)).toEqual(["1", "1.0"]);
  expect(await lines(`registry tags -q --last 1 ${app}`)).toEqual(["1.0", "2"]);
  const [head, first] = await lines(`registry tags --digests --size ${app}`);
  expect(head?.split(/ {2,}/)).toEqual(["TAG", "DIGEST", "SIZE", "CREATED", "PLATFORMS", "SIGNATURE"]);
  expect(first?.split(/ {2,}/).filter((_, at) => at !== 3)).toEqual([
    "1",
    image.digest,
    expect.stringMatching(/B$/),
    "linux/amd64",
    "none",
  ]);
  expect(await failure(`registry tags --limit 0 ${app}`)).toMatchObject({ code: "usage" });
  expect(await failure(`registry tags ${app}:1`)).toMatchObject({ code: "invalid", hint: "leave out the tag and the digest" });
});

test("a template is asked for what it names, and for nothing else", async () => {
  const asked = server.access.length;
  expect(await text(`registry tags --format {{.Reference}} ${app}`)).toBe(`${app}:1\n${app}:1.0\n${app}:2`);
  expect(server.access.slice(asked).filter(({ path }) => path.includes("/manifests/"))).toEqual([]);
  expect(await lines(`registry tags --limit 1 --format {{.Digest}} ${app}`)).toEqual([image.digest]);
  expect(await lines(`registry tags --limit 1 --format {{.Platforms}} ${app}`)).toEqual(["linux/amd64"]);
  expect(await failure(`registry tags --format {{.Nonsense}} ${app}`)).toMatchObject({ code: expect.stringMatching(/usage|invalid/) });
});

test("rows are values of a session", async () => {
  await session.run(`let big = registry tags --size ${app} | where .Size > 400`, "test", () => signal);
  expect(session.variables.get("big")).toMatchObject([{ Tag: "2", Reference: `${app}:2`, Platforms: ["linux/amd64"], Signed: false }]);
});

test("a name is inspected as JSON, by a template, or as it is", async () => {
  const [found] = JSON.parse(await text(`registry inspect ${app}:1`));
  expect(found).toMatchObject({ Name: `${app}:1`, Digest: image.digest, Manifest: { Platform: "linux/amd64" } });
  expect(found.Referrers).toMatchObject([{ ArtifactType: "application/vnd.example.signature" }]);
  expect(await text(`registry inspect -f {{.Manifest.Platform}} ${app}:1`)).toBe("linux/amd64");
  const { events } = await told("inspect", "--raw", `${app}:1`);
  expect(events).toEqual([{ type: "output", stream: "stdout", data: Buffer.from(image.text) }]);
  expect(await failure(`registry inspect --raw ${app}:1 ${app}:2`)).toMatchObject({ code: "usage" });
  expect(await failure(`registry inspect ${app}:nope`)).toMatchObject({ code: "not-found" });
});

test("a key says whether the signatures hold; without one, and without a policy, nothing is said", async () => {
  const [release, other] = await Promise.all([signerOf("leaf.pem"), signerOf("cosign2.key")]);
  await finish(signImage(`${app}:2`, { signer: release, formats: ["bundle"], certificates: [] }));
  for (const { key } of [release, other]) writeFileSync(join(config, `${key.name}.pub`), publicPem(key));
  const verdict = async (key: string) => JSON.parse(await text(`registry inspect ${key}${app}:2`))[0].Verification;
  expect(await verdict("")).toBeUndefined();
  expect(await verdict(`--key ${config}/leaf.pem.pub `)).toMatchObject({ Verified: true, SignedBy: [`${config}/leaf.pem.pub`] });
  const wrong = { Verified: false, Signatures: [{ Problem: "none of the keys made it" }] };
  expect(await verdict(`--key ${config}/cosign2.key.pub `)).toMatchObject(wrong);
  const states = (key: string) => lines(`registry tags ${key}--format {{.Signature}}-{{.Signed}} ${app}`);
  expect(await states("")).toEqual(["none-no", "none-no", "present-yes"]);
  expect(await states(`--key ${config}/leaf.pem.pub `)).toEqual(["none-no", "none-no", "verified-yes"]);
  expect(await states(`--key ${config}/cosign2.key.pub `)).toEqual(["none-no", "none-no", "untrusted-yes"]);
});

test("copies say what becomes of each blob, or only the digest", async () => {
  const { events, result } = await told("copy", `${app}:1`, `${server.host}/public/app`);
  expect(events[0]).toEqual({ type: "message", text: `Copying ${app}:1 to ${server.host}/public/app:1` });
  expect(events).toContainEqual(expect.objectContaining({ type: "transfer", status: `Mounted from ${app}`, done: true }));
  expect(result).toEqual([{ Reference: `${server.host}/public/app:1`, Digest: image.digest }]);
  expect(await text(`registry cp -q ${app}:1 ${server.host}/public/app:again`)).toBe(`${image.digest}`);
  expect((await published(`${server.host}/public/app:again`)).text).toBe(image.text);
});

test("several are removed one after the other; what cannot be is said at the end", async () => {
  for (const tag of ["1", "2"]) await berth(`registry copy ${app}:1 ${server.host}/old/app:${tag}`);
  const old = `${server.host}/old/app`;
  expect(await failure(`registry rm ${old}@${image.digest}`)).toMatchObject({
    code: "in-use",
    message: expect.stringContaining('the tags "1", "2"'),
  });
  expect(await failure(`registry rm ${old}:1 ${old}:none`)).toMatchObject({ code: "not-found" });
  expect(await lines(`registry tags -q ${old}`)).toEqual(["2"]);
  expect(await text(`registry rm -f ${old}@${image.digest}`)).toBe(`Untagged: ${old}:2\nDeleted: ${old}@${image.digest}`);
});

test("registries, repositories and tags are completed where they are known, and none that does not answer", async () => {
  const candidates = (...words: string[]) => complete(session.context(signal), ["registry", ...words]);
  expect(await candidates("ls", "")).toEqual(["docker.io", server.host, "registry.example.org"].sort());
  expect(await candidates("tags", "reg")).toEqual(["registry.example.org/"]);
  expect(await candidates("tags", `${server.host}/te`)).toEqual([app]);
  expect(await candidates("inspect", `${app}:`)).toEqual([`${app}:1`, `${app}:1.0`, `${app}:2`]);
  expect(await candidates("tags", `${app}:`)).toEqual([]);
  expect(await candidates("tags", "docker.io/")).toEqual([]);
  expect(await candidates("tags", "elsewhere.example/")).toEqual([]);
});
