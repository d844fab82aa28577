/** `berth registry gc` and `login-user`: directories and files that a served registry has. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../../../engine/index.ts";
import { parseUsers } from "../../../../engine/registry/server/auth/users.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { pushImage, startServer } from "../../../engine/registry/server/scene.ts";
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
  expect([status, result]).toEqual([1, { Contents: 1, Bytes: 5, Checked: 4, Damaged: [layer] }]);
  await expect(berth(["gc", join(cwd, "nothing")])).rejects.toMatchObject({ code: "not-found" });
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
