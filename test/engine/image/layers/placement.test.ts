/** Where on the disk layers lie: apart from what was just removed, where the file system can be told so. */
import { execFileSync } from "node:child_process";
import { createReadStream, mkdirSync, rmdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spreadBelow } from "../../../../engine/sys/placement.ts";
import { finish, openTestEngine } from "../../../support/engine.ts";
import { busyboxTar } from "../../../support/rootfs.ts";
import { smallDisk } from "../../../support/small-disk.ts";

const ext4 = 0xef53;
const flagsOf = (path: string) => execFileSync("lsattr", ["-d", path], { encoding: "utf8" }).split(" ")[0];

test("on ext4 each layer has a part of the disk of its own", async () => {
  await using opened = openTestEngine();
  const { engine, root } = opened;
  await finish(engine.images.import(createReadStream(busyboxTar()), { reference: "spread" }));
  const layers = join(root, "layers");
  expect(flagsOf(layers)?.includes("T")).toBe(statfsSync(root).type === ext4);
  const before = flagsOf(layers);
  spreadBelow(layers);
  expect(flagsOf(layers)).toBe(before);
});

test("a file system that does not know the hint stays as it is", () => {
  using disk = smallDisk("size=1m");
  spreadBelow(disk.path);
  mkdirSync(join(disk.path, "child"));
  rmdirSync(join(disk.path, "child"));
  expect(() => spreadBelow(join(disk.path, "missing"))).toThrow("ENOENT");
});
