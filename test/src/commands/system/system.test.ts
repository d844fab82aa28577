/** df, info, version and prune of the whole engine, against real objects. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.text("run", "--name", "over", "-v", "kept:/data", "busybox", "true");
  await scene.text("network", "create", "unused");
});
afterAll(() => scene[Symbol.asyncDispose]());

test("df counts what there is, and what could go", async () => {
  const rows = (await scene.text("system", "df", "--format", "{{.Type}}|{{.TotalCount}}|{{.Active}}")).split("\n");
  expect(rows).toEqual(["Images|1|1", "Containers|1|0", "Local Volumes|1|1", "Build Cache|0|0"]);
  expect(await scene.text("system", "df", "-v")).toMatch(/over\n[\s\S]*kept/);
});

test("info and version answer templates", async () => {
  expect(await scene.text("info", "-f", "{{.Containers}} {{.ContainersStopped}} {{.Images}}")).toBe("1 1 1");
  expect(await scene.text("info", "-f", "{{.LoggingDriver}} {{.Swarm.LocalNodeState}} {{.MemoryLimit}}")).toMatch(
    /^k8s-file inactive (true|false)$/,
  );
  expect(await scene.text("info", "-f", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}")).toMatch(/runc|crun/);
  expect(await scene.text("info")).toMatch(/^Client:\n Version: [\s\S]*\n\nServer:\n Containers: 1\n {2}Running: 0\n/);
  expect(await scene.text("version", "-f", "{{.Server.Os}} {{.Client.APIVersion}}")).toMatch(/^linux 1\.\d+$/);
  expect(await scene.text("version")).toMatch(/^Client:\n Version: [\s\S]*\nServer:\n Engine:\n {2}Version: /);
});

test("a template that cannot be read ends as docker's: 64 for values, 1 for lists", async () => {
  expect(await scene.error("info", "-f", "{{")).toMatchObject({ exit: 64 });
  expect(await scene.error("inspect", "-f", "{{", "over")).toMatchObject({ exit: 64 });
  expect(await scene.error("ps", "--format", "{{")).toMatchObject({ exit: 1 });
});

test("prune asks first, and takes nothing when the answer is no", async () => {
  for (const kind of ["system", "container", "image"]) expect(await scene.text(kind, "prune")).toBe("");
  expect(await scene.text("ps", "-a", "--format", "{{.Names}}")).toBe("over");
});

test("volumes have no age to prune by", async () => {
  expect((await scene.error("system", "prune", "-f", "--volumes", "--filter", "until=1h")).message).toContain(
    '"until" filter is not supported',
  );
});

test("prune -f removes stopped containers and unused networks, and leaves named volumes and tagged images", async () => {
  expect(await scene.text("system", "prune", "-f")).toMatch(
    /^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Networks:\nunused\n[\s\S]*Total reclaimed space: /,
  );
  expect(await scene.text("ps", "-aq")).toBe("");
  expect(await scene.text("volume", "ls", "-q")).toBe("kept");
  expect(await scene.text("images", "-q")).toMatch(/^[0-9a-f]{12}$/);
});
