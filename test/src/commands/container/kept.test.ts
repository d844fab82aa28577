/** What cp, export and the archives of images keep of a file: the table in engine/README.md, row by row. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keptIn, makeTree, tableRows } from "../../../support/kept.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-kept-"));
const rows = tableRows();

beforeAll(async () => {
  scene = await openScene();
  makeTree(join(here, "tree"));
  await scene.text("create", "--name", "keeper", "busybox", "true");
  await scene.text("cp", join(here, "tree"), "keeper:/srv");
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(here, { recursive: true, force: true });
});

/** Unpacks an archive as a user would. */
function unpacked(archive: Buffer, name: string): string {
  const directory = join(here, name);
  mkdirSync(directory);
  writeFileSync(`${directory}.tar`, archive);
  execFileSync("tar", ["--xattrs", "--xattrs-include=*", "-xf", `${directory}.tar`, "-C", directory], { stdio: "pipe" });
  return directory;
}

test("cp into a container, and out of one", async () => {
  await scene.text("cp", "keeper:/srv", join(here, "back"));
  expect(keptIn(join(here, "back"))).toEqual(rows["cp into a container"]);
  expect(keptIn(join(here, "back"))).toEqual(rows["cp out of a container"]);
  expect((await scene.text("diff", "keeper")).split("\n")).toEqual(expect.arrayContaining(["A /srv/a\\xe4b", "A /srv/to\\xff"]));
});

test("cp CONTAINER:PATH -, export", async () => {
  const copied = await scene.feed("", "cp", "keeper:/srv", "-");
  expect(copied.output.length).toBeLessThan(1 << 20);
  expect(keptIn(join(unpacked(copied.output, "stream"), "srv"))).toEqual(rows["cp CONTAINER:PATH -, export"]);
  const exported = await scene.feed("", "export", "keeper");
  expect(keptIn(join(unpacked(exported.output, "export"), "srv"))).toEqual(rows["cp CONTAINER:PATH -, export"]);
});

test("a new volume, out of its image", async () => {
  mkdirSync(join(here, "context/wrap"), { recursive: true });
  makeTree(join(here, "context/wrap/tree"));
  writeFileSync(join(here, "context/Dockerfile"), "FROM busybox\nCOPY wrap /srv\n");
  await scene.text("build", "-q", "-t", "built", join(here, "context"));
  await scene.text("run", "--rm", "-v", "filled:/srv", "built", "true");
  const place = (await scene.text("volume", "inspect", "-f", "{{.Mountpoint}}", "filled")).trim();
  expect(keptIn(join(place, "tree"))).toEqual(rows["a new volume, out of its image"]);
});

test("commit, save and load, push and pull", async () => {
  await scene.text("commit", "keeper", "kept");
  const file = join(here, "image.tar");
  await scene.text("save", "-o", file, "kept");
  await scene.text("rm", "keeper");
  await scene.text("rmi", "kept");
  await scene.text("load", "-i", file);
  await scene.text("create", "--name", "loaded", "kept", "true");
  await scene.text("cp", "loaded:/srv", join(here, "loaded"));
  expect(keptIn(join(here, "loaded"))).toEqual(rows["commit, save and load, push and pull"]);
  expect(statSync(file).size).toBeGreaterThan(20 << 20); // a layer's archive has zeros: its digest is the same everywhere
});
