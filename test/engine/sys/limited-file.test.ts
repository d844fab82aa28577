import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeNode } from "../../../engine/sys/files.ts";
import { openRegular, readLimited } from "../../../engine/sys/limited-file.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-limited-"));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);
writeFileSync(at("file"), "x".repeat(100_000));
writeFileSync(at("sparse"), "");
truncateSync(at("sparse"), 2 ** 40);
makeNode(at("zero"), 0o020666, 1, 5);
makeNode(at("pipe"), 0o010666);

const read =
  (name: string, limit: number, pipes = false) =>
  () =>
    readLimited(at(name), { limit, name: `"${name}"`, pipes });

test("a file is read whole up to the limit", () => {
  expect(read("file", 100_000)()).toHaveLength(100_000);
  expect(read("file", 99_999)).toThrow('cannot read "file": it is larger than 97 kB');
  expect(read("missing", 1)).toThrow(/ENOENT/);
});

test("what has no end is not read to it", () => {
  expect(read("sparse", 1 << 20)).toThrow('cannot read "sparse": it is larger than 1 MB');
  expect(read("zero", 1 << 20, true)).toThrow('cannot read "zero": it is larger than 1 MB');
});

test.each(["zero", "pipe", "."])("%s is no regular file, and is not opened", (name) => {
  expect(read(name, 10)).toThrow(/^cannot read .*: it is (no regular file|a directory)$/);
  expect(() => openRegular(at(name), "it")).toThrow(/^cannot read it: it is /);
});
