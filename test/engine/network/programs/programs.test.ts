/** The programs in C: that they are what their sources were, and where they are kept. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { forwarder } from "../../../../engine/network/programs/forwarder.ts";
import { nameserver } from "../../../../engine/network/programs/nameserver.ts";
import { findProgramFile } from "../../../../engine/network/programs/program.ts";
import { leaveHostMounts, leaveHostNetwork, openScene } from "../scene.ts";

beforeAll(() => {
  leaveHostNetwork();
  leaveHostMounts();
});

const folder = new URL("../../../../engine/network/programs/", import.meta.url).pathname;

test.each([forwarder, nameserver])("$name is what its source was when it was compiled last", ({ name, digest }) => {
  const headers = readdirSync(folder).filter((file) => file.endsWith(".h"));
  const sources = [...headers.toSorted(), `${name}.c`].map((file) => readFileSync(join(folder, file)));
  expect(digest).toBe(createHash("sha256").update(Buffer.concat(sources)).digest("hex"));
});

test("a program is made once, where programs can run", async () => {
  await using scene = openScene();
  const file = (await findProgramFile(scene.house, nameserver)) as string;
  expect(file).toContain(`${scene.root}/run/network/programs/nameserver-`);
  const { ino } = statSync(file);
  expect(await findProgramFile(scene.house, nameserver)).toBe(file);
  expect(statSync(file).ino).toBe(ino);
});

test("names are served where /run lets no program run", async () => {
  await using scene = openScene();
  const directory = join(scene.house.paths.network, "programs");
  mkdirSync(directory, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", "noexec,size=1m", "none", directory]);
  await scene.network({ Name: "front" });
  const one = await scene.attach("one", { mode: "front" });
  expect(await findProgramFile(scene.house, nameserver)).toContain(`${scene.root}/programs/nameserver-`);
  expect(scene.resolve(one, "one")).toBe(one.endpoints["front"]?.IPAddress);
});
