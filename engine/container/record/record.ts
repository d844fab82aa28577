/** A container's row as an object, how it is found, and what its events say of it. */
import { join } from "node:path";
import type { ContainerConfig, EndpointSettings, HostConfig, MountPoint } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import { damage, damagedRecord, parseColumn } from "../../state/column.ts";
import type { Row } from "../../state/db.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { keepsakeOf, writeKeepsake } from "../../state/keepsake.ts";
import { lock } from "../../state/locks.ts";
import type { ContainerStatus, HealthState } from "../types.ts";
import { newHealth } from "./health.ts";

export interface ContainerRecord {
  id: string;
  name: string;
  image: string;
  imageRef: string;
  status: ContainerStatus | "creating";
  config: ContainerConfig;
  host: HostConfig;
  networking: Record<string, EndpointSettings>;
  mounts: MountPoint[];
  path: string;
  args: string[];
  /** Milliseconds since the epoch. */
  created: number;
  /** RFC 3339; `never` when it did not happen. */
  started: string;
  finished: string;
  pid: number;
  pidStart: string;
  monitorPid: number;
  monitorStart: string;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  restartCount: number;
  /** Run by a berth process itself, without a monitor. */
  direct: boolean;
  stoppedByUser: boolean;
  /** Stopped by `restart`, which starts it again: --rm does not remove it. */
  stoppedToRestart: boolean;
  health?: HealthState;
  /** Name of the first column that cannot be read: its value is empty here, so the container must not be started. */
  damage?: string;
}

/** Docker's zero time. */
export const never = "0001-01-01T00:00:00Z";

/** In the column `stopped_by_user`. */
export const toRestart = 2;

/** A record that can be listed, stopped and removed, whatever has become of its row. */
export function toRecord(row: Row): ContainerRecord {
  const text = (name: string) => String(row[name]);
  let damage: string | undefined;
  const json = <T extends object>(name: string, empty: T): T => {
    const value = parseColumn(row[name], empty);
    if (!value) damage ??= name;
    return value ?? empty;
  };
  const record: ContainerRecord = {
    id: text("id"),
    name: text("name"),
    image: text("image"),
    imageRef: text("image_ref"),
    status: text("status") as ContainerRecord["status"],
    config: json("config", {} as ContainerConfig),
    host: json("host_config", {}),
    networking: json("networking", {}),
    mounts: json("mounts", []),
    path: text("path"),
    args: json("args", []),
    created: Number(row["created"]),
    started: text("started"),
    finished: text("finished"),
    pid: Number(row["pid"]),
    pidStart: text("pid_start"),
    monitorPid: Number(row["monitor_pid"]),
    monitorStart: text("monitor_start"),
    exitCode: Number(row["exit_code"]),
    error: text("error"),
    oomKilled: row["oom_killed"] === 1,
    restartCount: Number(row["restart_count"]),
    direct: row["direct"] === 1,
    stoppedByUser: row["stopped_by_user"] !== 0,
    stoppedToRestart: row["stopped_by_user"] === toRestart,
    ...(row["health"] !== null && { health: json("health", newHealth) }),
  };
  return damage === undefined ? record : { ...record, damage };
}

/** Notes a damaged record among what commands warn of. */
export function noteDamage(ground: Ground, { name, damage: column }: ContainerRecord): void {
  if (column !== undefined) ground.unreadable.add(`${damage("container", name, column)}; remove it with 'berth rm -f ${name}'`);
}

/** @throws EngineError `corrupt` for a record that is damaged: what it leaves out may be what confines the container */
export function refuseDamaged({ name, damage: column }: ContainerRecord): void {
  if (column !== undefined) throw damagedRecord(damage("container", name, column), `berth rm -f ${name}`);
}

export function findById(ground: Ground, id: string): ContainerRecord | undefined {
  const row = ground.db.get("SELECT * FROM containers WHERE id = ?", id);
  return row && toRecord(row);
}

/** Keeps a copy of a container's row. After it is created, and after each change that the user asks for. */
export function keepContainer(ground: Ground, id: string): void {
  const row = ground.db.get("SELECT * FROM containers WHERE id = ?", id);
  if (row) writeKeepsake(keepsakeOf.container(ground, id), row);
}

/**
 * By full id, name, the name that a link gives ("OWN/ALIAS"), or unique id prefix, in this order, as docker.
 * @throws EngineError `not-found`, `ambiguous`
 */
