/** What a container has changed: diff, the image that commit makes of it, and the tree that export gives. */

import { execFileSync } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { compareUpper, emptyMountPoints, openChanges } from "../../../../engine/container/files/changes.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { readTar, type TarHeader } from "../../../../engine/image/tar/reader.ts";
import { makeNode, writeXattr } from "../../../../engine/sys/files.ts";
import { finish, importBusybox, openTestEngine } from "../../../support/engine.ts";
import { busyboxTar } from "../../../support/rootfs.ts";

const S_IFCHR = 0o020000;

/** Directories end in "/", whiteouts in "!", opaque directories in "/=". All have one time. */
function makeLayer(paths: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "berth-changes-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const path of paths) {
    const full = join(root, path.replace(/[/=!]+$/, ""));
    mkdirSync(path.endsWith("/") || path.endsWith("=") ? full : dirname(full), { recursive: true });
    if (path.endsWith("=")) writeXattr(full, "trusted.overlay.opaque", Buffer.from("y"));
    else if (path.endsWith("!")) makeNode(full, S_IFCHR);
    else if (!path.endsWith("/")) writeFileSync(full, path);
  }
  for (const path of execFileSync("find", [root, "-depth", "-type", "d"], { encoding: "utf8" }).trim().split("\n"))
    utimesSync(path, 1e9, 1e9);
  return root;
}

const letters = ["C", "A", "D"];
const list = (upper: string, lowers: string[], isMountPoint = (_: string) => false) =>
  compareUpper(upper, lowers, isMountPoint).map(({ Kind, Path }) => `${letters[Kind]} ${Path}`);

test("added, changed and deleted, with the directories above", () => {
  const lower = makeLayer(["etc/kept", "etc/old", "etc/gone", "var/log/x"]);
  const upper = makeLayer(["etc/old", "etc/gone!", "etc/new", "fresh/sub/file"]);
  expect(list(upper, [lower])).toEqual([
    "C /etc",
    "D /etc/gone",
    "A /etc/new",
    "C /etc/old",
    "A /fresh",
    "A /fresh/sub",
    "A /fresh/sub/file",
  ]);
});

test("an untouched directory that was only copied up is no change", () => {
  expect(list(makeLayer(["etc/"]), [makeLayer(["etc/file"])])).toEqual([]);
});

test("what a whiteout or an opaque directory hides below does not count as there", () => {
  const bottom = makeLayer(["a/file", "b/file"]);
  const middle = makeLayer(["a!", "b/="]);
  expect(list(makeLayer(["a/file", "b/file"]), [middle, bottom])).toEqual(["A /a", "A /a/file", "C /b", "A /b/file"]);
});

test("a link in a layer or of the container leads the comparison nowhere", () => {
  const outside = makeLayer(["passwd", "hosts"]);
  const lower = makeLayer([]);
  symlinkSync(outside, join(lower, "a"));
  expect(list(makeLayer(["a/passwd"]), [lower])).toEqual(["C /a", "A /a/passwd"]);
  const upper = makeLayer([]);
  symlinkSync(outside, join(upper, "etc"));
  writeFileSync(join(outside, "hosts"), "");
  expect(list(upper, [makeLayer(["etc/hosts"])])).toEqual(["C /etc"]);
  expect(emptyMountPoints(upper, [])).toEqual([]);
});

test("names that are not UTF-8 are listed", () => {
  const upper = makeLayer([]);
  writeFileSync(Buffer.from(join(upper, "a\u00e4b"), "latin1"), "");
  expect(list(upper, [])).toEqual(["A /a\udce4b"]);
});

test("behind an opaque directory of the container's own everything is new", () => {
  expect(list(makeLayer(["a/=", "a/file"]), [makeLayer(["a/file"])])).toEqual(["C /a", "A /a/file"]);
});

/** What a listing says of a directory of a layer: of the names in it, and what is gone. */
function listed(upper: string, lowers: string[], path: string, names: readonly string[]) {
  using found = openChanges({ upper, lowers, exempt: { isMountPoint: () => false, started: false } }, path);
  const gone = found?.removed.map(({ name, stats }) => `${name}${stats.isDirectory() ? "/" : ""}`).toSorted();
  return [...names.map((name) => found?.changeOf(Buffer.from(name))), gone];
}

test("a listing shows what an opaque directory hides, in all layers below and at any depth", () => {
  const bottom = makeLayer(["a/file", "a/sub/deep", "a/old/x", "a/twice", "b/y"]);
  const middle = makeLayer(["a/twice", "a/old!", "b/="]);
  const upper = makeLayer(["a/=", "a/file", "a/new", "a/sub/fresh", "b/"]);
  expect(listed(upper, [middle, bottom], "/", ["a", "b"])).toEqual(["changed", undefined, []]);
  expect(listed(upper, [middle, bottom], "/a", ["file", "new", "sub"])).toEqual(["changed", "added", "changed", ["twice"]]);
  expect(listed(upper, [middle, bottom], "/a/sub", ["fresh"])).toEqual(["added", ["deep"]]);
  expect(listed(middle, [bottom], "/", ["b"])).toEqual(["changed", []]);
  expect(listed(middle, [bottom], "/b", [])).toEqual([["y"]]);
});

test("empty mount points are left out, filled ones are not", () => {
  const upper = makeLayer(["data/", "full/file", "etc/"]);
  const isMountPoint = (path: string) => ["/data", "/full"].includes(path);
  expect(list(upper, [makeLayer(["etc/file"])], isMountPoint)).toEqual(["A /full", "A /full/file"]);
});

