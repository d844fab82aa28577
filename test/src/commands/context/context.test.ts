/** Contexts: kept as docker keeps them, so that its own client, where there is one, reads and writes the same. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { contextHost } from "../../../../engine/remote/index.ts";
import { overrideWarning } from "../../../../src/commands/context/current.ts";
import { Session } from "../../../../src/repl/session.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { dockerClient } from "../../../support/rootfs.ts";

let directory: string;
let env: Record<string, string>;
const before = process.env["DOCKER_CONFIG"];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-context-"));
  process.env["DOCKER_CONFIG"] = join(directory, "docker");
  env = {};
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
});

async function berth(...words: string[]): Promise<string> {
  const io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd: directory, env };
  return (await new Session({ engine: fakeEngine().engine, io }).capture(words, new AbortController().signal)).text;
}

const fails = (...words: string[]): Promise<EngineError> =>
  berth(...words).then(
    (text) => Promise.reject(new Error(text)),
    (error: EngineError) => error,
  );

const docker = (...words: string[]) => execFileSync(dockerClient(), words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const config = () => JSON.parse(readFileSync(join(directory, "docker/config.json"), "utf8"));
const host = (name: string) => `host=tcp://${name}:2376,skip-tls-verify=true`;

test("made, listed, used, shown, updated and removed, in docker's words", async () => {
  expect(await berth("context", "create", "one", "--description", "first", "--docker", host("one"))).toContain("one");
  expect(await berth("context", "ls", "-q")).toBe("default\none");
  expect(await berth("context", "show")).toBe("default");
  expect(await berth("context", "use", "one")).toContain("one");
  expect(await berth("context", "show")).toBe("one");
  expect(config()).toEqual({ currentContext: "one" });
  expect(await berth("context", "ls", "--format", "{{.Name}} {{.Current}} {{.Description}} {{.DockerEndpoint}}")).toBe(
    "default false This machine's own engine local\none true first tcp://one:2376",
  );
  expect(await berth("context", "ls", "--format", "{{if .Current}}{{.Name}}{{else}}-{{end}}")).toBe("-\none");
  expect(await berth("context", "ls", "--format", "json")).toMatch(/"Current":false.*\n.*"Current":true/);
  expect((await fails("context", "rm", "one")).message).toBe('context "one" is in use, set -f flag to force remove');
  await berth("context", "update", "one", "--docker", "host=ssh://me@two");
  expect(await berth("context", "inspect", "-f", "{{.Endpoints.docker.Host}} {{.Metadata.Description}}", "one")).toBe("ssh://me@two first");
  await berth("context", "rm", "-f", "one");
  expect(config()).toEqual({});
  expect(await berth("context", "ls", "-q")).toBe("default");
});

test("docker's client knows them, and berth knows docker's", async () => {
  for (const file of ["ca", "cert", "key"]) writeFileSync(join(directory, file), pem(file));
  await berth("context", "create", "ours", "--docker", "host=tcp://ours:2376,ca=ca,cert=cert,key=key");
  expect(JSON.parse(docker("context", "inspect", "ours"))).toEqual(JSON.parse(await berth("context", "inspect", "ours")));
  docker("context", "create", "theirs", "--description", "of docker", "--docker", "host=tcp://theirs:2375");
  expect(await berth("context", "ls", "--format", "{{.Name}} {{.DockerEndpoint}} {{.Description}}")).toContain(
    "theirs tcp://theirs:2375 of docker",
  );
  await berth("context", "use", "theirs");
  expect(docker("context", "ls", "--format", "{{.Name}} {{.Current}}")).toContain("theirs true");
  docker("context", "use", "ours");
  expect(await berth("context", "show")).toBe("ours");
  expect(contextHost("ours")).toEqual({
    address: "tcp://ours:2376",
    tls: { ca: pem("ca"), cert: pem("cert"), key: pem("key"), insecure: false },
  });
});

const pem = (name: string) => `-----BEGIN X-----\n${name}\n-----END X-----\n`;

test("an export is docker's, with the certificates, and for its owner's eyes alone", async () => {
  writeFileSync(join(directory, "key"), pem("key"));
  await berth("context", "create", "one", "--docker", "host=tcp://one:2376,key=key");
  await berth("context", "export", "one");
  expect(statSync(join(directory, "one.dockercontext")).mode & 0o777).toBe(0o600);
  expect((await fails("context", "export", "one")).code).toBe("conflict");
  docker("context", "import", "two", join(directory, "one.dockercontext"));
  docker("context", "export", "two", join(directory, "two.tar"));
  await berth("context", "import", "three", "two.tar");
  expect(contextHost("three")).toEqual({ address: "tcp://one:2376", tls: { key: pem("key"), insecure: false } });
  expect((await fails("context", "import", "three", "two.tar")).message).toBe('context "three" already exists');
  writeFileSync(join(directory, "bad"), "no archive");
  expect((await fails("context", "import", "four", "bad")).code).toBe("archive");
  await berth("context", "rm", "three");
  expect(existsSync(join(directory, "docker/contexts/tls"))).toBe(true);
});

test("what else is in docker's configuration stays", async () => {
  await berth("context", "create", "one", "--docker", host("one"));
  const others = { auths: { "x.example": { auth: "eDp5" } }, psFormat: "{{.ID}}" };
  writeFileSync(join(directory, "docker/config.json"), JSON.stringify(others));
  await berth("context", "use", "one");
  expect(config()).toEqual({ ...others, currentContext: "one" });
  writeFileSync(join(directory, "docker/config.json"), "{ damaged");
  expect((await fails("context", "use", "one")).message).toContain("cannot change");
});

test("names and addresses that are none are refused, and so is what is not there", async () => {
  for (const name of ["a b", "default", "a/b", "../x", ""])
    expect((await fails("context", "create", name, "--docker", host("x"))).code).toBe("invalid");
  expect((await fails("context", "create", "one")).code).toBe("usage");
  expect((await fails("context", "create", "one", "--docker", "host=nonsense")).code).toBe("usage");
  expect((await fails("context", "create", "one", "--docker", "port=1")).message).toContain("unrecognized config key: port");
  await berth("context", "create", "one", "--docker", host("one"));
  expect((await fails("context", "create", "one", "--docker", host("one"))).message).toBe('context "one" already exists');
  for (const line of [["use"], ["rm"], ["inspect"], ["export"], ["update"]])
    expect((await fails("context", ...line, "nobody")).message).toContain('context "nobody": context not found');
  expect((await fails("context", "rm", "default")).message).toBe('context "default" cannot be removed');
});

test("a variable that goes before the context is told", async () => {
  env = { DOCKER_HOST: "tcp://other:1" };
  await berth("context", "create", "one", "--docker", host("one"));
  await berth("context", "use", "one");
  expect(overrideWarning(env, "one")).toContain('DOCKER_HOST environment variable overrides the active context. To use "one"');
  expect(await berth("context", "show")).toBe("default");
  expect(await berth("context", "ls", "--format", "{{.Name}} {{.DockerEndpoint}}")).toContain("default tcp://other:1");
});
