/** Trees as containers leave them are removed, on both programs: deep ones, and links in them lead nowhere. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
// @ts-expect-error: a plain script
import { asBun, bun } from "../../../scripts/quick.mjs";

const script = new URL("./removals.ts", import.meta.url).pathname;

test.each([
  ["Node", process.execPath],
  ["Bun", bun as string],
])("on %s", { timeout: 60_000 }, (_, program) => {
  const work = mkdtempSync(join(tmpdir(), "berth-removal-"));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const remove = (path: string) => {
    const { stdout, stderr, status } = spawnSync(program, [script, path], {
      encoding: "utf8",
      env: { ...process.env, ...asBun },
      timeout: 60_000,
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "gone", stderr: "", status: 0 });
  };
  mkdirSync(join(work, "outside"));
  writeFileSync(join(work, "outside/victim"), "untouched");
  const tree = join(work, "tree");
  mkdirSync(join(tree, "a/b"), { recursive: true });
  symlinkSync("../../outside", join(tree, "a/link"));
  writeFileSync(join(tree, "a/b/file"), "x");
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xe4)]), "x");
  execFileSync("mkfifo", [join(tree, "fifo")]);
  // Deeper than a path can say: each in the one before, by relative names.
  const deep = 'for (let i = 0; i < 3000; i++) { fs.mkdirSync("deep-down"); process.chdir("deep-down"); }';
  execFileSync(process.execPath, ["-e", deep], { cwd: tree });
  remove(tree);
  const link = join(work, "link");
  symlinkSync("outside", link);
  remove(link);
  expect(readdirSync(work)).toEqual(["outside"]);
  expect(readdirSync(join(work, "outside"))).toEqual(["victim"]);
});
