/** Containers from creation to removal, by the engine's verbs, with the real runtime. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { House } from "../../../../engine/house.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import type { ContainerCreate, Containers } from "../../../../engine/index.ts";
import { cgroupDirectory } from "../../../../engine/runtime/cgroup.ts";
import { toContainerRow } from "../../../../engine/serve/rows.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { plainFace } from "../faces.ts";

let made: TestEngine;
let engine: House;
let containers: Containers;
beforeAll(async () => {
  made = openTestEngine();
  engine = made.engine;
  containers = engine.containers;
  await importBusybox(engine);
});
afterAll(() => made[Symbol.asyncDispose]());

const create = (spec: Partial<ContainerCreate> = {}) =>
  finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], ...spec, HostConfig: { NetworkMode: "none", ...spec.HostConfig } }));
const started = async (spec: Partial<ContainerCreate> = {}) => {
  const { Id } = await create(spec);
  await containers.start(Id);
  return Id;
};
const output = async (id: string, ...Cmd: string[]) => {
  const face = plainFace();
  const { exitCode } = await containers.exec(id, { Cmd }, face);
  return { exitCode, out: face.stdout.text, err: face.stderr.text };
};
const actionsOf = async (id: string) => {
  const actions: string[] = [];
  for await (const { Action } of engine.events({ filters: { container: [id] } })) actions.push(Action);
  return actions;
};

test("a life: created, started, stopped, started again, removed", async () => {
  const { Id } = await create({ Name: "life", Cmd: ["sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"] });
  const summary = async () => (await containers.list({ all: true, filters: { name: ["^life$"] } }))[0];
  expect(await summary()).toMatchObject({ Id, Names: ["/life"], Image: "busybox", State: "created", Status: "Created" });
  await containers.start("life");
  expect(await summary()).toMatchObject({ State: "running", Status: expect.stringMatching(/^Up /) });
  for await (const _ of containers.logs("life", { follow: true })) break; // a signal before the trap would be ignored
  await containers.start("life"); // running already: nothing to do
  await containers.stop("life");
  expect(await summary()).toMatchObject({ State: "exited", Status: expect.stringMatching(/^Exited \(7\) /) });
  await containers.start(Id.slice(0, 8));
  await expect(containers.remove("life")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining('cannot remove container "life": container is running'),
  });
  await containers.remove("life", { force: true });
  await expect(containers.inspect("life")).rejects.toMatchObject({ code: "not-found", message: "No such container: life" });
  expect(await actionsOf(Id)).toEqual(["create", "start", "kill", "die", "stop", "start", "kill", "die", "destroy"]);
});

test("killed for its memory: the first process or a child, it shows", async () => {
  const greedy = async (...Cmd: string[]) => {
    const Id = await started({ Cmd, HostConfig: { Memory: 16 << 20 } });
    await containers.wait(Id);
    const { OOMKilled, ExitCode } = (await containers.inspect(Id)).State;
    return { OOMKilled, ExitCode, told: (await actionsOf(Id)).includes("oom") };
  };
  expect(await greedy("tail", "/dev/zero")).toEqual({ OOMKilled: true, ExitCode: 137, told: true });
  expect(await greedy("sh", "-c", "tail /dev/zero; exit 3")).toEqual({ OOMKilled: true, ExitCode: 3, told: true });
  expect(await greedy("sh", "-c", "exit 137")).toEqual({ OOMKilled: false, ExitCode: 137, told: false });
});

describe("names", () => {
  test("a second container of one name is refused, whoever is faster", async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => create({ Name: "same" })));
    const made = results.filter(({ status }) => status === "fulfilled");
    expect(made).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason.message).toMatch(/^Conflict\. The container name "\/same" is already in use by container "[0-9a-f]{64}"/);
    await containers.remove("same");
  });

  test("one whose namespaces another shares is known by its id, whatever it is called later", async () => {
    const lender = await create({ Name: "lender", HostConfig: { NetworkMode: "none", IpcMode: "shareable" } });
    const { Id } = await create({ HostConfig: { NetworkMode: "none", IpcMode: "container:lender", PidMode: "container:lender" } });
    const mode = `container:${lender.Id}`;
    expect((await containers.inspect(Id)).HostConfig).toMatchObject({ IpcMode: mode, PidMode: mode });
    for (const each of [Id, lender.Id]) await containers.remove(each);
  });

  test("rename, and what it refuses", async () => {
    await create({ Name: "one" });
    await create({ Name: "two" });
    await expect(containers.rename("one", "two")).rejects.toMatchObject({ code: "conflict" });
    await expect(containers.rename("one", "no good")).rejects.toMatchObject({ code: "invalid" });
    await containers.rename("one", "three");
    expect((await containers.inspect("three")).Name).toBe("/three");
    for (const name of ["two", "three"]) await containers.remove(name);
  });
});

test("exec: streams, status, environment, user, directory; 126 and 127", async () => {
  const id = await started({ Env: ["FROM=container"], Name: "exec" });
  expect(await output(id, "sh", "-c", "echo $FROM; pwd; echo e >&2; exit 5")).toEqual({ exitCode: 5, out: "container\n/\n", err: "e\n" });
  const face = plainFace();
  await containers.exec(
    id,
    { Cmd: ["sh", "-c", "id -u; echo $HOME $A; pwd; cat"], User: "app", WorkingDir: "/tmp", Env: ["A=1"], AttachStdin: true },
    Object.assign(face, { stdin: face.stdin.end("typed") }),
  );
  expect(face.stdout.text).toBe("1000\n/home 1\n/tmp\ntyped");
  await expect(output(id, "nothing")).rejects.toMatchObject({ code: "command-not-found", exit: 127 });
  await expect(output(id, "/etc/passwd")).rejects.toMatchObject({ code: "command-not-executable", exit: 126 });
  const nowhere = containers.exec(id, { Cmd: ["pwd"], WorkingDir: "/nowhere" }, plainFace());
  await expect(nowhere).rejects.toMatchObject({ code: "runtime-failed", exit: 127 });
  expect(await containers.exec(id, { Cmd: ["touch", "/tmp/made"], Detach: true }, plainFace())).toEqual({ detached: true });
  await containers.remove(id, { force: true });
  await expect(output(id, "true")).rejects.toMatchObject({ code: "not-found" });
});

test("limits reach the kernel, update changes them", async () => {
  const id = await started({ HostConfig: { Memory: 64 << 20, NanoCpus: 0.5e9, PidsLimit: 50, CpuShares: 512, CpusetCpus: "0" } });
  const value = (controller: string, file: string) => readFileSync(`${cgroupDirectory(id, controller)}/${file}`, "latin1").trim();
  const isV2 = engine && cgroupDirectory(id, "memory") === cgroupDirectory(id, "pids");
  expect(value("memory", isV2 ? "memory.max" : "memory.limit_in_bytes")).toBe(String(64 << 20));
  expect(value("pids", "pids.max")).toBe("50");
  expect(value("cpu", isV2 ? "cpu.max" : "cpu.cfs_quota_us")).toBe(isV2 ? "50000 100000" : "50000");
  expect(value("cpuset", "cpuset.cpus")).toBe("0");
  await containers.update(id, { Memory: 32 << 20, MemorySwap: 64 << 20 });
  expect(value("memory", isV2 ? "memory.max" : "memory.limit_in_bytes")).toBe(String(32 << 20));
  expect((await containers.inspect(id)).HostConfig.Memory).toBe(32 << 20);
  await containers.remove(id, { force: true });
});

test("limits on block devices reach the kernel", async () => {
  const device = readdirSync("/sys/block").find((name) => existsSync(`/dev/${name}`))!;
  const number = readFileSync(`/sys/block/${device}/dev`, "latin1").trim();
  const Path = `/dev/${device}`;
  const HostConfig = { BlkioDeviceReadBps: [{ Path, Rate: 1 << 20 }], BlkioDeviceWriteIOps: [{ Path, Rate: 100 }] };
  const id = await started({ HostConfig });
  const kernel = (v1: string) => readFileSync(`${directory}/${isV2 ? "io.max" : `blkio.throttle.${v1}_device`}`, "latin1");
  const isV2 = cgroupDirectory(id, "blkio") === cgroupDirectory(id, "pids");
  const directory = cgroupDirectory(id, "blkio");
  expect(kernel("read_bps")).toMatch(isV2 ? /rbps=1048576/ : `${number} 1048576`);
  expect(kernel("write_iops")).toMatch(isV2 ? /wiops=100/ : `${number} 100`);
  expect((await containers.inspect(id)).HostConfig).toMatchObject(HostConfig);
  await containers.remove(id, { force: true });
  const none = await create({ HostConfig: { BlkioDeviceReadBps: [{ Path: "/dev/null", Rate: 1 }] } });
  await expect(containers.start(none.Id)).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("it is no block device"),
  });
  await containers.remove(none.Id);
});

test("update: the limit on swap alone, and what contradicts the other", async () => {
  const id = await started({ HostConfig: { Memory: 32 << 20 } });
  await containers.update(id, { MemorySwap: 128 << 20 });
  expect((await containers.inspect(id)).HostConfig).toMatchObject({ Memory: 32 << 20, MemorySwap: 128 << 20 });
  await expect(containers.update(id, { MemorySwap: 16 << 20 })).rejects.toMatchObject({ code: "invalid" });
  await containers.remove(id, { force: true });
});

test("commit of a container that never started", async () => {
  const { Id } = await create({ Env: ["A=1"] });
  const image = await containers.commit(Id, { reference: "untouched" });
  const { config, chainId } = resolveImage(engine, "untouched")!;
  expect(resolveImage(engine, image.Id)!.chainId).toBe(chainId);
  expect(config.config?.Env).toContain("A=1");
  const face = plainFace();
  const spec = { Image: "untouched", Cmd: ["sh", "-c", "echo $A"], HostConfig: { AutoRemove: true, NetworkMode: "none" } };
  expect(await finish(containers.run(spec, face, {}))).toMatchObject({ exitCode: 0 });
  expect(face.stdout.text).toBe("1\n");
  await containers.remove(Id);
});

test("who attaches to neither output is told the id before the container ends", async () => {
  for (const AutoRemove of [true, false]) {
    const spec = { Image: "busybox", Cmd: ["true"], HostConfig: { AutoRemove, NetworkMode: "none" } };
    const running = containers.run(spec, plainFace(), { stdin: false, stdout: false, stderr: false });
    const rows: unknown[] = [];
    let step = await running.next();
    for (; !step.done; step = await running.next()) if (step.value.type === "row") rows.push(step.value.value);
    expect(rows).toEqual([step.value.Id]);
  }
});

test("a start joins networks and an end leaves them, which the events tell", async () => {
  const { Id: network } = await engine.networks.inspect("bridge");
  const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"] }));
  await containers.start(Id);
  await containers.remove(Id, { force: true });
  const told: unknown[] = [];
  for await (const { Action, Actor } of engine.events({ filters: { type: ["network"], network: [network] } }))
    if (Actor.Attributes["container"] === Id) told.push([Action, Actor.Attributes["name"], Actor.Attributes["type"]]);
  expect(told).toEqual([
    ["connect", "bridge", "bridge"],
    ["disconnect", "bridge", "bridge"],
  ]);
});

test("a process that takes more memory than it may is killed, and the record says so", async () => {
  const id = await started({
    Cmd: ["sh", "-c", "x=a; while :; do x=$x$x$x$x; done"],
    HostConfig: { Memory: 16 << 20, MemorySwap: 16 << 20 },
  });
  expect(await containers.wait(id)).toBe(137);
  expect((await containers.inspect(id)).State).toMatchObject({ Status: "exited", OOMKilled: true, ExitCode: 137 });
  await containers.remove(id);
});

test("pause, top, unpause", async () => {
  const id = await started();
  await containers.pause(id);
  expect((await containers.inspect(id)).State).toMatchObject({ Status: "paused", Paused: true, Running: true });
  await expect(containers.pause(id)).rejects.toMatchObject({ code: "conflict" });
  await expect(output(id, "true")).rejects.toMatchObject({ message: expect.stringContaining("is paused") });
  await containers.unpause(id);
  const { Titles, Processes } = await containers.top(id);
  expect(Processes).toHaveLength(1);
  expect(Processes[0]?.[Titles.indexOf("CMD")]).toBe("sleep 1000");
  await containers.pause(id);
  await containers.remove(id, { force: true });
});

test.each([
  ["no stop signal", undefined, ["HUP running", "TERM exited"]],
  ["a stop signal", "USR1", ["HUP paused", "TERM paused", "USR1 exited"]],
])("a signal wakes a paused process with %s when docker would", async (_, StopSignal, expected) => {
  const script = "trap : HUP; trap 'exit 9' TERM USR1; touch /ready; while :; do sleep 0.1; done";
  const id = await started({ Cmd: ["sh", "-c", script], ...(StopSignal && { StopSignal }) });
  await eventually(async () => expect((await output(id, "ls", "/ready")).exitCode).toBe(0));
  for (const each of expected) {
    const [signal, status] = each.split(" ");
    if (!(await containers.inspect(id)).State.Paused) await containers.pause(id);
    await containers.kill(id, signal);
    if (status === "exited") expect(await containers.wait(id)).toBe(9);
    expect((await containers.inspect(id)).State.Status).toBe(status);
  }
  await containers.remove(id);
});

describe("files that berth brings", () => {
  test("host name, hosts and resolver are the container's own", async () => {
    const id = await started({ Hostname: "here", HostConfig: { NetworkMode: "bridge", ExtraHosts: ["db:10.1.2.3"], Dns: ["9.9.9.9"] } });
    const { out } = await output(id, "sh", "-c", "hostname; cat /etc/hostname /etc/hosts /etc/resolv.conf");
    expect(out).toMatch(/^here\nhere\n/);
    expect(out).toMatch(/^10\.1\.2\.3\s+db$/m);
    expect(out).toMatch(/^nameserver 9\.9\.9\.9$/m);
    await containers.remove(id, { force: true });
  });

  test("a new volume takes the image's content, --rm takes the anonymous one away", async () => {
    const id = await started({ Volumes: { "/etc": {} }, HostConfig: { Tmpfs: { "/scratch": "size=1m" } } });
    const { out } = await output(id, "sh", "-c", "cat /etc/passwd; touch /etc/new; grep ' /scratch ' /proc/mounts");
    expect(out).toContain("app:x:1000");
    expect(out).toMatch(/tmpfs \/scratch tmpfs .*noexec/);
    const [volume] = await engine.volumes.list();
    expect(volume).toBeDefined();
    await containers.remove(id, { force: true, volumes: true });
    expect(await engine.volumes.list()).toEqual([]);
  });

  test("a missing working directory is made", async () => {
    const id = await started({ WorkingDir: "/a/b c" });
    expect((await output(id, "pwd")).out).toBe("/a/b c\n");
    await containers.remove(id, { force: true });
  });
});

describe("a start that fails", () => {
  test.each([
    [["nothing"], "command-not-found", 127],
    [["/etc/passwd"], "command-not-executable", 126],
  ])("%j", async (Cmd, code, exit) => {
    const { Id } = await create({ Cmd });
    await expect(containers.start(Id)).rejects.toMatchObject({ code, exit });
    expect((await containers.inspect(Id)).State).toMatchObject({
      Status: "created",
      ExitCode: exit,
      Error: expect.stringContaining(Cmd[0]!),
    });
    await containers.remove(Id);
  });
});

test("restart policy: as often as allowed, and stop holds it back", async () => {
  const id = await started({ Cmd: ["sh", "-c", "exit 3"], HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } } });
  expect(await containers.wait(id)).toBe(3); // of one of its runs
  const over = { RestartCount: 2, State: { Status: "exited", ExitCode: 3 } };
  await eventually(async () => expect(await containers.inspect(id)).toMatchObject(over));
  const [row] = await containers.list({ all: true, filters: { id: [id] } });
  expect(row!.RestartCount).toBe(2);
  expect(toContainerRow(row!, 151)).not.toHaveProperty("RestartCount"); // docker's has none
  await containers.remove(id);
  const steady = await started({ HostConfig: { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } } });
  await containers.stop(steady, { timeout: 0 });
  expect((await containers.inspect(steady)).State.Status).toBe("exited");
  await containers.remove(steady);
});

test("restart policy: stop, kill and remove reach a container at whatever point of its cycle", async () => {
  const spec = { Cmd: ["true"], HostConfig: { RestartPolicy: { Name: "always" as const, MaximumRetryCount: 0 } } };
  const status = async (id: string) => (await containers.inspect(id)).State.Status;
  for (let round = 0; round < 8; round++) {
    const id = await started(spec);
    // Another point each time: the first runs are 100, 200, 400 ms apart.
    await delay(60 * round);
    if (round % 2) {
      await containers.stop(id, { timeout: 0 });
      expect(await status(id)).toBe("exited");
    }
    await containers.remove(id, { force: true });
    await expect(containers.inspect(id)).rejects.toMatchObject({ code: "not-found" });
  }
});

test("a health check is run by the supervisor and shows in the record", async () => {
  const id = await started({ Healthcheck: { Test: ["CMD-SHELL", "test -e /tmp/well"], Interval: 5e7, Retries: 2 } });
  const reaches = async (status: string) => {
    for await (const { Action } of engine.events({ since: 0, follow: true, filters: { container: [id] } }))
      if (Action === `health_status: ${status}`) return true;
    return false;
  };
  expect(await reaches("unhealthy")).toBe(true);
  await output(id, "touch", "/tmp/well");
  expect(await reaches("healthy")).toBe(true);
  expect((await containers.inspect(id)).State.Health).toMatchObject({ Status: "healthy", FailingStreak: 0 });
  await containers.remove(id, { force: true });
});

test("filters of the list", async () => {
  const id = await started({ Name: "filtered", Labels: { team: "a", tier: "web" }, HostConfig: { NetworkMode: "host" } });
  const found = async (filters: Record<string, string[]>) => (await containers.list({ all: true, filters })).map(({ Id }) => Id);
  expect(await found({ label: ["team=a", "tier"] })).toEqual([id]);
  expect(await found({ label: ["team=b"] })).toEqual([]);
  expect(await found({ name: ["filt"], status: ["running"], network: ["host"], ancestor: ["busybox"] })).toEqual([id]);
  await expect(found({ colour: ["red"] })).rejects.toMatchObject({ message: "invalid filter 'colour'" });
  await containers.remove(id, { force: true });
});
