/** Files of containers, volumes and images from the shell: listed, copied, compared. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "./scene.ts";

let scene: Scene;
let host: string;
beforeAll(async () => {
  scene = await openScene();
  host = mkdtempSync(join(tmpdir(), "berth-cp-"));
  const dockerfile = "FROM busybox\nRUN mkdir /d && echo one > /d/one\nRUN rm /d/one && echo two > /d/two\n";
  await scene.feed(dockerfile, "build", "-q", "-t", "app:2", "-");
}, 60_000);
afterAll(async () => {
  rmSync(host, { recursive: true, force: true });
  await scene?.[Symbol.asyncDispose]();
});

test("a directory of a container, a volume, an image and a layer is listed", async () => {
  await scene.berth("create", "--name", "box", "--network", "none", "busybox");
  const text = await scene.text("container", "files", "box", "/etc");
  expect(text).toMatch(/^CHANGE +MODE +OWNER +SIZE +MODIFIED +NAME/);
  expect(text).toMatch(/-rw-r--r-- +0:0 +\d+B +\d{4}-\d\d-\d\d \d\d:\d\d +passwd/);
  expect(await scene.text("image", "files", "app:2", "--format", "{{.Name}}", "/d")).toBe("two");
  expect(await scene.text("image", "files", "--layer", "3", "app:2", "/d")).toMatch(/^D .* one\nA .* two$/m);
  await scene.berth("volume", "create", "empty");
  expect(await scene.text("volume", "files", "empty")).toMatch(/^CHANGE.*\n?$/);
  expect(await scene.error("volume", "files", "none")).toMatchObject({ code: "not-found" });
});

test("a volume is copied into and out of, without a container", async () => {
  writeFileSync(join(host, "in"), "words");
  await scene.berth("volume", "create", "copied");
  await scene.berth("volume", "cp", join(host, "in"), "copied:/as");
  await scene.berth("volume", "cp", "copied:/as", join(host, "out"));
  expect(readFileSync(join(host, "out"), "utf8")).toBe("words");
  expect(await scene.error("volume", "cp", "copied:/nothing", host)).toMatchObject({ code: "not-found" });
  expect(await scene.error("volume", "cp", join(host, "in"), "absent:/x")).toMatchObject({ code: "not-found" });
  expect(await scene.error("volume", "cp", "a:/x", "b:/x")).toMatchObject({ message: "copying between volumes is not supported" });
});

test("an image is copied out of, whole or by layers, and never into", async () => {
  await scene.berth("image", "cp", "app:2:/d/two", join(host, "two"));
  expect(readFileSync(join(host, "two"), "utf8")).toBe("two\n");
  await scene.berth("image", "cp", "--layer", "2", "app:2:/d/one", join(host, "one"));
  expect(readFileSync(join(host, "one"), "utf8")).toBe("one\n");
  expect(await scene.error("image", "cp", join(host, "one"), "app:2:/d")).toMatchObject({ code: "unsupported" });
});

test("two images are compared", async () => {
  const text = await scene.text("image", "diff", "busybox", "app:2");
  expect(text).toMatch(/A +\/d\nA +4B +\/d\/two\n2 differences: 4B come, 0B go$/);
  expect(await scene.text("image", "diff", "app:2", "app:2")).toBe("both have the same files");
});
