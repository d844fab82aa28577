/** `--device`: a node, a link to one, a directory of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planDevices } from "../../../../engine/container/spec/devices.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-devices-"));
beforeAll(() => {
  mkdirSync(join(directory, "of", "below"), { recursive: true });
  mkdirSync(join(directory, "empty"));
  execFileSync("mknod", [join(directory, "of", "null"), "c", "1", "3"]);
  execFileSync("mknod", [join(directory, "of", "below", "zero"), "c", "1", "5"]);
  symlinkSync("null", join(directory, "of", "link"));
  writeFileSync(join(directory, "of", "file"), "");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const devices = (path: string, PathInContainer = "") =>
  planDevices({ Devices: [{ PathOnHost: join(directory, path), PathInContainer, CgroupPermissions: "rw" }] }).map(({ node, access }) => [
    node.path,
    node.minor,
    access,
  ]);

test("a directory gives every device in it, whatever its name", () => {
  expect(devices("of", "/dev/x").sort()).toEqual([
    ["/dev/x/below/zero", 5, "rw"],
    ["/dev/x/null", 3, "rw"],
  ]);
  expect(devices("of/link", "/dev/l")).toEqual([["/dev/l", 3, "rw"]]);
});

test.each(["empty", "of/file"])("without a device it is refused: %s", (path) => {
  expect(() => devices(path)).toThrow(`while adding custom device "${join(directory, path)}": not a device node`);
});
