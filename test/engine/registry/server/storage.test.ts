/** The directory: whose it is, what survives the server's end, a full disk, and kill -9 at any moment. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mediaTypes, parseReference } from "../../../../engine/image/documents/index.ts";
import { RegistryClient } from "../../../../engine/registry/client.ts";
import { partsOf } from "../../../../engine/registry/server/protocol/document.ts";
import { openDirectory } from "../../../../engine/registry/server/storage/directory.ts";
import { Layout } from "../../../../engine/registry/server/storage/layout.ts";
import { Quota, quotaOf } from "../../../../engine/registry/server/storage/quota.ts";
import { Uploads } from "../../../../engine/registry/server/storage/uploads.ts";
import { putManifest } from "../../../../engine/registry/upload.ts";
import { eventually } from "../../../support/eventually.ts";
import { chance, testSeed } from "../../../support/random.ts";
import { fill, smallDisk } from "../../../support/small-disk.ts";
import { ask, digestOf, pushImage, startServer, types } from "./scene.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-registry-storage-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open = (root: string) => openDirectory({ root, uploadExpiry: 60_000 });

describe("a directory", () => {
  test("has one server at a time", async () => {
    const root = join(directory, "one");
    {
      await using _ = await open(root);
      await expect(open(root)).rejects.toMatchObject({ code: "in-use" });
    }
    await (await open(root))[Symbol.asyncDispose]();
  });

  test("is let go of once: a descriptor that has its number by then is somebody else's", async () => {
    const storage = await open(join(directory, "twice"));
    await storage[Symbol.asyncDispose]();
    const others = Array.from({ length: 100 }, () => openSync("/dev/null", "r"));
    await storage[Symbol.asyncDispose]();
    for (const fd of others) closeSync(fd); // EBADF if it was closed
  });

  test("of something else, or of a format that is not known, is left alone", async () => {
    const root = join(directory, "other");
    mkdirSync(root);
    writeFileSync(join(root, "notes.txt"), "mine");
    await expect(open(root)).rejects.toMatchObject({ code: "conflict" });
    expect(readdirSync(root)).toEqual(["notes.txt"]);
    const later = join(directory, "later");
    mkdirSync(later);
    writeFileSync(join(later, "registry.json"), '{"formatVersion":2}');
    await expect(open(later)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("has each content once", async () => {
    await using server = await startServer();
    for (const name of ["a", "b"]) await server.pushBlob(name, "the same bytes");
    expect(readdirSync(join(server.root, "blobs/sha256"))).toEqual([digestOf("the same bytes").slice("sha256:".length)]);
    expect(readdirSync(join(server.root, "uploads"))).toEqual([]);
    expect(readdirSync(join(server.root, "staging"))).toEqual([]);
  });
});

test("an upload goes on with the next server", async () => {
  const root = join(directory, "restarted");
  const first = await startServer({ root });
  const { headers } = await first.call("POST", "/v2/app/blobs/uploads/");
  await first.call("PATCH", headers.location!, "first half, ");
  await first[Symbol.asyncDispose]();
  await using second = await startServer({ root });
  expect((await second.call("GET", headers.location!)).headers["range"]).toBe("0-11");
  const digest = digestOf("first half, second half");
  expect((await second.call("PUT", `${headers.location}?digest=${digest}`, "second half")).status).toBe(201);
  expect((await second.call("GET", `/v2/app/blobs/${digest}`)).body.toString()).toBe("first half, second half");
});

test("uploads that nobody adds to are removed, also an earlier server's; one that goes on is not", async () => {
  const layout = new Layout(join(directory, "expiry"));
  mkdirSync(layout.uploads, { recursive: true });
  const options = { layout, expiry: 60_000, quota: new Quota(layout, () => Number.POSITIVE_INFINITY), keep: async () => {} };
  const left = new Uploads(options).start("app", "sha256");
  await left.append(bytesOf("left"));
  const uploads = new Uploads(options);
  const idle = uploads.start("app", "sha256");
  await idle.append(bytesOf("idle"));
  const [started, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const busy = uploads.start("app", "sha256");
  const adding = busy.append(
    (async function* () {
      yield Buffer.from("busy");
      started.resolve();
      await ended.promise;
    })(),
  );
  await started.promise;
  await uploads.expire();
  expect(readdirSync(layout.uploads)).toHaveLength(6);
  await uploads.expire(Date.now() + 120_000);
  expect(readdirSync(layout.uploads).toSorted()).toEqual([busy.id, `${busy.id}.name`]);
  await expect(uploads.find("app", idle.id)).rejects.toThrow("no such upload");
  ended.resolve();
  await adding;
});

test("thousands of uploads that were only opened do not keep anybody from pushing", async () => {
  const layout = new Layout(join(directory, "opened"));
  const uploads = new Uploads({ layout, expiry: 60_000, quota: new Quota(layout, () => Number.POSITIVE_INFINITY), keep: async () => {} });
  const first = uploads.start("app", "sha256");
  for (let at = 0; at < 10_000; at++) uploads.start("app", "sha256");
  await expect(uploads.find("app", first.id)).rejects.toThrow("no such upload");
  expect(existsSync(layout.uploads)).toBe(false);
});

async function* bytesOf(text: string) {
  yield Buffer.from(text);
}

test("a full disk is told, what was read before is read still, and room is given back", async () => {
  using disk = smallDisk("size=8m");
  await using server = await startServer({ root: join(disk.path, "registry") });
  const { digest } = await pushImage(server, "app", "1");
  const started = await server.call("POST", "/v2/app/blobs/uploads/");
  const place = started.headers.location!;
  await server.call("PATCH", place, "acknowledged");
  const large = randomBytes(16 << 20);
  const refused = await server.call("PATCH", place, large);
  expect([refused.status, refused.json.errors[0].message]).toEqual([507, "no space left in the registry's directory"]);
  expect((await server.call("GET", place)).headers["range"]).toBe("0-11");
  expect((await server.call("POST", `/v2/app/blobs/uploads/?digest=${digestOf(large)}`, large)).status).toBe(507);
  expect((await server.call("GET", "/v2/app/manifests/1")).headers["docker-content-digest"]).toBe(digest);
  await server.pushBlob("app", randomBytes(4 << 20));
  fill(disk.path);
  const { body } = await server.call("GET", "/v2/app/manifests/1");
  expect((await server.call("PUT", "/v2/app/manifests/2", Buffer.concat([body, Buffer.from(" ")]))).status).toBe(507);
  const client = new RegistryClient(parseReference(`${server.host}/app`), { actions: "pull,push" });
  const refusal = 'cannot push the manifest of "app:2": the registry answers 507: no space left';
  await expect(putManifest(client, "2", mediaTypes.ociManifest, `${body.toString()} `)).rejects.toThrow(refusal);
  expect((await server.call("GET", "/v2/app/tags/list")).json.tags).toEqual(["1"]);
  rmSync(join(disk.path, "filler"));
  expect((await server.call("PUT", "/v2/app/manifests/2", Buffer.concat([body, Buffer.from(" ")]))).status).toBe(201);
});

test("a repository has no more bytes than it may; others, and what it has, are not touched", async () => {
  await using server = await startServer({ storage: { quota: quotaOf([{ repositories: ["large/*"], bytes: 1 << 20 }], 1000) } });
  const { layer } = await pushImage(server, "app", "1");
  const push = (name: string, bytes: Buffer) => server.call("POST", `/v2/${name}/blobs/uploads/?digest=${digestOf(bytes)}`, bytes);
  const refused = await push("app", randomBytes(900));
  expect([refused.status, refused.codes]).toEqual([403, ["DENIED"]]);
  const { headers } = await server.call("POST", "/v2/app/blobs/uploads/");
  expect((await server.call("PATCH", headers.location!, randomBytes(3_000_000))).status).toBe(403);
  expect((await server.call("GET", headers.location!)).status).toBe(404);
  expect(readdirSync(join(server.root, "uploads"))).toEqual([]);
  const other = randomBytes(900);
  expect((await push("other", other)).status).toBe(201);
  expect((await server.call("POST", `/v2/app/blobs/uploads/?mount=${digestOf(other)}&from=other`)).status).toBe(403);
  const some = randomBytes(300);
  expect((await push("app", some)).status).toBe(201);
  expect((await push("app", randomBytes(300))).status).toBe(403);
  await server.call("DELETE", `/v2/app/blobs/${digestOf(some)}`);
  const both = await Promise.all([randomBytes(300), randomBytes(300)].map((bytes) => push("app", bytes)));
  expect(both.map(({ status }) => status).toSorted()).toEqual([201, 403]);
  expect((await server.call("GET", `/v2/app/blobs/${layer}`)).status).toBe(200);
});

test("immutable tags stand for what they do, whatever is pushed or deleted", async () => {
  await using server = await startServer({ storage: { isImmutable: (tag) => tag.startsWith("v") } });
  const { digest } = await pushImage(server, "app", "v1");
  await pushImage(server, "app", "v1"); // the same again
  for (const reply of [
    (await pushImage(server, "app", "v1", { annotations: { another: "one" } })).reply,
    await server.call("DELETE", "/v2/app/manifests/v1"),
    await server.call("DELETE", `/v2/app/manifests/${digest}`),
  ])
    expect([reply.status, reply.codes]).toEqual([403, ["DENIED"]]);
  expect((await server.call("HEAD", "/v2/app/manifests/v1")).headers["docker-content-digest"]).toBe(digest);
  await pushImage(server, "app", "latest");
  expect((await pushImage(server, "app", "latest", { annotations: { another: "one" } })).reply.status).toBe(201);
});

describe("kill -9", () => {
  const program = new URL("serve-directory.ts", import.meta.url).pathname;
  const random = chance(testSeed);
  const kills = Number(process.env["BERTH_TEST_KILLS"] ?? 6);
  /** In one directory: what the last left is what the next begins with. */
  const inOne = 10;

  async function startProgram(root: string) {
    const child = spawn(process.execPath, [program, root], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return { child, origin: `http://${line.toString().trim()}` };
  }

  /** Pushes images until the server is gone. @returns what it has acknowledged: tags, with the digests they stand for */
  async function pushUntilGone(origin: string, worker: number): Promise<Map<string, string>> {
    const acknowledged = new Map<string, string>();
    const call = (method: string, path: string, body: string | Buffer, headers = {}) => ask(origin, { method, path, body, headers });
    try {
      for (let at = 0; ; at++) {
        const layer = randomBytes(1 + random.below(200_000));
        const config = `{"worker":${worker},"at":${at}}`;
        for (const blob of [layer, config]) await call("POST", `/v2/app/blobs/uploads/?digest=${digestOf(blob)}`, blob);
        const entry = (bytes: string | Buffer, mediaType: string) => ({
          mediaType,
          digest: digestOf(bytes),
          size: Buffer.byteLength(bytes),
        });
        const manifest = { schemaVersion: 2, config: entry(config, types.config), layers: [entry(layer, types.layer)] };
        const text = JSON.stringify(manifest);
        const { status } = await call("PUT", `/v2/app/manifests/w${worker}-${at}`, text, { "content-type": types.manifest });
        if (status === 201) acknowledged.set(`w${worker}-${at}`, digestOf(text));
      }
    } catch {
      return acknowledged;
    }
  }

  /** Every content is its name's, everything that can be asked for is whole, and nothing that was acknowledged is missing. */
  async function expectWhole(root: string, acknowledged: Map<string, string>) {
    await using server = await startServer({ root });
    for (const hex of readdirSync(join(root, "blobs/sha256")))
      expect(
        createHash("sha256")
          .update(readFileSync(join(root, "blobs/sha256", hex)))
          .digest("hex"),
      ).toBe(hex);
    const { json } = await server.call("GET", "/v2/app/tags/list");
    for (const tag of json.tags ?? []) {
      const { status, body, headers } = await server.call("GET", `/v2/app/manifests/${tag}`);
      expect([status, headers["docker-content-digest"]]).toEqual([200, digestOf(body)]);
      for (const part of partsOf(body, types.manifest)) expect((await server.call("HEAD", `/v2/app/blobs/${part}`)).status).toBe(200);
    }
    for (const [tag, digest] of acknowledged)
      expect((await server.call("HEAD", `/v2/app/manifests/${tag}`)).headers["docker-content-digest"]).toBe(digest);
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  }

  test("at seeded moments of pushes leaves nothing half there, and everything that was acknowledged", {
    timeout: 60_000 + kills * 10_000,
  }, async () => {
    for (let done = 0; done < kills; done += inOne)
      await killInOneDirectory(join(directory, `killed-${done}`), Math.min(inOne, kills - done));
  });

  async function killInOneDirectory(root: string, rounds: number) {
    const acknowledged = new Map<string, string>();
    const blobs = () => (existsSync(join(root, "blobs/sha256")) ? readdirSync(join(root, "blobs/sha256")).length : 0);
    for (let round = 0; round < rounds; round++) {
      // Each of the two has three files at most that were not acknowledged: behind the seventh, one manifest is.
      const wanted = blobs() + 1 + random.below(12) + (round === rounds - 1 ? 6 : 0);
      const { child, origin } = await startProgram(root);
      const workers = [0, 1].map((worker) => pushUntilGone(origin, round * 10 + worker));
      await eventually(() => {
        if (blobs() < wanted) throw new Error(`${blobs()} of ${wanted}`);
      });
      for (let spins = random.below(200_000); spins > 0; spins--) random.next();
      child.kill("SIGKILL");
      await once(child, "exit");
      for (const each of await Promise.all(workers)) for (const [tag, digest] of each) acknowledged.set(tag, digest);
      await expectWhole(root, acknowledged);
    }
    expect(acknowledged.size).toBeGreaterThan(0);
  }
});
