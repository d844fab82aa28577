/** What a registry says of itself: whether it lives, whether it can work, and its numbers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGate } from "../../../../engine/registry/server/auth/open-gate.ts";
import { openMetrics } from "../../../../engine/registry/server/metrics.ts";
import { serveMetrics } from "../../../../engine/registry/server/server.ts";
import { openDirectory } from "../../../../engine/registry/server/storage/directory.ts";
import { eventually } from "../../../support/eventually.ts";
import { ask, pushImage, startServer } from "./scene.ts";

test("it is ready as long as its directory can be written, and lives on when not", async () => {
  await using server = await startServer();
  const look = async (path: string) => {
    const { status, json } = await server.call("GET", path);
    return [status, json.status, json.reason];
  };
  expect([await look("/healthz"), await look("/readyz")]).toEqual([
    [200, "ok", undefined],
    [200, "ok", undefined],
  ]);
  expect((await server.call("HEAD", "/readyz")).status).toBe(200);
  expect((await server.call("POST", "/readyz")).status).toBe(404);
  rmSync(join(server.root, "staging"), { recursive: true });
  writeFileSync(join(server.root, "staging"), "");
  expect(await look("/readyz")).toEqual([503, "unavailable", "the registry's directory cannot be written: ENOTDIR"]);
  expect(await look("/healthz")).toEqual([200, "ok", undefined]);
  rmSync(join(server.root, "staging"));
  mkdirSync(join(server.root, "staging"));
  expect(await look("/readyz")).toEqual([200, "ok", undefined]);
});

/** The value of a line; undefined where there is none. */
const figureOf = (text: string, line: string) => text.match(new RegExp(`^${line.replaceAll(/[{}"]/g, "\\$&")} (\\S+)$`, "m"))?.[1];

test("requests are counted by kind, without names, for who may log in or at an address of their own", async () => {
  const root = mkdtempSync(join(tmpdir(), "berth-registry-metrics-"));
  const { hash } = await import("bcryptjs");
  writeFileSync(join(root, "users"), `ann:${await hash("secret", 4)}\n`);
  const gate = openGate({ htpasswd: join(root, "users"), anonymousPull: false, scheme: "http" });
  const directory = join(root, "data");
  {
    await using open = await startServer({ root: directory });
    await pushImage(open, "secret/name", "tag");
  }
  const storage = await openDirectory({ root: directory });
  const metrics = await openMetrics(storage, directory);
  await storage[Symbol.asyncDispose]();
  await using server = await startServer({ root: directory, server: { gate, metrics } });
  const ann = { authorization: `Basic ${Buffer.from("ann:secret").toString("base64")}` };
  expect((await server.call("GET", "/metrics")).status).toBe(401);
  for (const headers of [ann, ann, {}]) await server.call("GET", "/v2/secret/name/manifests/tag", undefined, headers);
  await server.call("BREW", "/v2/secret/name/manifests/tag", undefined, ann);
  await server.call("GET", "/v2/anything/made/up", undefined, ann);
  const read = async () => (await server.call("GET", "/metrics", undefined, ann)).body.toString();
  // An answer is counted when it is sent.
  await eventually(async () => {
    const text = await read();
    expect(figureOf(text, 'berth_registry_http_requests_total{method="GET",place="manifest",status="200"}')).toBe("2");
    expect(figureOf(text, 'berth_registry_http_requests_total{method="GET",place="manifest",status="401"}')).toBe("1");
    expect(figureOf(text, 'berth_registry_http_request_duration_seconds_count{method="GET",place="manifest"}')).toBe("3");
    expect(text).not.toMatch(/BREW|secret|made/);
    expect([figureOf(text, "berth_registry_ready"), figureOf(text, "berth_registry_uploads_in_progress")]).toEqual(["1", "0"]);
    expect(Number(figureOf(text, "berth_registry_disk_free_bytes"))).toBeGreaterThan(0);
    expect(Number(figureOf(text, "process_resident_memory_bytes"))).toBeGreaterThan(0);
  });
  const aside = await serveMetrics(metrics, { kind: "tcp", host: "127.0.0.1", port: 0 });
  const origin = aside.url.replace("tcp", "http");
  const get = (path: string) => ask(origin, { method: "GET", path, headers: {} });
  const { status, headers } = await get("/metrics?x");
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  expect((await get("/v2/")).status).toBe(404);
  await aside.close(0);
  rmSync(root, { recursive: true });
});

test("there are none where nobody asked for them", async () => {
  await using server = await startServer();
  expect((await server.call("GET", "/metrics")).status).toBe(404);
});
