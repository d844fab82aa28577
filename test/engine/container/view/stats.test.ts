/** `stats`: the network's counters, and samples of containers that run and that do not. */
import { expect, test } from "vitest";
import { parseNetDev } from "../../../../engine/container/view/stats.ts";
import type { StatsSample } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine } from "../../../support/engine.ts";

const devices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 5000      50    0    0    0     0          0         0     5000      50    0    0    0     0       0          0
  eth0: 1296      16    0    0    0     0          0         0      426       5    0    0    0     0       0          0
  eth1:4294967296   7    0    0    0     0          0         0        4       1    0    0    0     0       0          0
`;

test("what went through every interface but loopback", () => {
  const none = { rx_errors: 0, rx_dropped: 0, tx_errors: 0, tx_dropped: 0 };
  expect(parseNetDev(devices)).toEqual({
    eth0: { rx_bytes: 1296, rx_packets: 16, tx_bytes: 426, tx_packets: 5, ...none },
    eth1: { rx_bytes: 4_294_967_296, rx_packets: 7, tx_bytes: 4, tx_packets: 1, ...none },
  });
  expect(parseNetDev("")).toEqual({});
});

test("a stream has the pace that was asked for, follows what happens to a container, and ends with it", async () => {
  await using made = openTestEngine();
  const { containers } = made.engine;
  await importBusybox(made.engine);
  const HostConfig = { NetworkMode: "none" };
  const { Id } = await finish(containers.create({ Name: "before", Image: "busybox", Cmd: ["sleep", "1000"], HostConfig }));
  await containers.start(Id);
  const stream = containers.stats(["before"], { stream: true, every: 10 })[Symbol.asyncIterator]();
  const next = async (): Promise<StatsSample> => (await stream.next()).value[0];
  expect(await next()).toMatchObject({ Name: "before", pids: { current: 1 } });
  await containers.rename(Id, "after");
  expect(await next()).toMatchObject({ ID: Id, Name: "after", pids: { current: 1 } });
  await containers.stop(Id, { timeout: 0 });
  expect(await next()).toMatchObject({ Name: "after", cpu: { usage: 0 }, pids: { current: 0 } });
  await containers.start(Id);
  expect(await next()).toMatchObject({ pids: { current: 1 } });
  await containers.remove(Id, { force: true });
  await expect(next()).rejects.toThrow(/No such container/);
});

test("a sample of a running container and of one that never ran", async () => {
  await using made = openTestEngine();
  const { containers } = made.engine;
  await importBusybox(made.engine);
  const create = (Name: string, Memory = 0) =>
    finish(
      containers.create({ Name, Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none", Memory, PidsLimit: 20 } }),
    );
  const { Id } = await create("busy", 64 << 20);
  await create("idle");
  await containers.start(Id);
  for await (const samples of containers.stats([], { all: true })) {
    const [busy, idle] = ["busy", "idle"].map((name) => samples.find(({ Name }) => Name === name)!);
    expect(busy).toMatchObject({ ID: Id, memory: { limit: 64 << 20 }, pids: { current: 1, limit: 20 }, network: { rx: 0, tx: 0 } });
    expect(busy!.cpu.usage).toBeGreaterThan(0);
    expect(busy!.memory.usage).toBeGreaterThan(0);
    expect(busy!.memory.percent).toBeCloseTo((busy!.memory.usage / (64 << 20)) * 100);
    expect(idle).toMatchObject({ cpu: { usage: 0, percent: 0 }, memory: { usage: 0, limit: 0 }, pids: { current: 0 } });
    expect([busy!.detail, idle!.detail]).toEqual([undefined, undefined]);
  }
  for await (const [busy, idle] of containers.stats(["busy", "idle"], { all: true, detail: true })) {
    const { cpu, memory, blocks, interfaces } = busy!.detail!;
    expect([cpu.user + cpu.kernel >= 0, memory.usage >= busy!.memory.usage, Array.isArray(blocks), interfaces]).toEqual([
      true,
      true,
      true,
      {},
    ]);
    expect(memory.stats["total_inactive_file"] ?? memory.stats["inactive_file"]).toBe(memory.usage - busy!.memory.usage);
    expect(idle!.detail).toBeUndefined();
  }
});
