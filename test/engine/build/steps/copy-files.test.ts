/** Copying from a tree that changes after it was scanned: an error, never another file. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { selectSources } from "../../../../engine/build/context/select.ts";
import { FileTree } from "../../../../engine/build/context/tree.ts";
import { copySources } from "../../../../engine/build/steps/copy-files.ts";

let directory: string;
let context: string;
let root: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-copy-"));
  context = join(directory, "context");
  root = join(directory, "root");
  mkdirSync(join(context, "d"), { recursive: true });
  mkdirSync(root);
  writeFileSync(join(context, "d/file"), "scanned");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Scans, lets something happen, then copies. */
async function copyAfter(change: () => void): Promise<void> {
  const tree = new FileTree(context, { resetOwner: true });
  const sources = selectSources(tree, "/");
  for (const { entry } of sources) for (const each of tree.walk(entry)) void each;
  change();
  await copySources(root, sources, { destination: "/" });
}

const conflict = { code: "conflict", message: '"/d/file" changed while the build was reading it' };

test.each([
  ["written", () => writeFileSync(join(context, "d/file"), "written")],
  ["touched", () => utimesSync(join(context, "d/file"), 1, 1)],
  ["removed", () => rmSync(join(context, "d/file"))],
  [
    "replaced by a link",
    () => {
      rmSync(join(context, "d/file"));
      symlinkSync("/etc/passwd", join(context, "d/file"));
    },
  ],
  [
    "replaced by another file",
    () => {
      writeFileSync(join(context, "new"), "scanned");
      renameSync(join(context, "new"), join(context, "d/file"));
    },
  ],
])("a file that was %s", async (_how, change) => {
  await expect(copyAfter(change)).rejects.toMatchObject(conflict);
});

test("a directory that became a link to the host's", async () => {
  const outside = join(directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "secret!");
  const change = () => {
    renameSync(join(context, "d"), join(context, "old"));
    symlinkSync(outside, join(context, "d"));
  };
  await expect(copyAfter(change)).rejects.toMatchObject(conflict);
});

test("what comes after the scan is not there", async () => {
  await copyAfter(() => writeFileSync(join(context, "d/later"), "x"));
  expect(readdirSync(join(root, "d"))).toEqual(["file"]);
});
