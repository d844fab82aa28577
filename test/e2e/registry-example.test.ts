/** The example of a registry: its image made of the package as npm has it, within its budget, run by compose, pushed to and pulled from. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { Program } from "./program.ts";

const home = new URL("../..", import.meta.url).pathname;
/** Milliseconds: a hundred megabytes are packed and written on a machine that others use, too. */
const patience = 300_000;
/** A checkout keeps the chunks of earlier bundles for who still runs. */
const old = "dist/chunks/old-12345678.cjs";
let program: Program;
let directory: string;

beforeAll(async () => {
  program = new Program();
  directory = mkdtempSync(join(tmpdir(), "berth-registry-example-"));
  cpSync(join(home, "examples/registry"), directory, { recursive: true, filter: (path) => !/\/package$|\.tgz$/.test(path) });
  install(join(directory, "package/node_modules"));
  await program.ok(["import", debian(join(directory, "debian.tar")), "debian:12-slim"]);
}, patience);

afterAll(async () => {
  await program[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** What the example's first stage needs of a Debian, out of this one: no registry need be reachable. */
function debian(target: string): string {
  const find = (name: string) => execFileSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" }).trim();
  const programs = ["sh", "bash", "ldd", "cp", "rm", "mkdir", "chown", "grep", "sort"].map(find);
  const binaries = [...programs.filter((path) => !path.endsWith("ldd")), join(home, "node_modules/.bin/node")];
  const libraries = execFileSync("ldd", binaries, { encoding: "utf8" }).match(/\/\S*\.so\S*/g) ?? [];
  const paths = [...new Set([...programs, ...libraries])].map((path) => path.slice(1));
  execFileSync("tar", ["-chf", target, "--transform", "s,^usr/bin/,bin/,", "-C", "/", ...paths]);
  return target;
}

/** What "npm install" makes of the packed package, without a network: its dependencies are this checkout's. */
function install(modules: string): void {
  const berth = join(modules, "berth");
  for (const each of [berth, join(modules, ".bin"), join(modules, "@koromix")]) mkdirSync(each, { recursive: true });
  writeFileSync(join(home, old), "// of an earlier bundle\n");
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", modules], { cwd: home });
  rmSync(join(home, old));
  execFileSync("sh", ["-c", "tar -xzf berth-*.tgz --strip-components=1 -C berth && rm berth-*.tgz"], { cwd: modules });
  const node = `node-linux-${process.arch}`;
  for (const name of [node, "koffi", `@koromix/koffi-linux-${process.arch}`])
    execFileSync("cp", ["-a", "--reflink=auto", join(home, "node_modules", name), join(modules, name)]);
  symlinkSync(`../${node}/bin/node`, join(modules, ".bin/node"));
}

test("chunks of earlier bundles are not packed", () => {
  expect(readdirSync(join(directory, "package/node_modules/berth/dist/chunks"))).not.toContain(basename(old));
});

test("it is built, served, pushed to and pulled from, and what was pushed outlives it", { timeout: patience }, async () => {
  const port = String(await freePort());
  const compose = (...words: string[]) => program.run(["compose", ...words], { cwd: directory, env: { PORT: port } });
  const registry = `127.0.0.1:${port}`;
  const env = { DOCKER_CONFIG: join(directory, "config") };
  try {
    const up = await compose("up", "-d", "--build");
    expect({ status: up.status, stderr: up.status === 0 ? "" : up.stderr }).toEqual({ status: 0, stderr: "" });
    expect(await compose("wait", "ci")).toMatchObject({ status: 0 });
    const { stdout } = await compose("logs", "--no-log-prefix", "ci");
    expect(stdout).toMatch(/\npushed and pulled sha256:[0-9a-f]{64}\nlocalhost:5000\/public\/notes\nlocalhost:5000\/team\/notes\n$/);
    const logIn = await program.run(["login", "-u", "ci", "--password-stdin", registry], { input: "example", env });
    expect(logIn.stdout).toContain("Login Succeeded");
    expect(await compose("down", "-t", "5")).toMatchObject({ status: 0 });
    expect(await compose("up", "-d", "--wait", "registry")).toMatchObject({ status: 0 });
    const tags = await program.run(["registry", "tags", "-q", `${registry}/public/notes`], { env });
    expect(tags.stdout).toBe("latest\n");
    const denied = await program.run(["registry", "tags", `${registry}/public/notes`]);
    expect([denied.status, denied.stderr]).toEqual([1, expect.stringContaining("berth login")]);
  } finally {
    await compose("down", "-v", "-t", "0");
  }
});
