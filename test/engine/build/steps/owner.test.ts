/** Whom --chown names, against BuildKit's rules. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { resolveOwner } from "../../../../engine/build/steps/owner.ts";
import { makeNode } from "../../../../engine/sys/files.ts";

const root = mkdtempSync(join(tmpdir(), "berth-owner-"));
mkdirSync(join(root, "etc"));
writeFileSync(join(root, "etc", "passwd"), "root:x:5:5::/:\napp:x:7:8::/:\n");
writeFileSync(join(root, "etc", "group"), "root:x:5:\nstaff:x:9:\n");
afterAll(() => rmSync(root, { recursive: true }));

const report = { log: () => {}, status: () => {} } as unknown as Parameters<typeof resolveOwner>[2];

test.each<[string, number, number]>([
  ["app", 7, 8],
  ["app:staff", 7, 9],
  ["app:", 7, 0],
  [":", 0, 0],
  [":staff", 0, 9],
  [":12", 0, 12],
  ["12", 12, 12],
  ["12:", 12, 0],
  ["12:13", 12, 13],
  ["root", 0, 0],
  ["app:root", 7, 0],
  ["nobody-here", 0, 0],
  ["app:nothing", 7, 8],
])("%s is %d:%d", (text, uid, gid) => {
  expect(resolveOwner(root, text, report)).toEqual({ uid, gid });
});

test("a user file that never ends, or is none, is refused", () => {
  for (const spoil of [
    (file: string) => makeNode(file, 0o020666, 1, 5),
    (file: string) => makeNode(file, 0o010666),
    (file: string) => symlinkSync("/etc", file),
  ]) {
    rmSync(join(root, "etc", "passwd"), { force: true });
    spoil(join(root, "etc", "passwd"));
    expect(() => resolveOwner(root, "app", report)).toThrow(/^cannot read the image's \/etc\/passwd: it is /);
  }
});
