/**
 * The supervisor: one process per state directory, there only while a running container needs looking after: it has a health
 * check, or a log with a limit. It is started with the first such container and ends with the last.
 */
import { setTimeout as delay } from "node:timers/promises";
import { spawnProcess } from "../process/spawn.ts";
import type { Ground } from "../state/ground.ts";
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

/** Sees to it that a supervisor runs. The process that starts one holds the lock until the supervisor has it: there is never a second. */
export function ensureSupervisor(ground: Ground): void {
  const [program, ...args] = ground.options.self ?? [];
  if (!program) return;
  using held = tryLock(ground, lockName);
  if (!held) return;
  const stdio = ["ignore", "ignore", "ignore", held.fd] as const;
  const child = spawnProcess(program, [...args, "--root", ground.paths.root, "internal", "supervise"], {
    stdio: [...stdio],
    detached: true,
  });
  child.on("error", () => {}); // the containers run without checks; `doctor` says what is wrong with the installation
  child.unref();
}

/** `berth internal supervise`. Returns when no running container needs it, or another looks after them. */
export async function supervise(ground: Ground): Promise<void> {
  let held = inheritLock(ground, lockName, lockFd) ?? tryLock(ground, lockName);
  while (held) {
    await attend(ground);
    held[Symbol.dispose]();
    // A container that was started since the last look found the lock taken, and relied on this process.
    held = wanting(ground).length > 0 ? tryLock(ground, lockName) : undefined;
  }
}

async function attend(ground: Ground): Promise<void> {
  const watched = new Map<string, Promise<void>>();
  for (;;) {
    await reconcileContainers(ground);
    for (const record of wanting(ground)) {
      const key = `${record.id} ${record.started}`;
      if (watched.has(key)) continue;
      watched.set(
        key,
        watchRun(ground, record).finally(() => watched.delete(key)),
      );
    }
    if (watched.size === 0) return;
    // A container came, or a watch ended: look again.
    const change = new AbortController();
    const fresh = () => (wanting(ground).some(({ id, started }) => !watched.has(`${id} ${started}`)) ? true : undefined);
    await Promise.race([until(ground, fresh, { signal: change.signal }), ...watched.values()]);
    change.abort();
  }
}

function wanting(ground: Ground): ContainerRecord[] {
  return ground.db.all("SELECT * FROM containers WHERE status IN ('running', 'paused')").map(toRecord).filter(needsSupervisor);
}

/** Looks after one run of a container until it ends. */
async function watchRun(ground: Ground, record: ContainerRecord): Promise<void> {
  const ended = new AbortController();
  const over = until(ground, () => (isSameRun(ground, record) ? undefined : true)).then(() => ended.abort());
  const health = healthOf(record);
  const limit = limitOf(record.host.LogConfig);
  await Promise.all([
    over,
    health && watchHealth(ground, record, health, ended.signal),
    limit && keepWithinLimit(ground, record, limit, ended.signal),
  ]);
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
