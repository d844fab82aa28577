/** Small files that strangers made: read whole, or refused at once, whatever they are. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBounded, smallFile } from "../../../engine/sys/bounded.ts";
import { readInRoot } from "../../../engine/sys/in-root.ts";

let root = "";
const at = (name: string) => join(root, name);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "berth-bounded-"));
  mkdirSync(at("directory"));
  writeFileSync(at("small"), "root:x:0:0::/root:/bin/sh\n");
  writeFileSync(at("whole"), Buffer.alloc(smallFile, "x"));
  writeFileSync(at("larger"), Buffer.alloc(smallFile + 1, "x"));
  writeFileSync(at("sparse"), "");
  truncateSync(at("sparse"), 3 * 2 ** 30);
  execFileSync("mkfifo", [at("pipe")]);
  execFileSync("mknod", [at("zero"), "c", "1", "5"]);
  execFileSync("mknod", [at("disk"), "b", "7", "200"]);
  symlinkSync("zero", at("link"));
  symlinkSync("loop", at("loop"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["directory", /"\/directory" of the container: it is a directory, not a regular file/],
  ["larger", /it is larger than 1024 KiB/],
  ["sparse", /it is larger than 1024 KiB/],
  ["pipe", /it is a named pipe/],
  ["zero", /it is a character device/],
  ["link", /it is a character device/],
  ["disk", /it is a block device/],
])("%s is refused", (name, message) => {
  expect(() => readInRoot(root, `/${name}`)).toThrow(message);
  expect(() => readBounded(at(name))).toThrow(expect.objectContaining({ code: "invalid", exit: 125 }));
});

test("small files are read, what is not there is not", () => {
  expect(readInRoot(root, "/small")).toBe("root:x:0:0::/root:/bin/sh\n");
  expect(readBounded(at("whole"))).toHaveLength(smallFile);
  for (const missing of ["/nothing", "/small/below", "/loop"]) expect(readInRoot(root, missing)).toBeUndefined();
  expect(() => readBounded(at("nothing"))).toThrow("ENOENT");
});

test("the kernel's files have a size of 0 and are read all the same", () => {
  expect(readBounded("/proc/self/mountinfo").toString()).toMatch(/ \/ /);
});
