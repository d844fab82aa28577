/** What a question says of a prune is what the prune then does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { humanSize } from "../../src/format/size.ts";
import { type PruneKind, pruneQuestion } from "../../views/prunes.ts";
import { openScene, type Scene } from "../src/commands/scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(() => scene[Symbol.asyncDispose]());

const question = (kind: PruneKind) => pruneQuestion(scene.engine, kind);

test("nothing to remove is no question", async () => {
  for (const kind of ["containers", "images", "volumes", "networks", "cache", "everything"] as const)
    expect([kind, await question(kind)]).toEqual([kind, undefined]);
});

test("stopped containers, with what they wrote", async () => {
  await scene.berth("run", "--name", "wrote", "busybox", "sh", "-c", "head -c 3000000 /dev/zero >/big");
  await scene.berth("create", "--name", "idle", "busybox");
  const asked = await question("containers");
  expect(asked?.detail?.map((line) => line.trim())).toEqual([
    expect.stringMatching(/^3MB +wrote$/),
    expect.stringMatching(/^0B +idle$/),
    "What they wrote outside of volumes is lost.",
  ]);
  expect(asked?.grave).toBe(true);
  const { SpaceReclaimed, ContainersDeleted } = await scene.engine.containers.prune();
  expect(ContainersDeleted).toHaveLength(2);
  expect(asked?.question).toBe(`Remove 2 stopped containers, which frees ${humanSize(SpaceReclaimed)}?`);
});

test("anonymous volumes that nothing mounts, and not those with a name", async () => {
  await scene.berth("run", "--name", "it", "-v", "/data", "-v", "named:/n", "busybox", "sh", "-c", "head -c 2000000 /dev/zero >/data/x");
  await scene.berth("rm", "it");
  const asked = await question("volumes");
  const { SpaceReclaimed, VolumesDeleted } = await scene.engine.volumes.prune();
  expect(asked?.question).toBe(`Remove one unused anonymous volume, which frees ${humanSize(SpaceReclaimed)}?`);
  expect(asked?.detail?.[0]).toContain(VolumesDeleted[0]);
  expect(await scene.text("volume", "ls", "-q")).toBe("named");
});

test("images count a layer once, and none that another image keeps", async () => {
  const make = async (name: string, bytes: number) => {
    await scene.berth("run", "--name", "it", "busybox", "sh", "-c", `head -c ${bytes} /dev/zero >/${name}`);
    await scene.berth("commit", "it", name);
    await scene.berth("rm", "it");
  };
  await make("first", 5_000_000);
  await scene.berth("tag", "first", "again");
  await scene.berth("create", "--name", "user", "busybox");
  const asked = await question("all images");
  const { SpaceReclaimed } = await scene.engine.images.prune({ all: true });
  await scene.berth("rm", "user");
  expect(asked?.question).toBe(`Remove one unused image, which frees up to ${humanSize(SpaceReclaimed)}?`);
  expect(SpaceReclaimed).toBeGreaterThan(4_999_999);
  expect(SpaceReclaimed).toBeLessThan(6_000_000);
  expect(asked?.detail?.[0]).toMatch(/again:latest, first:latest|first:latest, again:latest/);
});

test("everything, by kind; of many the largest first, and the rest counted", async () => {
  for (let at = 0; at < 10; at++) await scene.berth("create", "--name", `c${at}`, "busybox");
  await scene.berth("network", "create", "--subnet", "10.93.0.0/24", "lonely");
  const asked = await question("everything");
  expect(asked?.question).toMatch(/^Remove 10 stopped containers, one unused network, which frees 0B\?$/);
  const detail = asked?.detail?.map((line) => line.trim()) ?? [];
  expect(detail).toContain("and 2 more");
  expect(detail).toContain("one unused network:");
  expect(detail).toContain("lonely");
  expect(detail.filter((line) => line.startsWith("0B"))).toHaveLength(8);
});
