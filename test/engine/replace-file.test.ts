/** A file's new content, whole or not at all. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replaceFile } from "../../engine/replace-file.ts";
import { smallDisk } from "../support/small-disk.ts";

let work: string;
const at = (name: string) => join(work, name);

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "berth-replace-"));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

describe("what it replaces", () => {
  test("nothing: the mode that was asked for", () => {
    replaceFile(at("new"), "text", { mode: 0o640 });
    expect([readFileSync(at("new"), "utf8"), statSync(at("new")).mode & 0o777]).toEqual(["text", 0o640]);
  });

  test("a file: its mode and owner stay unless a mode is asked for", () => {
    writeFileSync(at("script"), "old", { mode: 0o700 });
    chownSync(at("script"), 1234, 1235);
    replaceFile(at("script"), "new");
    const { mode, uid, gid } = statSync(at("script"));
    expect([readFileSync(at("script"), "utf8"), mode & 0o777, uid, gid]).toEqual(["new", 0o700, 1234, 1235]);
  });

  test("a link, or what it leads to", () => {
    writeFileSync(at("behind"), "old");
    symlinkSync("behind", at("link"));
    replaceFile(at("link"), "new", { behindLinks: true });
    expect([lstatSync(at("link")).isSymbolicLink(), readFileSync(at("behind"), "utf8")]).toEqual([true, "new"]);
    replaceFile(at("link"), "own");
    expect([lstatSync(at("link")).isFile(), readFileSync(at("behind"), "utf8")]).toEqual([true, "new"]);
  });
});

describe("what it leaves when it fails", () => {
  test("a full disk: what was there, and nothing beside it", () => {
    using disk = smallDisk("size=256k");
    const file = join(disk.path, "kept");
    replaceFile(file, "before");
    expect(() => replaceFile(file, "x".repeat(1 << 20))).toThrow("ENOSPC");
    expect([readdirSync(disk.path), readFileSync(file, "utf8")]).toEqual([["kept"], "before"]);
  });

  test("a directory in its place", () => {
    mkdirSync(at("directory"));
    expect(() => replaceFile(at("directory"), "text")).toThrow("EISDIR");
    expect(readdirSync(work)).toEqual(["directory"]);
  });
});

test("a link that waits beside it for a draft is not written through", () => {
  writeFileSync(at("victim"), "precious");
  symlinkSync("victim", at(`file.${process.pid}`));
  replaceFile(at("file"), "text");
  expect([readFileSync(at("victim"), "utf8"), readFileSync(at("file"), "utf8")]).toEqual(["precious", "text"]);
  expect(readdirSync(work).toSorted()).toEqual(["file", "victim"]);
});
