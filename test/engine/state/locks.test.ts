/** Locks between processes and within one: alone or shared, in turn, gone with their holder however it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { House } from "../../../engine/house.ts";
import { forgetHolder, inheritLock, isHeldByNoted, isSeenFree, lock, noteHolder, tryLock } from "../../../engine/state/locks.ts";
import { openTestEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { fill, smallDisk } from "../../support/small-disk.ts";

/** Another process that holds a lock, from when this resolves until it is killed. */
async function holder(house: House, name: string, flag = "-x"): Promise<ChildProcess & AsyncDisposable> {
  void house.db;
  const child = spawn("flock", [flag, "--no-fork", join(house.paths.locks, name), "sh", "-c", "echo held; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  const end = async () => {
    if (child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return Object.assign(child, { [Symbol.asyncDispose]: end });
}

/** True while a promise has not come true, a turn of the event loop and a look at the kernel later. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, 50, true))]);
}

test("one that another process holds is waited for, and free when that is killed", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  let taken: Promise<Disposable>;
  {
    await using _ = await holder(house, "name");
    expect(tryLock(house, "name")).toBeUndefined();
    using other = tryLock(house, "another");
    expect(other).toBeDefined();
    taken = lock(house, "name");
    expect(await waits(taken)).toBe(true);
  }
  (await taken)[Symbol.dispose]();
  tryLock(house, "name")![Symbol.dispose]();
});

test("who holds one is seen without trying: another process, alone or shared, this one, and nobody", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  expect(isSeenFree(house, "name")).toBe(false); // it never was: it might lie elsewhere
  for (const flag of ["-x", "-s"]) {
    await using _ = await holder(house, "name", flag);
    expect(isSeenFree(house, "name")).toBe(false);
  }
  expect(isSeenFree(house, "name")).toBe(true);
  using held = tryLock(house, "name")!;
  expect(isSeenFree(house, "name")).toBe(false);
  held[Symbol.dispose]();
  expect(isSeenFree(house, "name")).toBe(true);
});

test("within a process they are taken in turn, in the order they were asked for", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      using _lock = await lock(house, "name");
      order.push(at);
      await new Promise(setImmediate);
      expect(order.at(-1)).toBe(at);
    }),
  );
  expect(order).toEqual(Array.from({ length: 40 }, (_, at) => at));
});

test("shared ones are held together, and keep one alone out", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  const first = await lock(house, "name", { shared: true });
  await using _other = await holder(house, "name", "-s");
  const alone = lock(house, "name");
  expect(await waits(alone)).toBe(true);
  expect(tryLock(house, "name")).toBeUndefined();
  first[Symbol.dispose]();
  first[Symbol.dispose](); // twice is once
  expect(await waits(alone)).toBe(true);
  await _other[Symbol.asyncDispose]();
  (await alone)[Symbol.dispose]();
});

test("a lock that cannot be taken leaves the turn to the next", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  void house.db;
  mkdirSync(join(house.paths.locks, "directory"));
  const failed = lock(house, "directory");
  const next = lock(house, "directory");
  await expect(failed).rejects.toThrow("EISDIR");
  await expect(next).rejects.toThrow("EISDIR");
});

test("a child that inherits the descriptor holds it too; another descriptor is no lock", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  const held = tryLock(house, "name")!;
  const child = spawn("sleep", ["1000"], { stdio: ["ignore", "ignore", "ignore", held.fd] });
  await once(child, "spawn");
  held[Symbol.dispose]();
  expect(tryLock(house, "name")).toBeUndefined();
  child.kill("SIGKILL");
  await once(child, "exit");
  await eventually(() => tryLock(house, "name")![Symbol.dispose]());
  const fd = openSync(join(house.paths.locks, "name"), "r");
  inheritLock(house, "name", fd)![Symbol.dispose]();
  const other = openSync("/dev/null", "r");
  expect(inheritLock(house, "name", other)).toBeUndefined();
  expect(inheritLock(house, "nothing", other)).toBeUndefined();
  closeSync(other);
});

test("who is noted to hold one is believed while it lives and has not taken the note away", async () => {
  await using opened = openTestEngine();
  const { engine: house } = opened;
  void house.db;
  expect(isHeldByNoted(house, "name")).toBe(false);
  const other = await holder(house, "name");
  expect(isHeldByNoted(house, "name")).toBe(false);
  const held = tryLock(house, "given")!;
  noteHolder(held, other.pid!);
  expect(isHeldByNoted(house, "given")).toBe(true);
  expect(tryLock(house, "given")).toBeUndefined();
  expect(isHeldByNoted(house, "given")).toBe(true); // who only tries leaves the note
  await other[Symbol.asyncDispose]();
  expect(isHeldByNoted(house, "given")).toBe(false);
  noteHolder(held, process.pid);
  expect(isHeldByNoted(house, "given")).toBe(true);
  forgetHolder(held);
  expect(isHeldByNoted(house, "given")).toBe(false);
  held[Symbol.dispose]();
});

test("without room for a new file, both who want it find the same elsewhere", async () => {
  using disk = smallDisk("size=2M,nr_inodes=60");
  await using opened = openTestEngine({ root: join(disk.path, "state") });
  const { engine: house } = opened;
  void house.db;
  fill(disk.path);
  for (let at = 0; ; at++) {
    try {
      closeSync(openSync(join(disk.path, `file${at}`), "w"));
    } catch {
      break; // no inodes left
    }
  }
  const held = tryLock(house, "unmade")!;
  expect(tryLock(house, "unmade")).toBeUndefined();
  const waiting = lock(house, "unmade");
  expect(await waits(waiting)).toBe(true);
  held[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
  for (const name of readdirSync(disk.path)) if (name !== "state") rmSync(join(disk.path, name));
});
