/** The volume commands, and volumes in real containers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

test("a volume is made, found, inspected and removed", async () => {
  const { error, text } = scene;
  expect(await text("volume", "create", "--label", "of=test", "data")).toBe("data");
  expect(await text("volume", "create", "data")).toBe("data");
  expect(await text("volume", "ls", "-q", "-f", "label=of=test")).toBe("data");
  expect(await text("volume", "inspect", "-f", "{{.Name}} {{.Driver}} {{.Labels.of}}", "data")).toBe("data local test");
  expect(Object.keys(JSON.parse(await text("volume", "inspect", "-f", "{{json .}}", "data")))).toEqual(
    "CreatedAt Driver Labels Mountpoint Name Options Scope".split(" "),
  );
  expect(await text("volume", "ls", "--format", "{{.Name}} {{.Availability}} {{.Group}} {{.Status}}")).toBe("data N/A N/A N/A");
  expect(await text("volume", "rm", "data")).toBe("data");
  expect((await error("volume", "rm", "data")).message).toContain("no such volume");
  expect((await error("volume", "create", "no/slash")).exit).toBe(1);
});

test("a volume outlives --rm containers, is read-only when asked, and in use while a container has it", async () => {
  const { berth, error, text } = scene;
  await text("run", "--rm", "-v", "kept:/data", "busybox", "sh", "-c", "echo kept > /data/file");
  const read = await berth("run", "--rm", "-v", "kept:/data:ro", "busybox", "sh", "-c", "cat /data/file; touch /data/no");
  expect(read.status).toBe(1);
  const lines = read.text.trim().split("\n").sort(); // of two pipes: either may come first
  expect(lines).toEqual(["kept", expect.stringMatching(/Read-only file system$/)]);
  await text("create", "--name", "holder", "-v", "kept:/data", "busybox", "true");
  expect((await error("volume", "rm", "kept")).message).toContain("volume is in use");
  expect(await text("ps", "-a", "-f", "volume=kept", "--format", "{{.Names}} {{.Mounts}}")).toBe("holder kept");
  await text("rm", "holder");
  expect(await text("volume", "rm", "kept")).toBe("kept");
});

test("an anonymous volume holds the image's content and goes with rm -v and --rm", async () => {
  const { text } = scene;
  expect(await text("run", "--rm", "-v", "/etc", "busybox", "sh", "-c", "ls /etc/passwd")).toBe("/etc/passwd");
  expect(await text("volume", "ls", "-q")).toBe("");
  await text("create", "--name", "anonymous", "-v", "/data", "busybox", "true");
  expect(await text("volume", "ls", "-q")).toMatch(/^[0-9a-f]{64}$/);
  await text("rm", "-v", "anonymous");
  expect(await text("volume", "ls", "-q")).toBe("");
});

test("prune removes anonymous volumes nobody uses, and named ones with --all", async () => {
  const { text } = scene;
  await text("volume", "create", "named");
  await text("create", "--name", "left", "-v", "/data", "busybox", "true");
  await text("rm", "left");
  expect(await text("volume", "prune", "-f")).toMatch(/^Deleted Volumes:\n[0-9a-f]{64}\n\nTotal reclaimed space: /);
  expect(await text("volume", "ls", "-q")).toBe("named");
  expect(await text("volume", "prune", "-f", "-a")).toMatch(/^Deleted Volumes:\nnamed\n/);
});
