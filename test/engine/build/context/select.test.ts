import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HashCache } from "../../../../engine/build/context/hash-cache.ts";
import { digestSources, selectSources } from "../../../../engine/build/context/select.ts";
import { FileTree, type TreeOptions } from "../../../../engine/build/context/tree.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-select-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const found = (path: string, options?: TreeOptions) => selectSources(new FileTree(root, options), path).map(({ entry }) => entry.path);
const digest = (path: string, options?: TreeOptions) => digestSources(selectSources(new FileTree(root, options), path));

describe("sources", () => {
  beforeEach(() => {
    for (const path of ["a.txt", "b.txt", "c.md", "dir/d.txt", "dir/deep/e.txt", "[x].txt"]) put(path);
  });

  test.each([
    ["a.txt", ["a.txt"]],
    ["./dir/../a.txt", ["a.txt"]],
    ["/dir", ["dir"]],
    [".", [""]],
    ["*.txt", ["[x].txt", "a.txt", "b.txt"]],
    ["?.txt", ["a.txt", "b.txt"]],
    ["[ab].txt", ["a.txt", "b.txt"]],
    ["[^a].txt", ["b.txt"]],
    ["\\[x\\].txt", ["[x].txt"]],
    ["dir/*/e.txt", ["dir/deep/e.txt"]],
    ["*/d.txt", ["dir/d.txt"]],
    ["none*", []],
  ])("%s", (path, expected) => {
    expect(found(path)).toEqual(expected);
  });

  test("what is not there is named as BuildKit names it", () => {
    expect(() => found("nofile")).toThrow('"/nofile": not found');
    expect(() => found("a.txt/x")).toThrow('"/a.txt/x": not found');
  });

  test("a malformed pattern", () => {
    expect(() => found("[a")).toThrow(/syntax error in pattern/);
  });

  test("ignored files are not there, but a re-included one inside an ignored directory is", () => {
    const ignored = (path: string) => (path === "dir" || path.startsWith("dir/")) && !path.startsWith("dir/deep");
    expect(() => found("dir/d.txt", { ignored })).toThrow("not found");
    const tree = new FileTree(root, { ignored, exceptions: true });
    expect([...tree.walk(selectSources(tree, "dir")[0]!.entry)].map((entry) => entry.path)).toEqual(["dir", "dir/deep", "dir/deep/e.txt"]);
  });
});

describe("links never lead out of the tree", () => {
  test("absolute targets and dots stop at the root", () => {
    put("etc/hosts", "inside");
    symlinkSync("/etc/hosts", join(root, "absolute"));
    symlinkSync("../../../../../etc/hosts", join(root, "dots"));
    symlinkSync("/etc", join(root, "directory"));
    expect(found("absolute")).toEqual(["etc/hosts"]);
    expect(found("dots")).toEqual(["etc/hosts"]);
    expect(found("directory/hosts")).toEqual(["etc/hosts"]);
    expect(found("../../etc/hosts")).toEqual(["etc/hosts"]);
    expect(() => found("directory/shadow")).toThrow('"/directory/shadow": not found');
  });

  test("a loop is an error, not a hang", () => {
    symlinkSync("loop", join(root, "loop"));
    expect(() => found("loop")).toThrow(/too many levels of symbolic links/);
  });
});

describe("digests", () => {
  beforeEach(() => {
    put("a/one", "1");
    put("a/two", "2");
  });

  test("times and inodes do not count; content, mode, names and links do", async () => {
    const before = await digest("a");
    utimesSync(join(root, "a/one"), 1, 1);
    expect(await digest("a")).toBe(before);
    chmodSync(join(root, "a/one"), 0o755);
    const changedMode = await digest("a");
    chmodSync(join(root, "a/one"), 0o644);
    put("a/one", "X");
    const changedContent = await digest("a");
    put("a/one", "1");
    linkSync(join(root, "a/one"), join(root, "a/three"));
    const oneMore = await digest("a");
    expect(new Set([before, changedMode, changedContent, oneMore]).size).toBe(4);
  });

  test("the owner of a build context's files does not count", async () => {
    const mine = await digest("a", { resetOwner: true });
    expect(selectSources(new FileTree(root, { resetOwner: true }), "a/one")[0]!.entry.uid).toBe(0);
    expect(mine).toBe(await digest("a", { resetOwner: true }));
  });

  test("hashes are remembered while a file is what it was", async () => {
    const file = join(root, "..", `${root.split("/").pop()}.hashes`);
    try {
      const old = Date.now() / 1000 - 60;
      for (const name of ["a/one", "a/two"]) utimesSync(join(root, name), old, old);
      await settled(join(root, "a/two"));
      const first = new HashCache(file);
      const before = await digest("a", { hashes: first });
      first.save(true);
      const second = new HashCache(file);
      expect(await digest("a", { hashes: second })).toBe(before);
      const { ino } = statSync(join(root, "a/one"));
      writeFileSync(join(root, "a/one"), "9"); // same size, same inode
      utimesSync(join(root, "a/one"), old, old); // even the same mtime: ctime tells
      expect(statSync(join(root, "a/one")).ino).toBe(ino);
      expect(await digest("a", { hashes: new HashCache(file) })).not.toBe(before);
    } finally {
      rmSync(file, { force: true });
    }
  });
});

/** Waits until a file's ctime is old enough to be trusted. */
async function settled(path: string): Promise<void> {
  while (Date.now() - statSync(path).ctimeMs < 60) await new Promise((resolve) => setImmediate(resolve));
}
