/** Archives that unpack to more than the caller allows: refused in every place where a build takes one, and nothing of them stays. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { buildProject, collect, createProject, outputOf, type Project } from "./project.ts";

let opened: TestEngine;
let bombs: Project;
const kinds: [name: string, flag: string][] = [
  ["bomb.tar", ""],
  ["bomb.tgz", "--gzip"],
  ["bomb.tbz", "--bzip2"],
  ["bomb.txz", "--xz"],
  ["bomb.tzst", "--zstd"],
];

beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  bombs = createProject({ "tree/first": "1", Dockerfile: "FROM busybox\nRUN true\n" });
  await buildProject(opened.engine, bombs); // from here on there is a directory for steps
  const zeros = join(bombs.directory, "tree/zeros");
  writeFileSync(zeros, "");
  truncateSync(zeros, 12 << 20);
  for (const [name, flag] of kinds)
    execFileSync("tar", ["-c", ...(flag ? [flag] : []), "-f", join(bombs.directory, name), "-C", join(bombs.directory, "tree"), "."]);
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  bombs[Symbol.dispose]();
  await opened[Symbol.asyncDispose]();
});

const refused = { code: "archive", message: expect.stringContaining("it unpacks to more than 4194304 bytes") };

function leftovers(): string[] {
  const { layers, tmp, build } = opened.engine.paths;
  return [...readdirSync(layers), ...readdirSync(tmp), ...readdirSync(join(build, "steps"))];
}

test.each(kinds)("ADD %s", async (name) => {
  using project = createProject({ Dockerfile: `FROM busybox\nADD ${name} /x/\n` });
  execFileSync("cp", [join(bombs.directory, name), project.directory]);
  const before = leftovers();
  vi.stubEnv("BERTH_MAX_UNPACKED", "4m");
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ ...refused, hint: expect.stringContaining("BERTH_MAX_UNPACKED") });
  expect(leftovers()).toEqual(before);
});

test("what a higher limit lets pass is unpacked", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nADD bomb.txz /x/\nRUN ls /x\n" });
  execFileSync("cp", [join(bombs.directory, "bomb.txz"), project.directory]);
  vi.stubEnv("BERTH_MAX_UNPACKED", "16m");
  expect((await buildProject(opened.engine, project)).output).toBe("first\nzeros\n");
});

test.each(kinds)("a context that is %s", async (name) => {
  const bytes = execFileSync("cat", [join(bombs.directory, name)], { maxBuffer: 64 << 20 });
  const before = leftovers();
  vi.stubEnv("BERTH_MAX_UNPACKED", "4m");
  const { end } = await collect(opened.engine, { context: "-", stdin: Readable.from([bytes], { objectMode: false }) });
  await expect(end).rejects.toMatchObject(refused);
  expect(leftovers()).toEqual(before);
});

test("a file that only begins like an archive is copied, whatever it would decompress to", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nADD zeros.zst zeros.gz /x/\nRUN ls /x\n" });
  const zeros = Buffer.alloc(12 << 20);
  project.write("zeros.zst", zstdCompressSync(zeros));
  project.write("zeros.gz", gzipSync(zeros));
  expect((await buildProject(opened.engine, project)).output).toBe("zeros.gz\nzeros.zst\n");
});

test("a context deeper than a path can say goes again", async () => {
  using project = createProject({ "top/Dockerfile": "FROM busybox\nCOPY Dockerfile /\nRUN ls /Dockerfile\n" });
  const top = join(project.directory, "top");
  // Two halves, the inner one moved into the outer one: no command names the whole.
  const half = "d/".repeat(1000);
  for (const name of ["outer", "inner"]) mkdirSync(join(top, name, half), { recursive: true });
  execFileSync("mv", ["inner", `outer/${half}`], { cwd: top });
  const bytes = execFileSync("tar", ["-c", "."], { cwd: top, maxBuffer: 64 << 20 });
  const before = leftovers();
  const { events, end } = await collect(opened.engine, { context: "-", stdin: Readable.from([bytes], { objectMode: false }) });
  await end;
  expect(outputOf(events)).toBe("/Dockerfile\n");
  expect(leftovers().filter((name) => !before.includes(name) && name.length === 64)).toEqual([]);
  rmSync(top, { recursive: true, force: true });
  expect(existsSync(top)).toBe(false);
});
