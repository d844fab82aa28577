/** What buildx asks besides builds, by a buildx that asks: a Dockerfile's outline, targets and faults. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClients } from "../support/docker-clients.ts";
import { Served } from "./served.ts";

const served = new Served();
const { directory } = served;
const clients = dockerClients("forky");
const given = { program: join(clients, "docker"), env: { DOCKER_BUILDKIT: "1", BUILDX_NO_DEFAULT_ATTESTATIONS: "1" } };
const run = (...args: string[]) => served.run(args, given);
const ok = (...args: string[]) => served.ok(args, given);

beforeAll(async () => {
  await served.open();
  symlinkSync(join(clients, "cli-plugins"), join(directory, "cli-plugins"));
});
afterAll(() => served[Symbol.asyncDispose]());

/** A directory with a Dockerfile and other files. */
function context(name: string, files: Record<string, string>): string {
  const path = join(directory, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

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
});
