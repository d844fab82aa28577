import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openHouse } from "../../../engine/house.ts";
import { encodeConfig } from "../../../engine/image/documents/config.ts";
import { insertImage } from "../../../engine/image/store/store.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { reconcile } from "../../../engine/reconcile.ts";
import { finish, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";
import { addLayer, leftovers, tarOf } from "../image/scene.ts";
import { type Gate, openGate } from "./gate.ts";

const doomed = new URL("../image/doomed.ts", import.meta.url).pathname;

let scene: TestEngine;
let registry: TestRegistry;
let id: string;
const configs = mkdtempSync(join(tmpdir(), "berth-docker-config-"));
const blob = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 7919 + (index >> 8) * 31) & 0xff));

beforeAll(async () => {
  process.env["DOCKER_CONFIG"] = configs;
  scene = openTestEngine();
  registry = await startRegistry();
  const base = await addLayer(scene.engine, tarOf({ name: "etc/", type: "directory", mode: 0o755 }, { name: "etc/base", content: blob }));
  const top = await addLayer(scene.engine, tarOf({ name: "etc/top", content: "top" }, { name: "etc/.wh.base" }), base.chainId);
  const config = encodeConfig({
    architecture: "amd64",
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    config: { Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: [base.diffId, top.diffId] },
  });
  id = insertImage(scene.engine, { config, references: [{ domain: registry.host, path: "team/app", tag: "1" }] }).Id;
  await finish(scene.engine.images.push(`${registry.host}/team/app:1`));
  await forget();
});
afterAll(async () => {
  rmSync(configs, { recursive: true });
  await registry[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

/** Removes the image under all its names, so that a pull starts from nothing. */
async function forget(): Promise<void> {
  for (const image of await scene.engine.images.list()) await scene.engine.images.remove(image.Id, { force: true });
  expect(leftovers(scene.engine)).toEqual([]);
}
afterEach(forget);

async function pull(ref: string, options = {}): Promise<{ Id: string; events: ProgressEvent[] }> {
  const events: ProgressEvent[] = [];
  const pulling = scene.engine.images.pull(ref, options);
  for (;;) {
    const { done, value } = await pulling.next();
    if (done) return { Id: value.Id, events };
    events.push(value);
  }
}

const login = (host: string, password: string) =>
  writeFileSync(
    join(configs, "config.json"),
    JSON.stringify({ auths: { [host]: { auth: Buffer.from(`user:${password}`).toString("base64") } } }),
  );

describe("from a plain registry", () => {
  test("by tag, by digest and again", async () => {
    const first = await pull(`${registry.host}/team/app:1`);
    expect(first.Id).toBe(id);
    const [image] = await scene.engine.images.list();
    expect(image).toMatchObject({ Id: id, RepoTags: [`${registry.host}/team/app:1`] });
    const states = first.events.filter((event) => event.type === "transfer").map((event) => event.status);
    expect(new Set(states)).toEqual(new Set(["Pulling fs layer", "Downloading", "Download complete", "Pull complete"]));
    const again = await pull(`${registry.host}/team/app:1`);
    expect(again.events.at(-1)).toMatchObject({ text: `Status: Image is up to date for ${registry.host}/team/app:1` });
    const digest = image!.RepoDigests[0]!;
    await forget();
    expect((await pull(digest)).Id).toBe(id);
    expect((await scene.engine.images.list())[0]).toMatchObject({ RepoTags: [], RepoDigests: [digest] });
  });

  test("what is not there is said so", async () => {
    await expect(pull(`${registry.host}/team/app:nope`)).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining("manifest unknown"),
    });
    await expect(pull(`${registry.host}/no/such`)).rejects.toMatchObject({ code: "not-found" });
    await expect(pull("127.0.0.1:1/x")).rejects.toMatchObject({ code: "registry", message: expect.stringContaining("ECONNREFUSED") });
    await expect(pull("registry.invalid/x")).rejects.toMatchObject({
      code: "registry",
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      hint: expect.stringMatching(/DNS/),
    });
  });

  test("another platform than the image's is a warning", async () => {
    const { events } = await pull(`${registry.host}/team/app:1`, { platform: "linux/s390x" });
    expect(events).toContainEqual({ type: "warning", text: `"${registry.host}/team/app:1" is for linux/amd64, not for linux/s390x` });
  });
});

describe("through a gate", () => {
  let gate: Gate;
  afterEach(async () => {
    await gate[Symbol.asyncDispose]();
    rmSync(join(configs, "config.json"), { force: true });
  });

  test("Bearer tokens, as nobody", async () => {
    gate = await openGate(registry.host, { tokens: {} });
    expect((await pull(`${gate.host}/team/app:1`)).Id).toBe(id);
    const asked = gate.requests.find((line) => line.includes("/token"));
    expect(decodeURIComponent(asked!)).toContain("service=test,+quoted&scope=repository:team/app:pull (-)");
    expect(gate.requests.filter((line) => line.includes("/token"))).toHaveLength(1);
  });

  test("Bearer tokens, with docker's credentials", async () => {
    gate = await openGate(registry.host, { tokens: { password: true } });
    await expect(pull(`${gate.host}/team/app:1`)).rejects.toMatchObject({
      code: "registry-auth",
      hint: expect.stringContaining("berth login"),
    });
    login(gate.host, "wrong");
    await expect(pull(`${gate.host}/team/app:1`)).rejects.toMatchObject({ code: "registry-auth" });
    login(gate.host, "secret");
    expect((await pull(`${gate.host}/team/app:1`)).Id).toBe(id);
  });

  test("blobs from a storage host, which sees no credentials", async () => {
    gate = await openGate(registry.host, { tokens: {}, redirectBlobs: true });
    expect((await pull(`${gate.host}/team/app:1`)).Id).toBe(id);
    const storage = gate.requests.filter((line) => line.startsWith("storage "));
    expect(storage).toHaveLength(3);
    for (const line of storage) expect(line).toMatch(/\(-\)$/);
    expect(gate.requests.some((line) => /GET .*blobs.*\(Bearer\)$/.test(line))).toBe(true);
  });

  test.each([false, true])("a broken connection is taken up where it broke (server without ranges: %s)", async (noRanges) => {
    // The first blob is the config, then come the layers.
    gate = await openGate(registry.host, { breakAfter: { 2: 100, 3: 60 }, noRanges });
    const { Id, events } = await pull(`${gate.host}/team/app:1`);
    expect(Id).toBe(id);
    expect(events.some((event) => event.type === "message" && event.text.includes("trying again"))).toBe(true);
  });

  test("an overloaded gateway is asked again, a missing blob is not", async () => {
    gate = await openGate(registry.host, { failLayers: { status: 503, times: 2 } });
    expect((await pull(`${gate.host}/team/app:1`)).Id).toBe(id);
    await forget();
    await gate[Symbol.asyncDispose]();
    gate = await openGate(registry.host, { fail: { status: 404, times: 10 } });
    await expect(pull(`${gate.host}/team/app:1`)).rejects.toMatchObject({ code: "not-found" });
    expect(gate.requests.filter((line) => line.includes("/blobs/"))).toHaveLength(1);
  });

  test("a damaged layer is refused, and nothing of the image is there", async () => {
    gate = await openGate(registry.host, { corruptOver: 3000 });
    await expect(pull(`${gate.host}/team/app:1`)).rejects.toMatchObject({ code: expect.stringMatching(/corrupt|archive/) });
    expect(await scene.engine.images.list()).toEqual([]);
    expect(leftovers(scene.engine)).toEqual([]);
    expect(scene.engine.db.all("SELECT * FROM leases")).toEqual([]);
  });

  test("cancelling leaves nothing", async () => {
    gate = await openGate(registry.host, {});
    const abort = new AbortController();
    const pulling = scene.engine.images.pull(`${gate.host}/team/app:1`, { signal: abort.signal });
    const cancelled = (async () => {
      for await (const event of pulling) if (event.type === "transfer") abort.abort();
    })();
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(await scene.engine.images.list()).toEqual([]);
  });
});

test("a registry with a password file", async () => {
  await using locked = await startRegistry({ password: true });
  await expect(pull(`${locked.host}/team/app:1`)).rejects.toMatchObject({
    code: "registry-auth",
    message: expect.stringContaining("user name and a password"),
  });
  login(locked.host, "secret");
  await pull(`${registry.host}/team/app:1`);
  await scene.engine.images.tag(`${registry.host}/team/app:1`, `${locked.host}/team/app:2`);
  await finish(scene.engine.images.push(`${locked.host}/team/app:2`));
  await forget();
  expect((await pull(`${locked.host}/team/app:2`)).Id).toBe(id);
});

test("two pulls of one image at once fetch and store each layer once", async () => {
  await using gate = await openGate(registry.host, {});
  await using other = openHouse({ root: scene.root });
  const ref = `${gate.host}/team/app:1`;
  const [one, two] = await Promise.all([pull(ref), finish(other.images.pull(ref))]);
  expect([one.Id, two.Id]).toEqual([id, id]);
  expect(scene.engine.db.all("SELECT * FROM layers")).toHaveLength(2);
  expect(leftovers(scene.engine)).toHaveLength(4);
  const config = (line: string) => line.includes(id);
  const blobs = gate.requests.filter((line) => line.startsWith("GET ") && line.includes("/blobs/") && !config(line));
  expect(new Set(blobs).size).toBe(2);
  expect(blobs).toHaveLength(2);
});

test("a pull beside one that another process died in takes over", async () => {
  await using stuck = await openGate(registry.host, { holdLayers: true });
  const ref = `${stuck.host}/team/app:1`;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", doomed, scene.root, "pull", ref], { stdio: "ignore" });
  const exited = once(child, "exit");
  await eventually(() => expect(stuck.held()).toBeGreaterThan(0));
  const states: string[] = [];
  const pulling = (async () => {
    for await (const event of scene.engine.images.pull(ref)) if (event.type === "transfer") states.push(event.status);
  })();
  await eventually(() => expect(states).toContain("Waiting"));
  child.kill("SIGKILL");
  await exited;
  stuck.release();
  await pulling;
  expect((await scene.engine.images.list())[0]!.Id).toBe(id);
  await reconcile(scene.engine);
  expect(leftovers(scene.engine)).toHaveLength(4);
});
