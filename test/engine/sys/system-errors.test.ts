/** What system calls say: errors by name, links inside a root, interfaces. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { linkInRoot, readInRoot } from "../../../engine/sys/in-root.ts";
import { systemError } from "../../../engine/sys/libc.ts";
import { NetlinkSocket } from "../../../engine/sys/netlink.ts";
import { linkIndex, linkMtu } from "../../../engine/sys/netlink-route.ts";

test("an error has the name of its number", () => {
  for (const errno of new Set(Object.values(constants.errno))) {
    const names = Object.entries(constants.errno).flatMap(([name, number]) => (number === errno ? name : []));
    const error = systemError(errno, "call", "object");
    expect(names).toContain(error.code);
    expect(error).toMatchObject({ errno: -errno, syscall: "call", message: expect.stringMatching(/^E[A-Z0-9]+ \(.+\), call "object"$/) });
  }
});

test("what is not there, or no link, has no target; a name that cannot be is an error", () => {
  const root = mkdtempSync(join(tmpdir(), "berth-root-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/file"), "text");
  symlinkSync("/etc/file", join(root, "link"));
  symlinkSync("/loop", join(root, "loop"));
  expect(linkInRoot(root, "/link")).toBe("/etc/file");
  for (const path of ["/etc", "/etc/file", "/missing", "/missing/too", "/etc/file/below"]) expect(linkInRoot(root, path)).toBeUndefined();
  expect(readInRoot(root, "/link")).toBe("text");
  for (const path of ["/loop", "/missing", "/etc/file/below"]) expect(readInRoot(root, path)).toBeUndefined();
  for (const look of [linkInRoot, readInRoot]) expect(() => look(root, "n".repeat(300))).toThrow("ENAMETOOLONG");
});

test("an interface's MTU, by its number", () => {
  using socket = new NetlinkSocket();
  expect(linkMtu(socket, linkIndex(socket, "lo")!)).toBe(Number(readFileSync("/sys/class/net/lo/mtu", "utf8")));
  expect(linkMtu(socket, 0x7ffffff0)).toBeUndefined();
});
