import { spawnSync } from "node:child_process";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let scratch: string;
let chunks: string;
let cache: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "berth-code-"));
  chunks = join(scratch, "chunks");
  cache = join(scratch, "cache/code");
  mkdirSync(chunks);
  writeFileSync(join(chunks, "a.cjs"), 'const { half } = require("./b.cjs"); exports.answer = () => half(84);');
  writeFileSync(join(chunks, "b.cjs"), `exports.half = (n) => { ${"n += 1; n -= 1; ".repeat(200)} return n / 2; };`);
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const program = `
const [module, chunks, cache, verb, calls, file] = process.argv.slice(1);
const { startCodeCache } = await import(module);
const { createRequire } = await import("node:module");
const keep = startCodeCache(chunks, cache, verb);
const loaded = createRequire(chunks + "/x.cjs")(file);
if (calls === "calls") console.log(loaded.answer());
keep();`;

/** Another process that loads a chunk, by default calls what it exports, and keeps the code. */
function run(verb: string, { directory = cache, calls = "calls", file = "./a.cjs" } = {}): string {
  const module = new URL("../../src/code-cache.ts", import.meta.url).href;
  const words = [
    "--input-type=module",
    "--disable-warning=ExperimentalWarning",
    "-e",
    program,
    module,
    chunks,
    directory,
    verb,
    calls,
    file,
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
}

/** The kept files by chunk and verb. */
function kept(): Record<string, string> {
  return Object.fromEntries(readdirSync(cache).map((name) => [name.replace(/\.cjs\..*\./, "."), join(cache, name)]));
}

const inode = (path: string | undefined) => statSync(path!).ino;
const size = (path: string | undefined) => statSync(path!).size;

test("code is kept for each chunk and verb, and taken by the next process", () => {
  expect(run("ps")).toBe("42\n");
  const first = kept();
  expect(Object.keys(first).sort()).toEqual(["a.ps", "b.ps"]);
  expect(statSync(first["a.ps"]!).mode & 0o777).toBe(0o600);
  const inodes = Object.values(first).map(inode);
  expect(run("ps")).toBe("42\n");
  expect(Object.values(kept()).map(inode)).toEqual(inodes);
  run("exec");
  expect(Object.keys(kept()).sort()).toEqual(["a.exec", "a.ps", "b.exec", "b.ps"]);
});

test("the code holds what was called, not only what was loaded", () => {
  run("idle", { calls: "none" });
  run("busy");
  expect(size(kept()["b.busy"])).toBeGreaterThan(size(kept()["b.idle"]) + 1000);
});

test("a chunk that was made anew has its code made anew, though name and length are the same", () => {
  run("ps");
  const { "a.ps": before } = kept();
  writeFileSync(join(chunks, "a.cjs"), readFileSync(join(chunks, "a.cjs"), "utf8").replace("84", "86"));
  utimesSync(join(chunks, "a.cjs"), 1, 1);
  expect(run("ps")).toBe("43\n");
  expect(readdirSync(cache).filter((name) => name.startsWith("a."))).toHaveLength(2);
  expect(inode(before)).toBeGreaterThan(0);
});

test.each([
  ["was cut off", (path: string) => truncateSync(path, 200)],
  ["is no code", (path: string) => writeFileSync(path, "nonsense")],
  ["belongs to somebody else", (path: string) => chownSync(path, 12345, 12345)],
])("a file that %s is not taken, and is replaced", (_what, spoil) => {
  run("ps");
  const path = kept()["b.ps"]!;
  const whole = size(path);
  spoil(path);
  const spoilt = inode(path);
  expect(run("ps")).toBe("42\n");
  expect(inode(path)).not.toBe(spoilt);
  expect({ size: size(path), uid: statSync(path).uid }).toEqual({ size: whole, uid: process.geteuid!() });
});

test("where nothing can be kept, everything works, and nothing is left", () => {
  writeFileSync(join(scratch, "file"), "");
  expect(run("ps", { directory: join(scratch, "file/code") })).toBe("42\n");
  mkdirSync(cache, { recursive: true });
  run("ps");
  for (const path of Object.values(kept())) {
    rmSync(path);
    mkdirSync(join(path, "in the way"), { recursive: true });
  }
  expect(run("ps")).toBe("42\n");
  expect(Object.values(kept()).every((path) => statSync(path).isDirectory())).toBe(true);
});

test("what has not been made for a month goes", () => {
  mkdirSync(cache, { recursive: true });
  const [old, young] = [join(cache, "old.cjs.1.ps"), join(cache, "young.cjs.1.ps")];
  for (const path of [old, young]) writeFileSync(path, "");
  const day = 24 * 60 * 60;
  utimesSync(old, Date.now() / 1000 - 31 * day, Date.now() / 1000 - 31 * day);
  utimesSync(young, Date.now() / 1000 - 29 * day, Date.now() / 1000 - 29 * day);
  run("ps");
  expect(Object.keys(kept()).sort()).toEqual(["a.ps", "b.ps", "young.ps"]);
});

test("other files than chunks are none of its business", () => {
  writeFileSync(join(scratch, "other.cjs"), 'exports.answer = () => "é";');
  expect(run("ps", { file: "../other.cjs" })).toBe("é\n");
  expect(() => readdirSync(cache)).toThrow("ENOENT");
});

test("nothing of the bundle is loaded before the cache is on: what the entry imports at its top is compiled anew by every process", () => {
  const importsOf = (file: string) =>
    [...readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8").matchAll(/^import (?!type).*"(.*)";$/gm)].map(
      ([, from]) => from!,
    );
  expect(importsOf("main.ts")).toEqual(["./code-cache.ts", "./first-frame.ts"]);
  const ours = ["code-cache.ts", "first-frame.ts", "own-files.ts"].flatMap(importsOf).filter((from) => !from.startsWith("node:"));
  expect(new Set(ours)).toEqual(new Set(["./own-files.ts"]));
});