test("mount points for an image to leave out: those made at the start, empty, and not of the image", () => {
  const upper = makeLayer(["etc/hosts", "dev/", "proc/", "sys/"]);
  for (const path of [".dockerenv", "etc/hostname", "etc/resolv.conf"]) writeFileSync(join(upper, path), "");
  symlinkSync("/proc/mounts", join(upper, "etc/mtab"));
  const lower = makeLayer(["etc/resolv.conf", "proc/"]);
  expect(emptyMountPoints(upper, [lower]).toSorted()).toEqual([".dockerenv", "dev", "etc/hostname", "etc/mtab", "sys"]);
});

async function headers(tar: Readable): Promise<Map<string, TarHeader>> {
  const found = new Map<string, TarHeader>();
  for await (const { header } of readTar(tar)) found.set(header.name.replace(/\/$/, ""), header);
  return found;
}

test("a container's changes in diff, in export, and in the image that commit makes", async () => {
  await using made = openTestEngine();
  const { containers, images } = made.engine;
  await importBusybox(made.engine);
  const script = "echo hi >/new; chown 7:8 /new; chmod 4750 /new; mkdir -p /etc/deep; rm /etc/group; ln -s new /link; echo in >/v/volume";
  const { Id } = await finish(
    containers.create({
      Image: "busybox",
      Cmd: ["sh", "-c", script],
      Env: ["OWN=1"],
      HostConfig: { NetworkMode: "none", Binds: ["vol:/v"] },
    }),
  );
  await containers.start(Id);
  expect(await containers.wait(Id)).toBe(0);

  const changes = (await containers.changes(Id)).map(({ Kind, Path }) => `${letters[Kind]} ${Path}`);
  expect(changes).toEqual(["C /etc", "A /etc/deep", "D /etc/group", "A /link", "A /new"]);

  const exported = await headers(await containers.export(Id));
  expect(exported.get("new")).toMatchObject({ type: "file", size: 3, uid: 7, gid: 8, mode: 0o4750 });
  expect(exported.get("link")).toMatchObject({ type: "symlink", linkName: "new" });
  expect(exported.has("etc/group")).toBe(false);
  expect(exported.has("bin/busybox")).toBe(true);
  expect(exported.has("v/volume")).toBe(false);

  await containers.commit(Id, { reference: "made:1", message: "why", author: "who", changes: ["ENV MORE=2", 'CMD ["cat", "/new"]'] });
  const image = await images.inspect("made:1");
  expect(image.Config).toMatchObject({ Env: expect.arrayContaining(["OWN=1", "MORE=2"]), Cmd: ["cat", "/new"] });
  expect(image).toMatchObject({ Author: "who", Comment: "why" });
  const base = await images.inspect("busybox");
  expect(image.RootFS.Layers).toHaveLength(base.RootFS.Layers.length + 1);
  const { lowerdirs } = resolveImage(made.engine, "made:1")!;
  expect(list(lowerdirs[0]!, lowerdirs.slice(1))).toEqual(["C /etc", "A /etc/deep", "D /etc/group", "A /link", "A /new", "A /v"]);
});

test("hidden in an image, what only the container's start has made stays out of the next one", async () => {
  await using made = openTestEngine();
  const { containers } = made.engine;
  await importBusybox(made.engine);
  const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["true"], HostConfig: { NetworkMode: "none" } }));
  await containers.start(Id);
  await containers.wait(Id);
  expect(await containers.changes(Id)).toEqual([]);
  await containers.commit(Id, { reference: "empty:1" });
  const { lowerdirs } = resolveImage(made.engine, "empty:1")!;
  expect(list(lowerdirs[0]!, lowerdirs.slice(1))).toEqual([]);
});

test("an image without /etc gets one by the start: it is no change, but what is put into it is", async () => {
  await using made = openTestEngine();
  const { containers, images } = made.engine;
  const directory = mkdtempSync(join(tmpdir(), "berth-bare-"));
  try {
    execFileSync("tar", ["-xf", busyboxTar(), "-C", directory]);
    rmSync(join(directory, "etc"), { recursive: true });
    execFileSync("tar", ["-cf", `${directory}.tar`, "-C", directory, "."]);
    await finish(images.import(createReadStream(`${directory}.tar`), { reference: "bare:1" }));
  } finally {
    rmSync(directory, { recursive: true });
    rmSync(`${directory}.tar`, { force: true });
  }
  const changed = async (script: string, reference: string) => {
    const { Id } = await finish(
      containers.create({ Image: "bare:1", Cmd: ["/bin/busybox", "sh", "-c", script], HostConfig: { NetworkMode: "none" } }),
    );
    await containers.start(Id);
    expect(await containers.wait(Id)).toBe(0);
    await containers.commit(Id, { reference });
    const { lowerdirs } = resolveImage(made.engine, reference)!;
    const diff = (await containers.changes(Id)).map(({ Kind, Path }) => `${letters[Kind]} ${Path}`);
    return { diff, layer: list(lowerdirs[0]!, lowerdirs.slice(1)) };
  };
  expect(await changed("true", "same:1")).toEqual({ diff: [], layer: [] });
  expect(await changed("echo >/etc/own", "own:1")).toEqual({ diff: ["C /etc", "A /etc/own"], layer: ["C /etc", "A /etc/own"] });
});
