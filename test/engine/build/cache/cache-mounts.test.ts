/** The directories of RUN --mount=type=cache: who shares them, what du says of them, and prune. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const mount = (sharing: string) => `RUN --mount=type=cache,id=shared-by-two,sharing=${sharing},target=/c`;
const caches = () => readdirSync(join(opened.root, "build", "caches")).filter((name) => !name.endsWith(".json"));

/** Two stages that meet inside the cache, if they are let in together. */
const meeting = (sharing: string) => ({
  Dockerfile: [
    "FROM busybox AS a",
    `${mount(sharing)} touch /c/a; for i in $(seq 60); do test -e /c/b && echo a-met-b && exit 0; sleep 0.05; done; echo a-alone`,
    "FROM busybox AS b",
    `${mount(sharing)} touch /c/b; for i in $(seq 60); do test -e /c/a && echo b-met-a && exit 0; sleep 0.05; done; echo b-alone`,
    "FROM scratch",
    "COPY --from=a /etc/passwd /a",
    "COPY --from=b /etc/passwd /b",
  ].join("\n"),
});

test("shared: both at once in one directory", async () => {
  using project = createProject(meeting("shared"));
  expect((await buildProject(opened.engine, project)).output.trim().split("\n").sort()).toEqual(["a-met-b", "b-met-a"]);
  expect(caches()).toHaveLength(1);
  expect((await opened.engine.builder.prune({ filters: { type: ["exec.cachemount"] } })).CachesDeleted).toHaveLength(1);
});

test("private: each has its own, and a later build finds one of them again", async () => {
  using project = createProject(meeting("private"));
  expect((await buildProject(opened.engine, project, { noCache: true })).output.trim().split("\n").sort()).toEqual(["a-alone", "b-alone"]);
  expect(caches()).toHaveLength(2);
  using later = createProject({ Dockerfile: `FROM busybox\n${mount("private")} ls /c\n` });
  expect((await buildProject(opened.engine, later)).output).toMatch(/^[ab]\n$/);
  expect(caches()).toHaveLength(2);
});

test("du knows their size and use, prune leaves what a step holds", async () => {
  await opened.engine.builder.prune({ all: true });
  expect(caches()).toEqual([]);
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN --mount=type=cache,id=sized,target=/c dd if=/dev/zero of=/c/f bs=1k count=20 2>/dev/null\n",
  });
  await buildProject(opened.engine, project);
  await buildProject(opened.engine, project, { noCache: true });
  const [record] = await opened.engine.builder.du({ type: ["exec.cachemount"] });
  expect(record).toMatchObject({ Description: "cached mount sized", Size: 20_480, UsageCount: 2, InUse: false });

  using busy = createProject({ Dockerfile: "FROM busybox\nRUN --mount=type=cache,id=sized,target=/c echo holding; sleep 1000\n" });
  const abort = new AbortController();
  const build = opened.engine.builder.build({ context: busy.directory, signal: abort.signal });
  for (let next = await build.next(); !next.done; next = await build.next()) if (next.value.type === "step-log") break;
  const held = await opened.engine.builder.du({ type: ["exec.cachemount"] });
  const pruned = await opened.engine.builder.prune({ filters: { type: ["exec.cachemount"] } });
  abort.abort();
  await build.return(undefined as never).catch(() => undefined);
  expect(held).toMatchObject([{ InUse: true }]);
  expect(pruned.CachesDeleted).toEqual([]);

  const { CachesDeleted, SpaceReclaimed } = await opened.engine.builder.prune({ filters: { type: ["exec.cachemount"] } });
  expect([CachesDeleted, SpaceReclaimed]).toEqual([[record?.ID], 20_480]);
  const past = { since: 0, until: Date.now() / 1000 + 1, filters: { event: ["prune"], type: ["builder"] } };
  const told = await Array.fromAsync(opened.engine.events(past));
  expect(told.at(-1)?.Actor).toEqual({ ID: "", Attributes: { reclaimed: "20480" } });
  expect(existsSync(join(opened.root, "build", "caches", `${record?.ID}.json`))).toBe(false);
});

test("--keep-storage keeps the most recently used", async () => {
  await opened.engine.builder.prune({ all: true });
  for (const name of ["old", "new"]) {
    using project = createProject({
      Dockerfile: `FROM busybox\nRUN --mount=type=cache,id=${name},target=/c dd if=/dev/zero of=/c/f bs=1k count=10 2>/dev/null\n`,
    });
    await buildProject(opened.engine, project);
  }
  await opened.engine.builder.prune({ keepStorage: 11_000 });
  expect((await opened.engine.builder.du({ type: ["exec.cachemount"] })).map(({ Description }) => Description)).toEqual([
    "cached mount new",
  ]);
});

const counting = (options: string) => `RUN --mount=type=cache,id=told-apart,target=/c${options} ls /c | wc -l; touch /c/$(ls /c | wc -l)`;

test("another owner, another mode, another beginning: another cache, as in BuildKit", async () => {
  const options = ["", ",uid=5", ",gid=5", ",uid=5,gid=5", ",mode=0700", ",from=a", ",from=b", ",from=a,uid=5"];
  using project = createProject({
    Dockerfile: [
      "FROM scratch AS a",
      "COPY one /",
      "FROM scratch AS b",
      "COPY one two /",
      "FROM busybox",
      ...options.map(counting),
      "RUN --mount=type=cache,id=told-apart,target=/c,uid=5 stat -c %u /c",
      "RUN --mount=type=cache,id=told-apart,target=/c,from=a,uid=5 stat -c %u /c",
    ].join("\n"),
    one: "",
    two: "",
  });
  const run = async () => (await buildProject(opened.engine, project, { noCache: true })).output.trim().split("\n").join(" ");
  expect(await run()).toBe("0 0 0 0 0 1 2 1 5 5");
  expect(await run()).toBe("1 1 1 1 1 2 3 2 5 5");
});

test("BUILDKIT_CACHE_MOUNT_NS sets the caches of builds apart", async () => {
  using project = createProject({ Dockerfile: `FROM busybox\n${counting("").replace("told-apart", "spaced")}\n` });
  const run = async (buildArgs: Record<string, string>) =>
    (await buildProject(opened.engine, project, { noCache: true, buildArgs })).output;
  const mine = { BUILDKIT_CACHE_MOUNT_NS: "mine" };
  expect([await run({}), await run(mine), await run(mine), await run({})]).toEqual(["0\n", "0\n", "1\n", "1\n"]);
});
