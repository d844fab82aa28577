/** A control group of one's choice, real time in it, and shares of devices: with the real runtimes, read back from the kernel. */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { groupOf } from "../../../../engine/container/process/group.ts";
import type { House } from "../../../../engine/house.ts";
import type { HostConfig } from "../../../../engine/index.ts";
import { findProgram } from "../../../../engine/process/spawn.ts";
import { cgroupDirectories, cgroupDirectory, cgroupProcesses, cgroupVersion } from "../../../../engine/runtime/cgroup.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";

let made: TestEngine;
let engine: House;
beforeAll(async () => {
  made = openTestEngine();
  engine = made.engine;
  await importBusybox(engine);
});
afterAll(() => made[Symbol.asyncDispose]());

const create = async (host: HostConfig) =>
  (await finish(engine.containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none", ...host } }))).Id;
const started = async (host: HostConfig) => {
  const id = await create(host);
  await engine.containers.start(id);
  return id;
};
const parent = `/berth-test-${process.pid}`;
/** The parents stay, as docker's do: berth does not know whose they are. */
const removeParents = () => {
  for (const path of [`${parent}/inner`, parent]) for (const directory of cgroupDirectories(path)) rmdirSync(directory);
};

describe.each(["crun", "runc"].filter((name) => findProgram(name)))("%s", (Runtime) => {
  test("no limit, from the beginning or by an update", async () => {
    const id = await started({ Runtime, PidsLimit: -1, CpuQuota: -1 });
    const isV2 = cgroupVersion() === "v2";
    const limits = () =>
      [
        ["pids", "pids.max"],
        ["cpu", isV2 ? "cpu.max" : "cpu.cfs_quota_us"],
      ].map(
        ([controller, file]) =>
          readFileSync(`${cgroupDirectory(id, controller!)}/${file}`, "latin1")
            .trim()
            .split(" ")[0],
      );
    const none = ["max", isV2 ? "max" : "-1"];
    expect(limits()).toEqual(none);
    for (const without of [
      { PidsLimit: -1, CpuQuota: -1 },
      { PidsLimit: 0, CpuQuota: -1 },
    ]) {
      await engine.containers.update(id, { PidsLimit: 20, CpuQuota: 50_000 });
      expect(limits()).toEqual(["20", "50000"]);
      await engine.containers.update(id, without);
      expect(limits()).toEqual(none);
    }
    await engine.containers.remove(id, { force: true });
  });

  test("--cgroup-parent: everything that looks for a container's processes finds them there, nothing is left", async () => {
    onTestFinished(removeParents);
    const id = await started({ Runtime, CgroupParent: `../..${parent}/inner` });
    const group = groupOf(engine, id);
    expect(group).toBe(`${parent}/inner/${id}`);
    const { State } = await engine.containers.inspect(id);
    expect(cgroupProcesses(group)).toEqual([State.Pid]);
    expect(cgroupDirectories(id)).toEqual([]);
    expect((await engine.containers.top(id)).Processes).toHaveLength(1);
    const [[sample] = []] = await Array.fromAsync(engine.containers.stats([id]));
    expect(sample).toMatchObject({ pids: { current: 1 } });
    await engine.containers.pause(id);
    await engine.containers.unpause(id);
    await engine.containers.remove(id, { force: true });
    expect(cgroupDirectories(group)).toEqual([]);
  });

  test("real time: as much as was asked for, and room for it in the groups above", async () => {
    const own = (id: string, file: string) =>
      Number(readFileSync(`${cgroupDirectory(groupOf(engine, id), "cpu")}/cpu.rt_${file}_us`, "latin1"));
    const asked = { Runtime, CgroupParent: `${parent}/inner`, CpuRealtimeRuntime: 1000, CpuRealtimePeriod: 500_000 };
    if (cgroupVersion() === "v2" || !existsSync("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")) {
      await expect(started(asked)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("real-time scheduler") });
      return;
    }
    onTestFinished(removeParents);
    const [first, second] = [await started(asked), await started({ ...asked, CpuRealtimePeriod: 1_000_000 })];
    expect([own(first, "runtime"), own(first, "period"), own(second, "runtime")]).toEqual([1000, 500_000, 1000]);
    const above = dirname(cgroupDirectory(groupOf(engine, first), "cpu"));
    expect(readFileSync(`${above}/cpu.rt_runtime_us`, "latin1")).toBe("3000\n");
    await engine.containers.update(first, { CpuRealtimeRuntime: 2000 });
    expect([own(first, "runtime"), readFileSync(`${above}/cpu.rt_runtime_us`, "latin1")]).toEqual([2000, "5000\n"]);
    for (const id of [first, second]) await engine.containers.remove(id, { force: true });
    await expect(started({ ...asked, CpuRealtimeRuntime: 499_999 })).rejects.toMatchObject({ code: "invalid", exit: 125 });
  });

  test("the weight of a device: where its scheduler knows weights; else that is said", async () => {
    const path = readdirSync("/sys/block").find((name) => name.startsWith("loop") && !existsSync(`/sys/block/${name}/loop/backing_file`));
    const scheduler = `/sys/block/${path}/queue/scheduler`;
    const before = /\[(.*)\]/.exec(readFileSync(scheduler, "latin1"))![1]!;
    onTestFinished(() => writeFileSync(scheduler, before));
    const BlkioWeightDevice = [{ Path: `/dev/${path}`, Weight: 300 }];
    writeFileSync(scheduler, "none");
    const refused = await create({ Runtime, BlkioWeightDevice });
    if (cgroupVersion() === "v1")
      await expect(engine.containers.start(refused)).rejects.toMatchObject({
        message: expect.stringContaining("its scheduler knows no weights"),
      });
    writeFileSync(scheduler, "bfq");
    await engine.containers.start(refused);
    const file = cgroupVersion() === "v2" ? "io.bfq.weight" : "blkio.bfq.weight_device";
    const number = readFileSync(`/sys/block/${path}/dev`, "latin1").trim();
    expect(readFileSync(`${cgroupDirectory(refused, "blkio")}/${file}`, "latin1")).toContain(`${number} 300\n`);
    await engine.containers.remove(refused, { force: true });
  });
});
