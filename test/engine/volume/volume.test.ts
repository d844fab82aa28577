import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type House, openHouse } from "../../../engine/house.ts";
import { ensureVolume, mountVolume, releaseVolumes } from "../../../engine/volume/ensure.ts";
import { planMount } from "../../../engine/volume/options.ts";
import { unmountBelow } from "../../support/engine.ts";

function openVolumes(): House {
  const root = mkdtempSync(join(tmpdir(), "berth-volume-"));
  const house = openHouse({ root });
  onTestFinished(async () => {
    await house.close();
    unmountBelow(root);
    rmSync(root, { recursive: true, force: true });
  });
  return house;
}

function useIn(house: House, container: string, volume: string, status = "running"): void {
  const json = {
    config: "{}",
    host_config: "{}",
    networking: "{}",
    mounts: JSON.stringify([{ Type: "volume", Name: volume }]),
    args: "[]",
  };
  const texts = {
    name: container,
    image: "",
    image_ref: "",
    status,
    path: "",
    started: "",
    finished: "",
    pid_start: "",
    monitor_start: "",
    error: "",
  };
  const numbers = { created: 0, pid: 0, monitor_pid: 0, exit_code: 0, oom_killed: 0, restart_count: 0, direct: 0, stopped_by_user: 0 };
  house.db.insert("containers", { id: container, ...json, ...texts, ...numbers });
}

describe("volumes", () => {
  test("filters that make no sense are refused, whether there is a volume to try them on or not", async () => {
    const house = openVolumes();
    const refuses = async (filters: Record<string, string[]>, text: string) =>
      expect(house.volumes.list({ filters })).rejects.toThrow(text);
    for (const Name of ["", "one"]) {
      if (Name) await house.volumes.create({ Name });
      await refuses({ name: ["other"], FOO: ["1"] }, "invalid filter 'FOO'");
      await refuses({ constructor: ["1"] }, "invalid filter 'constructor'");
      await refuses({ name: ["other"], dangling: ["perhaps"] }, "invalid filter 'dangling=[perhaps]'");
    }
  });

  test("are made once, listed, filtered, inspected and removed with their data", async () => {
    const house = openVolumes();
    const data = await house.volumes.create({ Name: "data", Labels: { tier: "db" } });
    writeFileSync(join(data.Mountpoint, "file"), "kept");
    expect(await house.volumes.create({ Name: "data", Labels: { tier: "other" } })).toEqual(data);
    const anonymous = await house.volumes.create({});
    expect(anonymous.Name).toMatch(/^[0-9a-f]{64}$/);
    expect(lstatSync(data.Mountpoint).mode & 0o777).toBe(0o755);
    const names = async (filters: Record<string, string[]>) => (await house.volumes.list({ filters })).map(({ Name }) => Name);
    expect(await names({ name: ["at"] })).toEqual(["data"]);
    expect(await names({ name: ["^d.*a$"] })).toEqual(["data"]);
    expect(await names({ label: ["constructor"] })).toEqual([]);
    // One that exists is given back, whatever is asked for: as docker.
    expect(await house.volumes.create({ Name: "data", DriverOpts: { type: "tmpfs" } })).toEqual(data);
    await expect(house.volumes.create({ Name: "other", Driver: "nfs" })).rejects.toMatchObject({
      message: 'create other: error looking up volume plugin nfs: plugin "nfs" not found',
      exit: 1,
    });
    expect(await names({ label: ["tier=db"] })).toEqual(["data"]);
    expect(await names({ "label!": ["tier"] })).toEqual([anonymous.Name]);
    useIn(house, "c1", "data");
    expect(await names({ dangling: ["true"] })).toEqual([anonymous.Name]);
    expect((await house.volumes.list({ size: true })).find(({ Name }) => Name === "data")?.UsageData).toEqual({ Size: 4, RefCount: 1 });
    await expect(house.volumes.remove("data")).rejects.toMatchObject({ code: "in-use", message: "remove data: volume is in use - [c1]" });
    house.db.run("DELETE FROM containers");
    await house.volumes.remove("data");
    expect(existsSync(data.Mountpoint)).toBe(false);
    expect(readdirSync(house.paths.tmp)).toEqual([]);
    await expect(house.volumes.inspect("data")).rejects.toMatchObject({ code: "not-found", message: "get data: no such volume" });
    await expect(house.volumes.remove("data")).rejects.toMatchObject({ code: "not-found" });
    await house.volumes.remove("data", { force: true });
  });

  test("prune takes anonymous ones, and all unused ones when asked", async () => {
    const house = openVolumes();
    const used = await ensureVolume(house, { name: "used" });
    const named = await ensureVolume(house, { name: "named" });
    const elsewhere = await ensureVolume(house, { name: "elsewhere", options: { type: "tmpfs", device: "tmpfs" } });
    const anonymous = await ensureVolume(house, {});
    writeFileSync(join(anonymous.Mountpoint, "x"), "12345");
    useIn(house, "c1", used.Name, "exited");
    expect(await house.volumes.prune()).toEqual({ VolumesDeleted: [anonymous.Name], SpaceReclaimed: 5 });
    await expect(house.volumes.prune({ filters: { all: ["perhaps"] } })).rejects.toThrow("invalid filter 'all=[perhaps]'");
    await expect(house.volumes.prune({ filters: { name: ["named"] } })).rejects.toThrow("invalid filter 'name'");
    expect(await house.volumes.prune({ filters: { all: ["true"] } })).toEqual({ VolumesDeleted: [named.Name], SpaceReclaimed: 0 });
    expect((await house.volumes.list()).map(({ Name }) => Name)).toEqual([elsewhere.Name, used.Name]);
  });

  test.each(["a", "../x", "a/b", "-x", "a b", "x".repeat(256), ".hidden", "a\n"])("refuses the name %j", async (Name) => {
    const house = openVolumes();
    await expect(house.volumes.create({ Name })).rejects.toMatchObject({ code: "invalid" });
    expect(readdirSync(house.paths.volumes)).toEqual([]);
  });
});

