/** Starting again: by the user, by a policy, and after whoever was to do it has died. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerExited } from "../../../../engine/container/life/exited.ts";
import type { House } from "../../../../engine/house.ts";
import type { ContainerCreate, Containers } from "../../../../engine/index.ts";
import { reconcile } from "../../../../engine/reconcile.ts";
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

const specOf = (spec: Partial<ContainerCreate>): ContainerCreate => ({
  Image: "busybox",
  Cmd: ["sleep", "1000"],
  ...spec,
  HostConfig: { NetworkMode: "none", ...spec.HostConfig },
});
const started = async (spec: Partial<ContainerCreate>) => {
  const { Id } = await finish(containers.create(specOf(spec)));
  await containers.start(Id);
  return Id;
};
const stateOf = async (id: string) => (await containers.inspect(id)).State;
const always = { RestartPolicy: { Name: "always" as const, MaximumRetryCount: 0 } };

test("restart of a --rm container keeps it, with what it wrote; the next end removes it", async () => {
  const id = await started({ HostConfig: { AutoRemove: true } });
  await containers.exec(id, { Cmd: ["touch", "/kept"] }, plainFace());
  await containers.restart(id, { timeout: 0 });
  expect((await stateOf(id)).Running).toBe(true);
  expect((await containers.exec(id, { Cmd: ["test", "-e", "/kept"] }, plainFace())).exitCode).toBe(0);
  await containers.kill(id);
  await expect(containers.inspect(id)).rejects.toMatchObject({ code: "not-found" });
});

test("a foreground `run --rm` that is restarted ends, and its container goes on", async () => {
  const running = finish(containers.run(specOf({ Name: "front", HostConfig: { AutoRemove: true } }), plainFace(), {}));
  await eventually(async () => expect((await stateOf("front")).Running).toBe(true));
  await containers.restart("front", { timeout: 0 });
  expect((await running).exitCode).toBe(137);
  expect((await stateOf("front")).Running).toBe(true);
  await containers.remove("front", { force: true });
});

test("a --rm container whose restart died between its two halves is removed by the next command", async () => {
  const id = await started({ HostConfig: { AutoRemove: true } });
  const { stopContainer } = await import("../../../../engine/container/life/stop.ts");
  const { findContainer } = await import("../../../../engine/container/record/record.ts");
  engine.db.insert("leases", { kind: "container", subject: id, owner_pid: 1, owner_start: "dead", created: Date.now() });
  await stopContainer(engine, findContainer(engine, id), { timeout: 0, toRestart: true });
  expect((await stateOf(id)).Status).toBe("exited");
  await reconcile(engine);
  await expect(containers.inspect(id)).rejects.toMatchObject({ code: "not-found" });
});

test("what wants a process of a container that waits for its next start is told to wait", async () => {
  const id = await started({ Cmd: ["false"], HostConfig: always });
  // Its pauses double: by and by there is time to ask.
  const restarting = async (refused: Promise<unknown>, words = `Container ${id} is restarting, wait until the container is running`) =>
    expect(refused).rejects.toMatchObject({ message: words, hint: "its restart policy starts it in a moment" });
  await eventually(async () => {
    await restarting(containers.exec(id, { Cmd: ["true"] }, plainFace()));
    await restarting(containers.top(id));
    await restarting(containers.pause(id));
    await restarting(containers.attach(id, plainFace()), "You cannot attach to a restarting container, wait until it is running");
  });
  await containers.remove(id, { force: true });
});

test("kill of a container that waits for its next start holds it down", async () => {
  const id = await started({ Cmd: ["false"], HostConfig: always });
  await eventually(async () => expect((await stateOf(id)).Restarting).toBe(true));
  await containers.kill(id, "HUP"); // there is no process to tell
  await containers.kill(id);
  await eventually(async () => expect(await stateOf(id)).toMatchObject({ Status: "exited", Running: false, Restarting: false }));
  await expect(containers.kill(id)).rejects.toMatchObject({ code: "not-running" });
  await containers.remove(id);
});

test("a kill between the short runs of a restart policy ends them, wherever it finds the container", async () => {
  const id = await started({ Cmd: ["false"], HostConfig: always });
  for (let round = 0; round < 6; round++) {
    await eventually(async () => expect((await containers.inspect(id)).RestartCount).toBeGreaterThan(0));
    await containers.kill(id);
    expect(await stateOf(id)).toMatchObject({ Status: "exited", Running: false, Restarting: false });
    await containers.start(id);
  }
  await containers.remove(id, { force: true });
});

test("with its process and its monitor killed, a restart policy goes on at the next command, and all tell the same of it", async () => {
  const id = await started({ HostConfig: always });
  const row = engine.db.get<{ pid: number; monitor_pid: number }>("SELECT pid, monitor_pid FROM containers WHERE id = ?", id)!;
  process.kill(row.monitor_pid, "SIGKILL");
  process.kill(row.pid, "SIGKILL");
  await eventually(async () => {
    const [{ State: listed } = { State: "" }] = await containers.list({ all: true, filters: { id: [id] } });
    const { Status, Running, Pid } = await stateOf(id);
    expect({ listed, Status, Running, again: Pid !== 0 && Pid !== row.pid }).toEqual({
      listed: "running",
      Status: "running",
      Running: true,
      again: true,
    });
  });
  expect((await containers.inspect(id)).RestartCount).toBe(1);
  await containers.remove(id, { force: true });
});

test("where nothing can be started that waits for it, the container says why it is down", async () => {
  const { engine: bare, [Symbol.asyncDispose]: end } = openTestEngine({ self: [] });
  await importBusybox(bare);
  const { Id } = await finish(bare.containers.create(specOf({ Cmd: ["false"], HostConfig: always })));
  await bare.containers.start(Id);
  await bare.containers.wait(Id);
  expect(await bare.containers.inspect(Id)).toMatchObject({ State: { Status: "exited", Error: "its restart policy was interrupted" } });
  await containerExited(bare, Id); // late, and without effect
  await end();
});

test("wait gives the end of a run, though a policy starts another", async () => {
  const id = await started({ Cmd: ["sh", "-c", "exit 3"], HostConfig: always });
  expect(await containers.wait(id)).toBe(3);
  await eventually(async () => expect((await stateOf(id)).Restarting).toBe(true));
  expect(await containers.wait(id)).toBe(3); // of the next run
  await eventually(async () => expect((await stateOf(id)).Restarting).toBe(true));
  const waiting = containers.wait(id);
  await containers.stop(id, { timeout: 0 });
  expect(await waiting).toBe(3);
  await containers.remove(id, { force: true });
});
