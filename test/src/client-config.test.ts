/** Proxies of docker's client configuration: variables of containers, arguments of builds. The rest is tested in test/e2e. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientProxies } from "../../src/client-config.ts";
import { optionsOf } from "../../src/commands/build/options.ts";
import type { Context } from "../../src/commands/command.ts";
import { toContainerCreate } from "../../src/commands/container/flags/index.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-proxies-"));
const before = process.env["DOCKER_CONFIG"];
const io = { cwd: directory, env: {} };

beforeAll(() => {
  process.env["DOCKER_CONFIG"] = directory;
  const proxies = { default: { httpProxy: "http://p:3128", noProxy: "localhost", allProxy: "", ftpProxy: 5 } };
  writeFileSync(join(directory, "config.json"), JSON.stringify({ proxies }));
});
afterAll(() => {
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
  rmSync(directory, { recursive: true });
});

test("both spellings of what is set", () => {
  const http = { HTTP_PROXY: "http://p:3128", http_proxy: "http://p:3128" };
  expect(clientProxies()).toEqual({ ...http, NO_PROXY: "localhost", no_proxy: "localhost" });
});

test("run: behind what the line sets, and not in place of it", () => {
  const { Env } = toContainerCreate({ flags: { env: ["A=1", "NO_PROXY="] }, args: ["image"] }, io);
  expect(Env).toEqual(["A=1", "NO_PROXY=", "HTTP_PROXY=http://p:3128", "http_proxy=http://p:3128", "no_proxy=localhost"]);
});

test("build: arguments, which the line overrides", () => {
  const context = { io, signal: new AbortController().signal } as unknown as Context;
  const { buildArgs } = optionsOf(context, { flags: { "build-arg": ["no_proxy=own"] }, args: ["."] });
  expect(buildArgs).toMatchObject({ HTTP_PROXY: "http://p:3128", no_proxy: "own" });
});
