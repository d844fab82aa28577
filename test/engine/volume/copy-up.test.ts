/** Copy-up: what it keeps, when it does nothing, and that nobody who has the volume leads it out of it. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerCreate } from "../../../engine/index.ts";
import { takeLease } from "../../../engine/state/leases.ts";
import { copyUp } from "../../../engine/volume/ensure.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  // Image with a directory of many files, for a copy that takes its time.
  const dockerfile =
    "FROM busybox\nRUN mkdir -p /data/sub && for i in $(seq 800); do echo $i >/data/sub/f$i; done && chown 33:34 /data && chmod 1750 /data\n";
  await finish(made.engine.builder.build({ context: made.engine.paths.tmp, dockerfile, tags: ["full"] }));
});
afterAll(() => made[Symbol.asyncDispose]());

async function create(Image: string, Binds: string[], script = "true", host: ContainerCreate["HostConfig"] = {}): Promise<string> {
  const HostConfig = { NetworkMode: "none", Binds, ...host } as object;
  const { Id } = await finish(made.engine.containers.create({ Image, Cmd: ["sh", "-c", script], HostConfig }));
  return Id;
}

async function run(script: string, Binds: string[]): Promise<string> {
  const id = await create("busybox", Binds, script);
  await made.engine.containers.start(id);
  return id;
}

const dataOf = async (name: string) => (await made.engine.volumes.inspect(name)).Mountpoint;

/** For volumes that are plain directories. */
const copyConfined = () => Promise.reject(new Error("not to be called"));

test("keeps owners, modes, times, links, devices and the directory itself, and only fills empty volumes", async () => {
  const house = made.engine;
  const source = join(made.root, "image");
  mkdirSync(join(source, "sub"), { recursive: true });
  writeFileSync(join(source, "sub/file"), "text");
  chownSync(join(source, "sub/file"), 1000, 2000);
  chmodSync(join(source, "sub/file"), 0o4751);
  linkSync(join(source, "sub/file"), join(source, "hard"));
  symlinkSync("/etc/shadow", join(source, "soft"));
  execFileSync("mknod", [join(source, "null"), "c", "1", "3"]);
  chownSync(source, 33, 33);
  chmodSync(source, 0o1750);
  utimesSync(join(source, "sub/file"), 1_600_000_000, 1_600_000_000);
  const { Mountpoint } = await house.volumes.create({ Name: "web" });
  const request = { volume: "web", source, container: "none", copyConfined };
  expect(await copyUp(house, request)).toBe(true);
  const file = lstatSync(join(Mountpoint, "sub/file"));
  expect(file).toMatchObject({ uid: 1000, gid: 2000, mtimeMs: 1_600_000_000_000, nlink: 2, ino: lstatSync(join(Mountpoint, "hard")).ino });
  expect(file.mode & 0o7777).toBe(0o4751);
  expect(readlinkSync(join(Mountpoint, "soft"))).toBe("/etc/shadow");
  expect(lstatSync(join(Mountpoint, "null")).rdev).toBe(lstatSync("/dev/null").rdev);
  const root = lstatSync(Mountpoint);
  expect([root.uid, root.gid, root.mode & 0o7777]).toEqual([33, 33, 0o1750]);
  expect(await copyUp(house, request)).toBe(false);
  const { Name } = await house.volumes.create({});
  expect(await copyUp(house, { ...request, volume: Name, source: join(source, "missing") })).toBe(false);
  expect(readdirSync(house.paths.tmp)).toEqual([]);
});

test("a container that has the volume and puts a link in the way leads nothing outside", async () => {
  const outside = join(made.root, "outside");
  mkdirSync(outside);
  const attack = `while [ ! -d /v/sub ]; do :; done; mv /v/sub /v/.old; ln -s ${outside} /v/sub; sleep 1000`;
  const attacker = await run(attack, ["raced:/v"]);
  const victim = await create("full", ["raced:/data"]);
  expect(readdirSync(outside)).toEqual([]);
  // What runs with the volume keeps it as it is.
  expect(readdirSync(await dataOf("raced"))).toEqual([]);
  await made.engine.containers.kill(attacker, "KILL");
  await made.engine.containers.wait(attacker);
  await create("full", ["raced:/data"]);
  expect(readdirSync(join(await dataOf("raced"), "sub"))).toHaveLength(800);
  await made.engine.containers.remove(victim);
});

test("nor through a volume that shows a directory which others write to by another way", { timeout: 120_000 }, async () => {
  const outside = join(made.root, "beyond");
  mkdirSync(outside);
  for (let attempt = 0; attempt < 2; attempt++) {
    const shown = join(made.root, `shown${attempt}`);
    mkdirSync(shown);
    const attacker = await run(
      `echo ready >/ready; while [ ! -d /v/sub ]; do :; done; mv /v/sub /v/.old; ln -s ${outside} /v/sub; sleep 1000`,
      [`${shown}:/v`],
    );
    const Name = `shown${attempt}`;
    await made.engine.volumes.create({ Name, DriverOpts: { type: "none", o: "bind", device: shown } });
    // The copy may end in an error, as the container broke it: but not outside.
    await create("full", [`${Name}:/data`]).catch(() => {});
    await eventually(() => expect(existsSync(join(shown, ".old"))).toBe(true));
    expect(readdirSync(outside)).toEqual([]);
    await made.engine.containers.remove(attacker, { force: true });
  }
});

test("a volume that is a mount of its own is filled too, with its directory's attributes", async () => {
  await made.engine.volumes.create({ Name: "memory", DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=16m" } });
  await create("full", ["memory:/data"]);
  const data = await dataOf("memory");
  expect(readFileSync(join(data, "sub/f7"), "utf8")).toBe("7\n");
  expect(lstatSync(data)).toMatchObject({ uid: 33, gid: 34 });
  expect(lstatSync(data).mode & 0o7777).toBe(0o1750);
});

test("a volume that a container is just being started with stays as that one mounts it", async () => {
  const starting = await create("busybox", ["starting:/v"]);
  using lease = takeLease(made.engine, "container", starting);
  await create("full", ["starting:/data"]);
  expect(readdirSync(await dataOf("starting"))).toEqual([]);
  lease.release();
  await create("full", ["starting:/data"]);
  expect(readdirSync(await dataOf("starting"))).toEqual(["sub"]);
});

test("of two containers made at once with one new volume, one fills it, whole", async () => {
  await Promise.all([create("full", ["both:/data"]), create("full", ["both:/data"])]);
  expect(readdirSync(join(await dataOf("both"), "sub"))).toHaveLength(800);
  expect(readdirSync(made.engine.paths.tmp)).toEqual([]);
});
