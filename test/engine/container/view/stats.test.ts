/** `stats`: the network's counters, and samples of containers that run and that do not. */
import { expect, test } from "vitest";
import { parseNetDev } from "../../../../engine/container/view/stats.ts";
import { finish, importBusybox, openTestEngine } from "../../../support/engine.ts";

const devices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 5000      50    0    0    0     0          0         0     5000      50    0    0    0     0       0          0
  eth0: 1296      16    0    0    0     0          0         0      426       5    0    0    0     0       0          0
  eth1:4294967296   7    0    0    0     0          0         0        4       1    0    0    0     0       0          0
`;

test("bytes through every interface but loopback", () => {
  expect(parseNetDev(devices)).toEqual({ rx: 4_294_968_592, tx: 430 });
  expect(parseNetDev("")).toEqual({ rx: 0, tx: 0 });
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
  }
});
