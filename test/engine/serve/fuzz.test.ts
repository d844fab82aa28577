/** Requests that nobody means: each gets an answer of a known status, and the server goes on. Over the engine in memory. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../../engine/serve/table.ts";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { fakeEngine, image } from "../../support/fake-engine.ts";
import fc from "../../support/property.ts";

let api: ApiClient;
const fake = fakeEngine();

beforeAll(async () => {
  fake.images.push(image("busybox:latest"));
  api = await serveOver(fake.engine);
});
afterAll(() => api[Symbol.asyncDispose]());

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("busybox", "..", "%2e%2e", "%", "a/b", "\0", "é", "1", "-1", "1e9", "{}", "[]"),
);
const version = fc.constantFrom("", "/v1.24", "/v1.41", "/v1.51", "/v1.99", "/v0", "/vv");
const query = fc.dictionary(
  fc.constantFrom(...new Set(routes.flatMap((route) => Object.keys(route.query)))),
  fc.oneof(word, fc.json({ maxDepth: 2 })),
  { maxKeys: 4 },
);
const body = fc.oneof(fc.constant(undefined), fc.json({ maxDepth: 3 }), fc.string({ maxLength: 40 }));
const upgrade = fc.constantFrom("", ...["tcp", "h2c", "websocket", "x"].map((to) => `Connection: Upgrade\r\nUpgrade: ${to}\r\n`));
const target = fc.record({
  route: fc.constantFrom(...routes),
  words: fc.array(word, { minLength: 3, maxLength: 3 }),
  version,
  query,
  body,
  upgrade,
});

/** Printable, as the rest would end the line. */
const inLine = (text: string) => encodeURI(text.replace(/[\uD800-\uDFFF]/g, "?")).replace(/[\0\r\n ]/g, "_");

test("2,000 requests of every route, with parameters, names and bodies of all kinds", async () => {
  const statuses = new Set<number>();
  const endless = /\/(events|logs|stats|wait|attach|build|load|create)$/;
  await fc.assert(
    fc.asyncProperty(target, async ({ route, words, version, query, body, upgrade }) => {
      let at = 0;
      const path = route.path.replace(/\{[^}]*\}/g, () => inLine(words[at++] ?? ""));
      const text = `${version}${path}?${new URLSearchParams(query)}`;
      const bytes = Buffer.from(body ?? "");
      const head = `${route.method} ${text} HTTP/1.1\r\nHost: x\r\n${upgrade || "Connection: close\r\n"}Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      const connection = api.raw(head + bytes.toString("latin1"));
      await connection.until(({ head }) => head.startsWith("HTTP/1.1 "));
      if (upgrade === "" && !endless.test(route.path)) await connection.closed;
      connection.socket.destroy();
      statuses.add(Number(/^HTTP\/1\.1 (\d+)/.exec(connection.head)![1]));
    }),
    { numRuns: 2000 },
  );
  const known = [101, 200, 201, 204, 304, 400, 403, 404, 409, 500, 501, 503];
  expect([...statuses].filter((status) => !known.includes(status))).toEqual([]);
  expect((await api.get("/_ping")).text).toBe("OK");
});

test("500 connections that speak no HTTP, or break off", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (bytes, breaksOff) => {
      const start = breaksOff
        ? "POST /v1.44/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
        : "";
      const connection = api.raw(start + Buffer.from(bytes).toString("latin1"));
      connection.socket.end();
      await connection.closed;
      connection.socket.destroy();
    }),
    { numRuns: 500 },
  );
  expect((await api.get("/_ping")).text).toBe("OK");
});
