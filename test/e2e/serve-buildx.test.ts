/** What buildx asks besides plain builds, by a buildx that asks: a Dockerfile's outline, targets and faults; caches of its own; the history. */
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClients } from "../support/docker-clients.ts";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { Served } from "./served.ts";

const served = new Served();
const { directory } = served;
const context = served.context.bind(served);
const clients = dockerClients("forky");
const given = { program: join(clients, "docker"), env: { DOCKER_BUILDKIT: "1", BUILDX_NO_DEFAULT_ATTESTATIONS: "1" } };
const run = (...args: string[]) => served.run(args, given);
const ok = (...args: string[]) => served.ok(args, given);

beforeAll(async () => {
  await served.open();
  symlinkSync(join(clients, "cli-plugins"), join(directory, "cli-plugins"));
});
afterAll(() => served[Symbol.asyncDispose]());

test("--call: outline, targets, check", async () => {
  const path = context("call", {
    Dockerfile:
      "# V of it\nARG V=1\nFROM busybox:$V AS one\n# two the second\nFROM one as two\nRUN --mount=type=secret,id=s,required true\n",
    Bad: "FROM busybox\nRUNN x\n",
  });
  expect(await ok("build", "--call=outline", "--build-arg", "V=9", path)).toBe(
    [
      "TARGET:      two\nDESCRIPTION: the second\n",
      "BUILD ARG   VALUE   DESCRIPTION\nV           9       of it\n",
      "SECRET   REQUIRED\ns        true\n\n",
    ].join("\n"),
  );
  expect(await ok("build", "--call=targets", path)).toBe("TARGET        DESCRIPTION\none           \ntwo (default) the second\n");
  const { status, stdout } = await run("build", "--check", path);
  expect(status).toBe(1);
  expect(stdout).toContain("Check complete, 1 warning has been found!\n\nWARNING: FromAsCasing - https://docs.docker.com/");
  expect(stdout).toContain("   5 | >>> FROM one as two\n");
  const bad = await run("build", "--check", "-f", join(path, "Bad"), path);
  expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining("dockerfile parse error on line 2: unknown instruction")]);
  expect((await run("build", "--call=nothing", path)).stderr).toContain("unsupported request frontend.nothing");
}, 180_000);

test("a cache in a directory of the client's", async () => {
  const path = context("cached", { Dockerfile: "FROM busybox\nCOPY Dockerfile /\nRUN head -c 3000000 /dev/urandom > /big\n" });
  const cache = join(directory, "größe");
  const plain = ["build", "--progress", "plain", "-t", "cached", path];
  await ok(...plain, "--cache-to", `type=local,dest=${cache},mode=max`);
  const index = () => JSON.parse(readFileSync(join(cache, "index.json"), "utf8")) as { manifests: { digest: string }[] };
  const [manifest] = index().manifests;
  expect(existsSync(join(cache, "blobs/sha256", manifest!.digest.replace("sha256:", "")))).toBe(true);
  await ok(...plain, "--cache-to", `type=local,dest=${cache},mode=max`); // all of it is there
  expect(index().manifests).toMatchObject([manifest]);
  const layers = await ok("inspect", "-f", "{{json .RootFS.Layers}}", "cached");
  await ok("rmi", "cached");
  await ok("buildx", "prune", "-af");
  const again = await run(...plain, "--cache-from", `type=local,src=${cache}`);
  expect(again.stderr).toMatch(/RUN head .*\n#\d+ CACHED/);
  expect(await ok("inspect", "-f", "{{json .RootFS.Layers}}", "cached")).toBe(layers);
  await ok("rmi", "cached");
}, 180_000);

test("history: what was built, by whomever; what it said; taken out", async () => {
  await ok("buildx", "history", "rm", "--all");
  const path = context("kept", {
    Dockerfile: "FROM busybox\nRUN echo said by it\n",
    Bad: "FROM busybox\nRUN exit 3\n",
    Slow: "FROM busybox\nRUN echo begun; while ! [ -e /over ]; do sleep 0.1; done\n",
  });
  const ls = async (...more: string[]) =>
    (await ok("buildx", "history", "ls", "--format", "json", ...more))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { ref: string; status: string; name: string });
  await ok("build", "-q", path);
  await run("build", "-q", "-f", join(path, "Bad"), path);
  await served.berth.ok(["build", "-q", "--no-cache", path]);
  expect((await ls()).map(({ status }) => status)).toEqual(["Completed", "Error", "Completed"]);
  const [bad] = await ls("--filter", "status=error");
  expect(await ok("buildx", "history", "inspect", bad!.ref.replace(/.*\//, ""))).toMatch(/Dockerfile:\s+Bad\n[\s\S]*exit code: 3/);
  expect((await run("buildx", "history", "logs")).stderr).toMatch(/^#\d+ [\d.]+ said by it$/m); // of the newest, berth's own
  await using building = new Driver(["build", "-q", "-f", join(path, "Slow"), path], {
    program: given.program,
    env: { ...served.env, ...given.env },
  });
  await eventually(async () => expect(await ls("--filter", "status=running")).toHaveLength(1));
  await using following = new Driver(["buildx", "history", "logs"], { program: given.program, env: { ...served.env, ...given.env } });
  await following.screen.waitFor(/\d begun/);
  building.type("\x03");
  await building.exited;
  await following.exited; // with the build that it follows
  expect(await ls("--filter", "status=canceled")).toHaveLength(1);
  expect(await ls()).toHaveLength(4);
  await ok("buildx", "history", "rm", bad!.ref.replace(/.*\//, ""));
  expect((await served.berth.ok(["builder", "history", "ls", "-q"])).trim().split("\n")).toHaveLength(3);
}, 180_000);
