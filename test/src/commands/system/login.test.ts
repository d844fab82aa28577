/** `berth login` and `logout` against registries that want a password, and the file that docker shares. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openGate as openGateOf } from "../../../../engine/registry/server/auth/open-gate.ts";
import { askLine } from "../../../../src/commands/system/ask-line.ts";
import { openGate } from "../../../engine/registry/gate.ts";
import { startServer } from "../../../engine/registry/server/scene.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import type { TestRegistry } from "../../../support/registry.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;
let registry: TestRegistry;
let configs: string;
const file = () => join(configs, "config.json");
const written = () => JSON.parse(readFileSync(file(), "utf8")) as { auths?: Record<string, unknown> };
const auth = Buffer.from("user:secret").toString("base64");
const before = { DOCKER_CONFIG: process.env["DOCKER_CONFIG"], PATH: process.env["PATH"] };

beforeAll(async () => {
  scene = await openScene();
  registry = await startOwnRegistry({ password: true });
});
beforeEach(() => {
  configs = mkdtempSync(join(tmpdir(), "berth-login-"));
  process.env["DOCKER_CONFIG"] = configs;
  return () => {
    rmSync(configs, { recursive: true });
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

test("credentials that are accepted are kept, used by push, and forgotten", async () => {
  writeFileSync(file(), JSON.stringify({ auths: { "other.test": { auth: "x" } }, psFormat: "table" }));
  expect(await scene.feed("secret\n", "login", "-u", "user", "--password-stdin", registry.host)).toMatchObject({ status: 0 });
  expect(written()).toEqual({ auths: { "other.test": { auth: "x" }, [registry.host]: { auth } }, psFormat: "table" });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  await scene.berth("tag", "busybox", `${registry.host}/team/box:1`);
  await scene.berth("push", "-q", `${registry.host}/team/box:1`);
  expect(await scene.text("logout", registry.host)).toBe(`Removing login credentials for ${registry.host}`);
  expect(written()).toEqual({ auths: { "other.test": { auth: "x" } }, psFormat: "table" });
  expect(await scene.error("push", "-q", `${registry.host}/team/box:1`)).toMatchObject({
    code: "registry-auth",
    hint: expect.stringContaining(`berth login ${registry.host}`),
  });
});

test("credentials that are refused are not kept", async () => {
  expect(await scene.error("login", "-u", "user", "-p", "wrong", registry.host)).toMatchObject({
    code: "registry-auth",
    message: `the registry "${registry.host}" denies access: incorrect username or password`,
    exit: 1,
  });
  expect(() => statSync(file())).toThrow("ENOENT");
});

test("a token server decides where there is one", async () => {
  await using open = await startOwnRegistry();
  await using gate = await openGate(open.host, { tokens: { password: true } });
  await expect(scene.berth("login", "-u", "user", "-p", "wrong", gate.host)).rejects.toMatchObject({ code: "registry-auth" });
  expect(await scene.text("login", "-u", "user", "-p", "secret", `http://${gate.host}/v2/`)).toContain("Login Succeeded");
  expect(written()).toEqual({ auths: { [gate.host]: { auth } } });
});

test("berth's own registry: logged in, pushed, and nothing without that", async () => {
  const htpasswd = join(configs, "users");
  await scene.feed("secret", "registry", "login-user", "--htpasswd", htpasswd, "--password-stdin", "user");
  await using own = await startServer({ server: { gate: await openGateOf({ htpasswd, anonymousPull: false, scheme: "http" }) } });
  await scene.berth("tag", "busybox", `${own.host}/team/box:1`);
  await expect(scene.berth("login", "-u", "user", "-p", "wrong", own.host)).rejects.toMatchObject({ code: "registry-auth" });
  await expect(scene.berth("push", "-q", `${own.host}/team/box:1`)).rejects.toMatchObject({ code: "registry-auth" });
  expect(await scene.text("login", "-u", "user", "-p", "secret", own.host)).toContain("Login Succeeded");
  await scene.berth("push", "-q", `${own.host}/team/box:1`);
  await scene.berth("rmi", `${own.host}/team/box:1`);
  await scene.berth("pull", "-q", `${own.host}/team/box:1`);
  await scene.berth("logout", own.host);
  await expect(scene.berth("pull", "-q", `${own.host}/team/box:1`)).rejects.toMatchObject({ code: "registry-auth" });
});

test("a credential helper keeps them instead of the file", async () => {
  const helper = join(configs, "docker-credential-keep");
  writeFileSync(helper, `#!/bin/sh\n{ echo "$1"; cat; } >>${configs}/kept\n`);
  chmodSync(helper, 0o755);
  process.env["PATH"] = `${configs}:${before.PATH}`;
  writeFileSync(file(), JSON.stringify({ credsStore: "keep" }));
  await scene.berth("login", "-u", "user", "-p", "secret", registry.host);
  await scene.berth("logout", registry.host);
  expect(readFileSync(join(configs, "kept"), "utf8")).toBe(
    `store\n{"ServerURL":"${registry.host}","Username":"user","Secret":"secret"}erase\n${registry.host}`,
  );
  expect(written()).toEqual({ credsStore: "keep" });
  writeFileSync(file(), JSON.stringify({ credsStore: "missing" }));
  await expect(scene.berth("login", "-u", "user", "-p", "secret", registry.host)).rejects.toMatchObject({
    message: expect.stringContaining("docker-credential-missing is not installed"),
  });
});

test("a link to the file stays a link", async () => {
  writeFileSync(join(configs, "real.json"), "{}");
  symlinkSync("real.json", file());
  await scene.berth("login", "-u", "user", "-p", "secret", registry.host);
  expect(JSON.parse(readFileSync(join(configs, "real.json"), "utf8"))).toEqual({ auths: { [registry.host]: { auth } } });
});

test.each([
  [["-u", "user"], "Cannot perform an interactive login from a non TTY device"],
  [["--password-stdin"], "must provide --username with --password-stdin"],
  [["-u", "u", "-p", "p", "--password-stdin"], "--password and --password-stdin are mutually exclusive"],
])("login %j is refused", async (words, message) => {
  expect(await scene.error("login", ...words, registry.host)).toMatchObject({ message, exit: 1 });
});

/** A terminal for one answer; what it showed, and whether it was left raw. */
async function answered(keys: string, hidden: boolean) {
  const input = new PassThrough();
  const output = new PassThrough();
  let raw = false;
  const terminal = { columns: 80, rows: 24, input, output, onResize: () => () => {}, setRaw: (on: boolean) => void (raw = on) };
  const asked = askLine(terminal, "Name: ", { hidden });
  input.write(keys);
  const line = await asked.catch((error: Error) => error.message);
  return { line, raw, shown: String(output.read()) };
}

test("two questions after each other get their answers, and what is typed at once is not echoed", async () => {
  const input = new PassThrough();
  const steps: string[] = [];
  const output = Object.assign(new PassThrough(), { write: (text: string) => steps.push(text) > 0 });
  const setRaw = (on: boolean) => void steps.push(on ? "raw" : "cooked");
  const terminal = { columns: 80, rows: 24, input, output, onResize: () => () => {}, setRaw };
  for (const name of ["first", "second"]) {
    const asked = askLine(terminal, `${name}: `, { hidden: true });
    input.write(`${name}\r`);
    expect(await asked).toBe(name);
  }
  expect(steps).toEqual(["first: ", "second: "].flatMap((question) => ["raw", question, "cooked", "\n"]));
});

test("a line asked for is shown and edited, a secret is not shown", async () => {
  expect(await answered("mx\x7fé\r", false)).toEqual({ line: "mé", raw: false, shown: "Name: mx\b \bé\n" });
  expect(await answered("wrong\x15secret\r", true)).toEqual({ line: "secret", raw: false, shown: "Name: \n" });
  expect(await answered("half\x03", false)).toMatchObject({ line: "cancelled", raw: false });
});
