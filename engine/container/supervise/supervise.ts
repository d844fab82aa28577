/**
 * The supervisor: one process per state directory, which runs only while a running container needs it: for a health check, for a log
 * whose limit the user chose, or for a log that has filled up (the others are the watcher's, see log-watcher.ts). It is started
 * with the first such container and ends with the last.
 */

import { existsSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { touch } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { forgetHolder, inheritLock, noteHolder, tryLock } from "../../state/locks.ts";
import { keeps, lockOf, reconcileContainers } from "../life/index.ts";
import { keepWithinLimit, returnLog } from "../logs/index.ts";
import { limitOf } from "../plan/index.ts";
import { until } from "../process/index.ts";
import { type ContainerRecord, filesOf, findById, type Health, healthOf, nextProbe, toRecord } from "../record/index.ts";
import { probeHealth } from "./probe.ts";

/** The descriptor under which a supervisor is given its lock. */
const lockFd = 3;
/** Milliseconds after which a log that the watcher handed over goes back to it, if it has not filled up again: 20 MB in 5 s are 4 MB/s. */
const patience = 5_000;
/** Milliseconds between looks whether the state directory is there. */
const lookPeriod = 2_000;

/** `berth internal supervise`. Returns when no running container needs it, another looks after them, or the state directory is gone. */
export async function supervise(ground: Ground): Promise<void> {
  let held = inheritLock(ground, lockOf.supervisor, lockFd) ?? tryLock(ground, lockOf.supervisor);
  if (!held) return touch(ground.paths.notify); // wakes the supervisor that runs: the watcher may have handed over a log
  using removal = watchRemoval(ground);
  while (held) {
    noteHolder(held, process.pid);
    await attend(ground, removal.signal);
    forgetHolder(held);
    held[Symbol.dispose]();
    if (removal.signal.aborted) return;
    // A container that was started since the last look found the lock taken, and relied on this process.
    held = wanting(ground).length > 0 ? tryLock(ground, lockOf.supervisor) : undefined;
  }
}

/**
 * Aborts when the database is no longer where it was: removed, or its disk unmounted, which no event tells of. Should another take
 * its place, whoever opens that one starts a supervisor of its own.
 */
function watchRemoval({ paths }: Ground): Disposable & { signal: AbortSignal } {
  const inode = () => statSync(paths.db, { throwIfNoEntry: false })?.ino;
  const mine = inode();
  const removed = new AbortController();
  const timer = setInterval(() => inode() === mine || removed.abort(), lookPeriod);
  return { signal: removed.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

async function attend(ground: Ground, removed: AbortSignal): Promise<void> {
  const watched = new Map<string, Promise<void>>();
  while (!removed.aborted) {
    await reconcileContainers(ground);
    for (const record of wanting(ground)) {
      const key = `${record.id} ${record.started}`;
      if (watched.has(key)) continue;
      watched.set(
        key,
        watchRun(ground, record, removed).finally(() => watched.delete(key)),
      );
    }
    if (watched.size === 0) return;
    // A container came, or a watch ended: look again.
    const change = new AbortController();
    const fresh = () => (wanting(ground).some(({ id, started }) => !watched.has(`${id} ${started}`)) ? true : undefined);
    await Promise.race([until(ground, fresh, { signal: AbortSignal.any([change.signal, removed]) }), ...watched.values()]);
    change.abort();
  }
  await Promise.all(watched.values());
}

function wanting(ground: Ground): ContainerRecord[] {
  const running = ground.db.all("SELECT * FROM containers WHERE status IN ('running', 'paused')").map(toRecord);
  return running.filter((record) => keeps(ground, "supervisor", record));
}

/** Looks after one run of a container until it ends, or needs it no more. */
async function watchRun(ground: Ground, record: ContainerRecord, removed: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const over = AbortSignal.any([ended.signal, removed]);
  const health = healthOf(record);
  await Promise.all([
    until(ground, () => (isSameRun(ground, record) ? undefined : true), { signal: over }).then(() => ended.abort()),
    health && watchHealth(ground, record, health, over),
    watchLog(ground, record, over).then(() => health || ended.abort()),
  ]);
}

async function watchLog(ground: Ground, record: ContainerRecord, over: AbortSignal): Promise<void> {
  const limit = limitOf(record.host.LogConfig);
  if (!limit) return;
  const isLent = existsSync(filesOf(ground, record.id).loudLog);
  await keepWithinLimit(ground, record, limit, over, isLent ? patience : undefined);
  if (isLent && !over.aborted) returnLog(ground, record);
}

async function watchHealth(ground: Ground, record: ContainerRecord, health: Health, ended: AbortSignal): Promise<void> {
  for (let now: ContainerRecord | undefined = record; now; now = findById(ground, record.id)) {
    const wait = nextProbe(health, now.health, Date.parse(record.started), Date.now());
    await delay(wait, undefined, { signal: ended }).catch(() => {}); // ended: the test below says so
    if (ended.aborted) return;
    const current = findById(ground, record.id);
    if (current?.status === "running") await probeHealth(ground, current, health, ended);
  }
}

function isSameRun(ground: Ground, { id, started }: ContainerRecord): boolean {
  const now = findById(ground, id);
  return now !== undefined && now.started === started && (now.status === "running" || now.status === "paused");
}
