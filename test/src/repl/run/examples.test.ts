/** Every script of examples/session, as its readers would run it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../../../e2e/program.ts";
import { busyboxTar } from "../../../support/rootfs.ts";
import { home } from "../../../support/source-tree.ts";

const folder = join(home, "examples/session");
const scripts = readdirSync(folder).filter((name) => /^\d\d-.*\.berth$/.test(name));
let program: Program;
const reports = mkdtempSync(join(tmpdir(), "berth-examples-"));

beforeAll(async () => {
  program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
});
afterAll(async () => {
  rmSync(reports, { recursive: true });
  await program[Symbol.asyncDispose]();
});

test("there are twelve, and the page tells of each", () => {
  const page = readFileSync(join(folder, "README.md"), "utf8");
  expect(scripts).toHaveLength(12);
  expect(scripts.filter((name) => !page.includes(`](${name})`))).toEqual([]);
});

test("every block of the tutorial runs: as a part of a script here, or replayed, with what it prints", async () => {
  const text = readFileSync(join(home, "docs/tutorial.md"), "utf8");
  const blocks = [...text.matchAll(/^```berth\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  const examples = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const own = blocks.filter((block) => !examples.some((example) => example.includes(block)));
  expect([blocks.length, own.length]).toEqual([17, 5]);
  expect(scripts.filter((name) => !text.includes(`examples/session/${name})`))).toEqual([]);
  const file = join(reports, "tutorial.berth");
  writeFileSync(file, own.join(""));
  expect(await program.run(["replay", file])).toEqual({ status: 0, stdout: "", stderr: `${file}: 4 compared, all as recorded\n` });
});

test("a script finds the files that it reads beside it, wherever it is run from", async () => {
  const nested = join(reports, "nested");
  mkdirSync(join(nested, "more"), { recursive: true });
  writeFileSync(join(reports, "main.berth"), "source nested/one.berth\nfrom_two a\nsource here.berth\n");
  writeFileSync(join(nested, "one.berth"), "source more/two.berth\nsource own.berth\n");
  writeFileSync(join(nested, "own.berth"), "print beside\n");
  writeFileSync(join(nested, "more/two.berth"), "func from_two(x) { print $x }\n");
  const elsewhere = mkdtempSync(join(tmpdir(), "berth-elsewhere-"));
  try {
    writeFileSync(join(elsewhere, "here.berth"), "print here\n");
    const file = join(reports, "main.berth");
    expect(await program.run(["repl", file], { cwd: elsewhere })).toEqual({ status: 0, stdout: "beside\na\nhere\n", stderr: "" });
    expect(await program.run(["repl", "--check", file], { cwd: elsewhere })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await program.run(["repl", file])).status).toBe(2); // here.berth is nowhere
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test.each(scripts)("%s", async (name) => {
  expect(await program.run(["repl", "--check", name], { cwd: folder })).toEqual({ status: 0, stdout: "", stderr: "" });
  const report = join(reports, `${name}.xml`);
  const { status, stderr } = await program.run(["repl", "--junit", report, name], { cwd: folder });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/:\d+:\d+: /) });
  expect(readFileSync(report, "utf8")).toMatch(/<testsuites tests="\d+" failures="0" errors="0" skipped="0"/);
  expect(await program.ok(["ps", "-aq"])).toBe("");
  expect(await program.ok(["volume", "ls", "-q"])).toBe("");
});
