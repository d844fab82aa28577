/**
 * The supervisor: one process per house, there only while a running container has a health check. It is started with
 * the first such container and ends with the last; a second one waits for the first to end and then looks for itself.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { House } from "../house.ts";
import { spawnProcess } from "../process/spawn.ts";
import { lock } from "../state/locks.ts";
import { healthOf, nextProbe, probeHealth } from "./health.ts";
import { reconcileContainers } from "./reconcile.ts";
import { type ContainerRecord, findById, toRecord } from "./record.ts";
import { until } from "./until.ts";

/** Marks the container as being looked after, and sees to it that a supervisor runs. */
export function startSupervisor(house: House, record: ContainerRecord): void {
  house.db.update("containers", "id", record.id, { health: JSON.stringify({ Status: "starting", FailingStreak: 0, Log: [] }) });
  const [program, ...args] = house.options.self ?? [];
  if (!program) return;
  const child = spawnProcess(program, [...args, "--root", house.paths.root, "internal", "supervise"], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // the containers run without checks; `doctor` says what is wrong with the installation
  child.unref();
}

/** `berth internal supervise`. Returns when no running container has a health check. */
export async function supervise(house: House): Promise<void> {
  using _ = await lock(house, "supervisor");
  const watched = new Map<string, Promise<void>>();
  for (;;) {
    await reconcileContainers(house);
    for (const record of wanting(house)) {
      const key = `${record.id} ${record.started}`;
      if (watched.has(key)) continue;
      watched.set(
        key,
        watchHealth(house, record).finally(() => watched.delete(key)),
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
  return house.db
    .all("SELECT * FROM containers WHERE status IN ('running', 'paused') AND health IS NOT NULL")
    .map(toRecord)
    .filter((record) => healthOf(record) !== undefined);
}

/** Probes one run of a container until it ends. */
async function watchHealth(house: House, record: ContainerRecord): Promise<void> {
  const health = healthOf(record);
  if (!health) return;
  const ended = new AbortController();
  const over = until(house, () => (isSameRun(house, record) ? undefined : true)).then(() => ended.abort());
  for (let now: ContainerRecord | undefined = record; now; now = findById(house, record.id)) {
    const wait = nextProbe(health, now.health, Date.parse(record.started), Date.now());
    await delay(wait, undefined, { signal: ended.signal }).catch(() => {}); // ended: the test below says so
    if (ended.signal.aborted) break;
    const current = findById(house, record.id);
    if (current?.status === "running") await probeHealth(house, current, health);
  }
  await over;
}

function isSameRun(house: House, { id, started }: ContainerRecord): boolean {
  const now = findById(house, id);
  return now !== undefined && now.started === started && (now.status === "running" || now.status === "paused");
}
