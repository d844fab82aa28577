/** What somebody may ask for: how often, and how much at once. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGate } from "../../../../engine/registry/server/auth/open-gate.ts";
import { clientOf, RateLimiter } from "../../../../engine/registry/server/protocol/rate.ts";
import { digestOf, pushImage, startServer, types } from "./scene.ts";

test("a bucket fills at its rate, up to its size, for each by itself", () => {
  let now = 0;
  const limiter = new RateLimiter({ perSecond: 2, burst: 3 }, () => now);
  const takes = (who: string, count: number) =>
    Array.from({ length: count }, () => {
      try {
        limiter.take(who);
        return 0;
      } catch (error) {
        return Number((error as { details: { headers: Record<string, string> } }).details.headers["Retry-After"]);
      }
    });
  expect(takes("ann", 5)).toEqual([0, 0, 0, 1, 1]);
  expect(takes("bob", 1)).toEqual([0]);
  now += 500;
  expect(takes("ann", 2)).toEqual([0, 1]);
  now += 60_000;
  expect(takes("ann", 4)).toEqual([0, 0, 0, 1]);
  const slow = new RateLimiter({ perSecond: 1 / 60, burst: 1 }, () => now);
  slow.take("ann");
  expect(() => slow.take("ann")).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ headers: { "Retry-After": "60" } }) }),
  );
  // Nobody is let in sooner for the many who ask in between.
  for (let at = 0; at < 5000; at++) slow.take(`somebody ${at}`);
  expect(() => slow.take("ann")).toThrow("too many requests");
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s is counted as %s", (address, client) => {
  expect(clientOf(address)).toBe(client);
});

test("who asks too often is told when to come again; others, and health, are answered", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-registry-limits-"));
  const { hash } = await import("bcryptjs");
  writeFileSync(join(directory, "users"), `ann:${await hash("secret", 4)}\n`);
  const gate = openGate({ htpasswd: join(directory, "users"), anonymousPull: false, scheme: "http" });
  await using server = await startServer({ server: { gate, rate: { perSecond: 1 / 3600, burst: 3 } } });
  const ann = { authorization: `Basic ${Buffer.from("ann:secret").toString("base64")}` };
  const ask = async (path: string, headers = {}) => (await server.call("GET", path, undefined, headers)).status;
  expect([await ask("/v2/"), await ask("/v2/token"), await ask("/v2/app/tags/list"), await ask("/v2/")]).toEqual([401, 200, 401, 429]);
  expect(await ask("/v2/token")).toBe(429);
  expect([await ask("/v2/", ann), await ask("/v2/", ann), await ask("/v2/", ann)]).toEqual([200, 200, 200]);
  const refused = await server.call("GET", "/v2/", undefined, ann);
  expect([refused.status, refused.codes]).toEqual([429, ["TOOMANYREQUESTS"]]);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3000);
  expect(await ask("/healthz")).toBe(200);
  rmSync(directory, { recursive: true });
});

test("what is too large is refused, however it comes, and nothing of it stays", async () => {
  await using server = await startServer({ server: { limits: { blob: 1000, manifest: 500 } } });
  const [fits, large] = [Buffer.alloc(1000, "x"), Buffer.alloc(1001, "y")];
  await server.pushBlob("app", fits);
  const chunked = { "transfer-encoding": "chunked" };
  const start = async () => (await server.call("POST", "/v2/app/blobs/uploads/")).headers.location!;
  for (const [method, place, headers] of [
    ["POST", `/v2/app/blobs/uploads/?digest=${digestOf(large)}`, {}],
    ["POST", `/v2/app/blobs/uploads/?digest=${digestOf(large)}`, chunked],
    ["PATCH", await start(), {}],
    ["PATCH", await start(), chunked],
    ["PUT", `${await start()}?digest=${digestOf(large)}`, chunked],
  ] as const) {
    const { status, codes } = await server.call(method, place, large, headers);
    expect([status, codes]).toEqual([413, ["SIZE_INVALID"]]);
  }
  const place = await start();
  expect((await server.call("PATCH", place, fits)).status).toBe(202);
  expect((await server.call("PATCH", place, "x")).status).toBe(413);
  expect((await server.call("GET", place)).status).toBe(404);
  expect(readdirSync(join(server.root, "uploads"))).toEqual([]);
  expect((await pushImage(server, "app", "1")).reply.status).toBe(201);
  const long = await pushImage(server, "app", "2", { annotations: { long: "x".repeat(500) } });
  expect([long.reply.status, long.reply.codes]).toEqual([413, ["SIZE_INVALID"]]);
  expect((await server.pushManifest("app", "3", {}, types.manifest)).status).toBe(400);
});