describe("driver options", () => {
  test("are checked with docker's words", () => {
    const plan = (options: Record<string, string>) => planMount(options, "vol");
    expect(plan({})).toBeUndefined();
    expect(plan({ type: "tmpfs", device: "tmpfs", o: "size=1m" })).toEqual({ type: "tmpfs", device: "tmpfs", options: "size=1m" });
    expect(() => plan({ type: "nfs" })).toThrow('create vol: missing required option: "device"');
    expect(() => plan({ device: "/dev/x" })).toThrow('create vol: missing required option: "type"');
    expect(() => plan({ color: "red" })).toThrow('create vol: invalid option: "color"');
    expect(() => plan({ size: "1g" })).toThrow("create vol: quota size requested but no quota support");
  });

  test("a tmpfs and a bind are mounted once, released when idle, and never emptied by removal", async () => {
    const house = openVolumes();
    const outside = join(house.paths.root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "precious"), "yes");
    await house.volumes.create({ Name: "bound", DriverOpts: { type: "none", o: "bind", device: outside } });
    await house.volumes.create({ Name: "memory", DriverOpts: { type: "tmpfs", o: "size=64k", device: "tmpfs" } });
    const bound = await mountVolume(house, "bound");
    expect(await mountVolume(house, "bound")).toBe(bound);
    expect(readFileSync(join(bound, "precious"), "utf8")).toBe("yes");
    const memory = await mountVolume(house, "memory");
    expect(() => writeFileSync(join(memory, "big"), Buffer.alloc(1 << 20))).toThrow("ENOSPC");
    useIn(house, "c1", "bound");
    await releaseVolumes(house, ["bound", "memory"]);
    expect(readdirSync(memory)).toEqual([]);
    expect(readdirSync(bound)).toEqual(["precious"]);
    house.db.run("DELETE FROM containers");
    await house.volumes.remove("bound");
    expect(readFileSync(join(outside, "precious"), "utf8")).toBe("yes");
    await house.volumes.create({ Name: "broken", DriverOpts: { type: "none", o: "bind", device: "/no/such" } });
    await expect(mountVolume(house, "broken")).rejects.toMatchObject({
      code: "system",
      message: expect.stringContaining('cannot mount volume "broken"'),
    });
  });
});