export function findContainer(ground: Ground, ref: string): ContainerRecord {
  const name = ref.replace(/^\//, "");
  const row =
    ground.db.get("SELECT * FROM containers WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1", name) ??
    (name.includes("/") ? byLink(ground, name) : byPrefix(ground, name));
  if (!row || row["status"] === "creating")
    throw new EngineError("not-found", `No such container: ${ref}`, { hint: "list all containers with 'berth ps -a'" });
  return toRecord(row);
}

/** Names that links of the default network give containers, as "OWN/ALIAS" by their ids. */
export function linkNames(ground: Ground): Map<string, string[]> {
  const names = new Map<string, string[]>();
  // Few containers have links: the others' columns are not even parsed.
  const rows = ground.db.all<{ name: string; host_config: string }>(
    `SELECT name, host_config FROM containers WHERE status <> 'creating' AND host_config LIKE '%"Links":["%' ORDER BY name`,
  );
  for (const { name: own, host_config } of rows) {
    for (const link of parseColumn<HostConfig>(host_config, {})?.Links ?? []) {
      const [id = "", alias = ""] = link.split(":");
      names.set(id, [...(names.get(id) ?? []), `${own}/${alias}`]);
    }
  }
  return names;
}

function byLink(ground: Ground, name: string): Row | undefined {
  const [id] = [...linkNames(ground)].find(([, names]) => names.includes(name)) ?? [];
  return id === undefined ? undefined : ground.db.get("SELECT * FROM containers WHERE id = ?", id);
}

function byPrefix(ground: Ground, prefix: string): Row | undefined {
  if (!/^[0-9a-f]{1,63}$/.test(prefix)) return undefined;
  const rows = ground.db.all("SELECT * FROM containers WHERE id >= ? AND id < ? AND status <> 'creating' LIMIT 2", prefix, `${prefix}g`);
  if (rows.length > 1) throw new EngineError("ambiguous", `multiple IDs found with provided prefix: ${prefix}`);
  return rows[0];
}

/** Milliseconds that its processes get to end between the signal that asks them to and SIGKILL; undefined: as long as they take. */
export function stopPatience({ config }: ContainerRecord, seconds = config.StopTimeout ?? 10): number | undefined {
  return seconds < 0 ? undefined : seconds * 1000;
}

/** Where a container's files lie. */
export function filesOf(ground: Ground, id: string) {
  const directory = join(ground.paths.containers, id);
  const bundle = `${directory}/bundle`;
  return {
    directory,
    bundle,
    upper: `${directory}/upper`,
    work: `${directory}/work`,
    merged: `${directory}/merged`,
    log: `${directory}/ctr.log`,
    hostname: `${directory}/hostname`,
    hosts: `${directory}/hosts`,
    resolvConf: `${directory}/resolv.conf`,
    /** Mount point of the shared memory that other containers may join. */
    shm: `${directory}/shm`,
    /** Mount points of parts of volumes. */
    subpaths: `${directory}/subpaths`,
    /** Its control group, if not the usual one. */
    group: `${bundle}/group`,
    pidfile: `${bundle}/pidfile`,
    conmonPid: `${bundle}/conmon.pid`,
    /** One of these two, with the limit in bytes, says whose the log is: the watcher's, or handed to the supervisor; see log-watcher.ts. */
    quietLog: `${bundle}/quiet`,
    loudLog: `${bundle}/loud`,
    exit: join(ground.paths.exits, id),
  };
}

/**
 * Serialises start, exit and removal of a container between processes. Containers share 4096 lock files by the first
 * digits of their ids, as the files are never unlinked: so hold it only for work that ends by itself, and only one.
 */
export function lockContainer(ground: Ground, id: string): Promise<Disposable> {
  return lock(ground, `container-${id.slice(0, 3)}`);
}

/** Emits an event of a container with docker's attributes: its labels, image and name, then the given ones. */
export function emitContainer(
  ground: Ground,
  record: Pick<ContainerRecord, "id" | "name" | "imageRef" | "config">,
  action: string,
  attributes: Record<string, string> = {},
): void {
  emit(ground, "container", action, record.id, { ...record.config.Labels, image: record.imageRef, name: record.name, ...attributes });
}

/** RFC 3339 with nanoseconds, UTC: docker's notation. */
export function timestamp(milliseconds = performance.timeOrigin + performance.now()): string {
  const whole = Math.floor(milliseconds);
  const nanos = String(Math.round((milliseconds - whole) * 1e6)).padStart(6, "0");
  return `${new Date(whole).toISOString().slice(0, -1)}${nanos}Z`;
}

/** For verbs that want a process, of which a container that waits for its next start has none. @throws EngineError `conflict` */
export function refuseRestarting({ id, status }: Pick<ContainerRecord, "id" | "status">): void {
  if (status !== "restarting") return;
  throw new EngineError("conflict", `Container ${id} is restarting, wait until the container is running`, { hint: startsByItself });
}

/** What to do about a container that waits for its next start: nothing. */
export const startsByItself = "its restart policy starts it in a moment";

export function isRunning({ status }: Pick<ContainerRecord, "status">): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}
