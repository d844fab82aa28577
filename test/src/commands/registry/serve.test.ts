/** `berth registry serve`: where it listens, for whom, and how it ends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import type { Engine } from "../../../../engine/index.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { digestOf } from "../../../engine/registry/server/scene.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "berth-registry-serve-"));
  writeFileSync(join(cwd, "rules"), "rules: []");
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function serve(words: string[], signal = new AbortController().signal) {
  const io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd, env: {} };
  return execute({ engine: {} as Engine, io, signal }, ["registry", "serve", ...words]);
}

const failure = (words: string[]) =>
  serve(words)
    .next()
    .then(
      ({ value }) => Promise.reject(new Error(JSON.stringify(value))),
      (error: EngineError) => error,
    );

test("it says where it listens, answers there, and ends when it is told to", async () => {
  const stop = new AbortController();
  const serving = serve(["--listen", "127.0.0.1:0", "data"], stop.signal);
  const { value } = await serving.next();
  const url = /^registry listens on (http:\/\/127\.0\.0\.1:\d+)$/.exec((value as { text: string }).text)?.[1];
  expect((await fetch(`${url}/v2/`)).status).toBe(200);
  expect((await failure(["--listen", "127.0.0.1:0", "data"])).message).toBe(
    `cannot use the directory "${join(cwd, "data")}": another registry serves it`,
  );
  stop.abort();
  expect(await serving.next()).toMatchObject({ done: true });
  await expect(fetch(`${url}/v2/`)).rejects.toThrow();
});

test("garbage is collected while it serves, and said", async () => {
  const stop = new AbortController();
  const serving = serve(["--listen", "127.0.0.1:0", "--gc-interval", "20ms", "--gc-grace", "0s", "garbage"], stop.signal);
  const url = ((await serving.next()).value as { text: string }).text.split(" ").at(-1);
  await fetch(`${url}/v2/app/blobs/uploads/?digest=${digestOf("loose")}`, { method: "POST", body: "loose" });
  expect(await serving.next()).toMatchObject({ value: { text: "removed 1 contents that nothing names any more: 5 bytes" } });
  stop.abort();
  expect(await serving.next()).toMatchObject({ done: true });
});

test("each request is a line of the access log, with its user; health is nobody's secret", async () => {
  const stop = new AbortController();
  const { hash } = await import("bcryptjs");
  writeFileSync(join(cwd, "one"), `ann:${await hash("secret", 4)}\n`);
  const words = ["--listen", "127.0.0.1:0", "--htpasswd", "one", "--access-log", "access.log", "logged"];
  const serving = serve(words, stop.signal);
  const url = ((await serving.next()).value as { text: string }).text.split(" ").at(-1);
  const authorization = `Basic ${Buffer.from("ann:secret").toString("base64")}`;
  const health = await fetch(`${url}/healthz`);
  expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  await fetch(`${url}/v2/`);
  await fetch(`${url}/v2/app/manifests/1?a="b`, { headers: { authorization } });
  stop.abort();
  await serving.next();
  const lines = readFileSync(join(cwd, "access.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { method: "GET", path: "/healthz", status: 200, remote: "127.0.0.1" },
    { method: "GET", path: "/v2/", status: 401 },
    { method: "GET", path: "/v2/app/manifests/1?a=%22b", status: 404, user: "ann" },
  ]);
});

test("metrics are at an address of their own, when one is given", async () => {
  const stop = new AbortController();
  const serving = serve(["--listen", "127.0.0.1:0", "--metrics=127.0.0.1:0", "counted"], stop.signal);
  await serving.next();
  const { text } = (await serving.next()).value as { text: string };
  const url = /^metrics are at (http:\/\/127\.0\.0\.1:\d+\/metrics)$/.exec(text)?.[1];
  expect(await (await fetch(url!)).text()).toContain("berth_registry_ready 1");
  stop.abort();
  expect(await serving.next()).toMatchObject({ done: true });
  await expect(fetch(url!)).rejects.toThrow();
});

test("others are let in only by who knows it", async () => {
  for (const address of ["0.0.0.0:0", "[::]:0", "registry.example:5000"]) {
    const error = await failure(["--listen", address, "open"]);
    expect([error.code, error.message]).toEqual([
      "usage",
      `cannot listen on "${address}": others reach it, and nobody is asked for a password`,
    ]);
  }
  writeFileSync(join(cwd, "users"), "");
  expect((await failure(["--listen", "0.0.0.0:0", "--htpasswd", "users", "open"])).message).toBe(
    'cannot listen on "0.0.0.0:0": others reach it, and passwords would be sent to it as plain text',
  );
  const stop = new AbortController();
  const serving = serve(["--listen", "0.0.0.0:0", "--insecure", "open"], stop.signal);
  expect((await serving.next()).value).toMatchObject({ text: expect.stringMatching(/^registry listens on http:\/\/0\.0\.0\.0:\d+$/) });
  stop.abort();
  await serving.next();
});

test.each([
  [["--tlscert", "x"], "--tlscert and --tlskey are given together"],
  [["--rules", "rules"], "rules and --anonymous-pull are for a registry that asks for passwords: give --htpasswd"],
  [["--anonymous-pull"], "rules and --anonymous-pull are for a registry that asks for passwords: give --htpasswd"],
  [["--config", "rules"], "rules and --anonymous-pull are for a registry that asks for passwords: give --htpasswd"],
  [["--config", "rules", "--rules", "rules"], /^--rules is given, and ".*rules" has rules, too$/],
  [["--config", "none"], /^cannot read ".*none": ENOENT/],
  [["--proxy", "ftp://x"], 'not the address of a registry: "ftp://x"'],
  [["--proxy", "https://ann:secret@x"], /^not the address/],
  [["--htpasswd", "none"], /^cannot read ".*none": ENOENT/],
])("%j is refused", async (words, message) => {
  expect((await failure([...words, "--listen", "127.0.0.1:0", "refused"])).message).toMatch(message);
});

test.each(["5000", ":5000", "127.0.0.1:99999", "a b:1", "unix:///x"])("%s is no address", async (address) => {
  expect((await failure(["--listen", address, "none"])).message).toBe(`cannot listen on "${address}": it is not HOST:PORT`);
});
