/**
 * The supervisor: one process per house, there only while a running container needs looking after: it has a health
 * check, or a log with a limit. It is started with the first such container and ends with the last.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { House } from "../house.ts";
import { spawnProcess } from "../process/spawn.ts";
import { inheritLock, tryLock } from "../state/locks.ts";
import { type Health, healthOf, nextProbe } from "./health.ts";
import { limitOf } from "./log-options.ts";
import { keepWithinLimit } from "./log-rotation.ts";
import { probeHealth } from "./probe.ts";
import { reconcileContainers } from "./reconcile.ts";
import { type ContainerRecord, findById, needsSupervisor, toRecord } from "./record.ts";
import { until } from "./until.ts";

const lockName = "supervisor";
/** The descriptor under which a supervisor is given its lock. */
const lockFd = 3;

/** Sees to it that a supervisor runs. Who starts one holds its lock until it has it: there is never a second. */
export function ensureSupervisor(house: House): void {
  const [program, ...args] = house.options.self ?? [];
  if (!program) return;
  using held = tryLock(house, lockName);
  if (!held) return;
  const stdio = ["ignore", "ignore", "ignore", held.fd] as const;
  const child = spawnProcess(program, [...args, "--root", house.paths.root, "internal", "supervise"], {
    stdio: [...stdio],
    detached: true,
  });
  child.on("error", () => {}); // the containers run without checks; `doctor` says what is wrong with the installation
  child.unref();
}

/** `berth internal supervise`. Returns when no running container needs it, or another looks after them. */
export async function supervise(house: House): Promise<void> {
  let held = inheritLock(house, lockName, lockFd) ?? tryLock(house, lockName);
  while (held) {
    await attend(house);
    held[Symbol.dispose]();
    // Who came since the last look found the lock taken, and relied on it.
    held = wanting(house).length > 0 ? tryLock(house, lockName) : undefined;
  }
}

async function attend(house: House): Promise<void> {
  const watched = new Map<string, Promise<void>>();
  for (;;) {
    await reconcileContainers(house);
    for (const record of wanting(house)) {
      const key = `${record.id} ${record.started}`;
      if (watched.has(key)) continue;
      watched.set(
        key,
        watchRun(house, record).finally(() => watched.delete(key)),
      );
    }
    if (watched.size === 0) return;
    // A container came, or a watch ended: look again.
    const change = new AbortController();
    const fresh = () => (wanting(house).some(({ id, started }) => !watched.has(`${id} ${started}`)) ? true : undefined);
    await Promise.race([until(house, fresh, { signal: change.signal }), ...watched.values()]);
    change.abort();
  }
}

function wanting(house: House): ContainerRecord[] {
  return house.db.all("SELECT * FROM containers WHERE status IN ('running', 'paused')").map(toRecord).filter(needsSupervisor);
}

/** Looks after one run of a container until it ends. */
async function watchRun(house: House, record: ContainerRecord): Promise<void> {
  const ended = new AbortController();
  const over = until(house, () => (isSameRun(house, record) ? undefined : true)).then(() => ended.abort());
  const health = healthOf(record);
  const limit = limitOf(record.host.LogConfig);
  await Promise.all([
    over,
    health && watchHealth(house, record, health, ended.signal),
    limit && keepWithinLimit(house, record, limit, ended.signal),
  ]);
}

async function watchHealth(house: House, record: ContainerRecord, health: Health, ended: AbortSignal): Promise<void> {
  for (let now: ContainerRecord | undefined = record; now; now = findById(house, record.id)) {
    const wait = nextProbe(health, now.health, Date.parse(record.started), Date.now());
    await delay(wait, undefined, { signal: ended }).catch(() => {}); // ended: the test below says so
    if (ended.aborted) return;
    const current = findById(house, record.id);
    if (current?.status === "running") await probeHealth(house, current, health, ended);
  }
}

function isSameRun(house: House, { id, started }: ContainerRecord): boolean {
  const now = findById(house, id);
  return now !== undefined && now.started === started && (now.status === "running" || now.status === "paused");
}
