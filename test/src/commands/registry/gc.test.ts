/** `berth registry gc` and `login-user`: directories and files that a served registry has. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../../../engine/index.ts";
import { parseUsers } from "../../../../engine/registry/server/auth/users.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { digestOf, pushImage, startServer } from "../../../engine/registry/server/scene.ts";
import { finish } from "../../../support/engine.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "berth-registry-gc-"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function berth(words: string[], input = "") {
  const streams = { stdin: Readable.from([Buffer.from(input)]), stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => false, cwd, env: {} };
  return finish(execute({ engine: {} as Engine, io, signal: new AbortController().signal }, ["registry", ...words]));
}

test("a directory is tidied when nobody serves it", async () => {
  const root = join(cwd, "data");
  const server = await startServer({ root });
  const { layer } = await pushImage(server, "app", "1");
  await server.pushBlob("app", "loose");
  await expect(berth(["gc", root])).rejects.toMatchObject({ code: "in-use" });
  await server[Symbol.asyncDispose]();
  expect(await berth(["gc", root])).toMatchObject({ status: 0, result: { Contents: 0, Bytes: 0 } });
  writeFileSync(join(root, "blobs", ...layer.split(":")), "damaged");
  const { status, result } = await berth(["gc", "--grace", "0s", "--scrub", root]);
  const gone = [{ digest: digestOf("loose"), why: "nothing names it (5 bytes)" }];
  expect([status, result]).toEqual([1, { Gone: gone, Contents: 1, Bytes: 5, Checked: 4, Damaged: [layer] }]);
  await expect(berth(["gc", join(cwd, "nothing")])).rejects.toMatchObject({ code: "not-found" });
});

test("what would go by the rules is told, and goes when it is meant", async () => {
  const root = join(cwd, "ruled");
  const server = await startServer({ root });
  for (const tag of ["a", "v1"]) await pushImage(server, "app", tag);
  await server[Symbol.asyncDispose]();
  writeFileSync(join(cwd, "registry.yaml"), "retention:\n  - { repositories: app, last: 0 }\n");
  const words = ["gc", "--config", "registry.yaml", "--immutable-tags", "v*", "--grace", "0s"];
  const result = (await berth([...words, "--dry-run", root])).result as { Gone: object[] };
  expect(result).toMatchObject({ DryRun: true, Gone: [{ repository: "app", why: 'its tag "a" goes: not one of the last 0' }, {}, {}, {}] });
  expect(await berth([...words, root])).toMatchObject({ status: 0, result: { Gone: result.Gone, Contents: 3 } });
  expect(await berth([...words, root])).toMatchObject({ result: { Gone: [], Contents: 0 } });
});

test("a user is added, and gets another password", async () => {
  await berth(["login-user", "--htpasswd", "users", "--password-stdin", "ann"], "first\n");
  const first = readFileSync(join(cwd, "users"), "utf8");
  await berth(["login-user", "--htpasswd", "users", "--password-stdin", "bob"], "other");
  await berth(["login-user", "--htpasswd", "users", "--password-stdin", "ann"], "second");
  const users = parseUsers(readFileSync(join(cwd, "users"), "utf8"), "users");
  expect([...users.keys()]).toEqual(["ann", "bob"]);
  expect(first).not.toContain(users.get("ann"));
  expect(statSync(join(cwd, "users")).mode & 0o777).toBe(0o600);
  await expect(berth(["login-user", "--password-stdin", "ann"], "\n")).rejects.toThrow("the password is empty");
  await expect(berth(["login-user", "ann"])).rejects.toThrow("this is no terminal");
});
