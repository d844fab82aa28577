import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lookUp, resolveUser } from "../../../../engine/container/spec/user.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\napp:x:1000:1000::/home/app:/bin/sh\nbare:x:7:8::\n";
const group = "root:x:0:\napp:x:1000:\nextra:x:2000:app,root\nwheel:x:10:root\n";

describe("users of the image, their primary group among the supplementary ones", () => {
  test.each([
    [undefined, { uid: 0, gid: 0, additionalGids: [0, 2000, 10], home: "/root" }],
    ["app", { uid: 1000, gid: 1000, additionalGids: [1000, 2000], home: "/home/app" }],
    ["1000", { uid: 1000, gid: 1000, additionalGids: [1000, 2000], home: "/home/app" }],
    ["app:wheel", { uid: 1000, gid: 10, additionalGids: [10], home: "/home/app" }],
    ["4242", { uid: 4242, gid: 0, additionalGids: [0], home: "/" }],
    ["4242:4243", { uid: 4242, gid: 4243, additionalGids: [4243], home: "/" }],
    ["bare", { uid: 7, gid: 8, additionalGids: [8], home: "/" }],
  ])("%s", (user, expected) => {
    expect(lookUp(passwd, group, user)).toEqual(expected);
  });

  test("--group-add adds by name and number", () => {
    expect(lookUp(passwd, group, "app", ["wheel", "77"]).additionalGids).toEqual([1000, 2000, 10, 77]);
  });

  test.each([
    ["nobody", "unable to find user nobody: no matching entries in passwd file"],
    ["app:nogroup", "unable to find group nogroup: no matching entries in group file"],
    ["4294967295", "uids and gids must be in range 0-2147483647"],
  ])("%s is refused", (user, message) => {
    expect(() => lookUp(passwd, group, user)).toThrow(message);
  });
});

describe("lookups stay inside the root", () => {
  const root = mkdtempSync(join(tmpdir(), "berth-user-"));
  afterAll(() => rmSync(root, { recursive: true }));

  test("an absolute symlink leads to the image's file, not the host's", () => {
    mkdirSync(join(root, "etc"));
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "other/passwd"), "inside:x:1234:1234::/in:/bin/sh\n");
    symlinkSync("/other/passwd", join(root, "etc/passwd"));
    symlinkSync("../../../../../../etc/group", join(root, "etc/group"));
    expect(resolveUser(root, "inside")).toEqual({ uid: 1234, gid: 1234, additionalGids: [1234], home: "/in" });
    expect(() => resolveUser(root, "daemon")).toThrow("unable to find user");
  });
});
