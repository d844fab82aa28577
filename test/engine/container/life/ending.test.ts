/** The monitor's exit command: berth is started for what ended by itself, or was left half done, and for nothing else. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { announceEnding, hideBundle, unlessRecorded } from "../../../../engine/container/life/ending.ts";
import { containerExited } from "../../../../engine/container/life/exited.ts";
import { filesOf, findById, lockContainer } from "../../../../engine/container/record/record.ts";
import { isAlive } from "../../../../engine/sys/owner.ts";
import { signalProcess } from "../../../../engine/sys/pidfd.ts";
import { finish, importBusybox, openTestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";

/** Engines whose monitors would start a program that writes down which containers it was started for. */
async function witnessed() {
  const made = openTestEngine({ self: ["/bin/sh", "-c", 'echo "$*" >> "$2/started"', "sh"] });
  await importBusybox(made.engine);
  const { containers } = made.engine;
  const started = async () => {
    const { Id } = await finish(containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } }));
    await containers.start(Id);
    return findById(made.engine, Id)!;
  };
  /** Once the monitor is gone, so is its exit command. */
  const hasStarted = async ({ id, monitorPid, monitorStart }: Awaited<ReturnType<typeof started>>) => {
    await eventually(() => expect(isAlive(monitorPid, monitorStart)).toBe(false));
    const file = join(made.root, "started");
    return existsSync(file) && readFileSync(file, "utf8").includes(id);
  };
  return { ...made, containers, started, hasStarted };
}

test("nothing is started for containers that berth has stopped or removed", async () => {
  const made = await witnessed();
  await using _made = made;
  const [stopped, removed] = [await made.started(), await made.started()];
  await made.containers.stop(stopped.id, { timeout: 0 });
  await made.containers.remove(removed.id, { force: true });
  expect(await made.hasStarted(stopped)).toBe(false);
  expect(await made.hasStarted(removed)).toBe(false);
});

test("berth is started for what ends by itself, also when it was stopped before", async () => {
  const made = await witnessed();
  await using _made = made;
  const { id } = await made.started();
  await made.containers.stop(id, { timeout: 0 });
  await made.containers.start(id);
  const again = findById(made.engine, id)!;
  signalProcess(again.pid, again.pidStart, 9);
  expect(await made.hasStarted(again)).toBe(true);
});

test("berth is started once the one who was ending a container is dead", async () => {
  const made = await witnessed();
  await using _made = made;
  const record = await made.started();
  const ending = announceEnding(made.engine, record.id);
  signalProcess(record.pid, record.pidStart, 9);
  await eventually(() => expect(existsSync(join(made.engine.paths.exits, record.id))).toBe(true));
  expect(isAlive(record.monitorPid, record.monitorStart)).toBe(true);
  ending[Symbol.dispose](); // as the kernel does for a dead process
  expect(await made.hasStarted(record)).toBe(true);
});

test("a monitor that could write no exit file waits for nobody", async () => {
  const made = await witnessed();
  await using _made = made;
  const record = await made.started();
  using _ending = announceEnding(made.engine, record.id);
  // As on a full disk, the file cannot be made: a directory has its name.
  const exit = join(made.engine.paths.exits, record.id);
  mkdirSync(exit);
  signalProcess(record.pid, record.pidStart, 9);
  expect(await made.hasStarted(record)).toBe(true);
  rmdirSync(exit);
});

test("what a monitor still writes when the start was undone, or the container is gone, does not stay", async () => {
  await using made = openTestEngine();
  const { engine } = made;
  await importBusybox(engine);
  const { Id } = await finish(engine.containers.create({ Image: "busybox", Cmd: ["true"], HostConfig: { NetworkMode: "none" } }));
  const exit = join(engine.paths.exits, Id);
  writeFileSync(exit, "0");
  await containerExited(engine, Id);
  expect(existsSync(exit)).toBe(false);
  expect(findById(engine, Id)!.status).toBe("created");

  const [shell = "", ...args] = unlessRecorded(engine, Id, ["false"]);
  await engine.containers.remove(Id);
  writeFileSync(exit, "0");
  execFileSync(shell, args, { stdio: "ignore" });
  expect(existsSync(exit)).toBe(false);
});

test("nothing is started at any moment of a removal", async () => {
  const made = await witnessed();
  await using _made = made;
  const { engine } = made;
  const { id } = await made.started();
  await made.containers.stop(id, { timeout: 0 });
  const { bundle, exit } = filesOf(engine, id);
  const [shell = "", ...args] = unlessRecorded(engine, id, ["/bin/sh", "-c", 'echo "$*" >> "$1"', "sh", join(made.root, "needless")]);
  const look = () => execFileSync(shell, args, { stdio: "ignore" });
  look();
  hideBundle(engine, id);
  for (const name of readdirSync(bundle)) {
    look();
    rmSync(join(bundle, name), { recursive: true });
    writeFileSync(exit, "0"); // with the exit file it takes the lock first
    look();
    rmSync(exit, { force: true });
    look();
  }
  expect(existsSync(join(made.root, "needless"))).toBe(false);
});

test("the end of a process that was faster than the record of its start is recorded", async () => {
  await using made = openTestEngine();
  const { engine } = made;
  await importBusybox(engine);
  const { Id } = await finish(engine.containers.create({ Image: "busybox", Cmd: ["false"], HostConfig: { NetworkMode: "none" } }));
  const starting = await lockContainer(engine, Id);
  const exited = containerExited(engine, Id);
  writeFileSync(join(engine.paths.exits, Id), "3");
  engine.db.update("containers", "id", Id, { status: "running" });
  starting[Symbol.dispose]();
  await exited;
  expect(findById(engine, Id)).toMatchObject({ status: "exited", exitCode: 3 });
});
