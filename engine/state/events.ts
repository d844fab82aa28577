/**
 * The event log: rows in the database, and a file that is touched after each append so that a watcher in another
 * process wakes at once (inotify) without polling.
 */
import { closeSync, existsSync, openSync, utimesSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { EventsOptions, SystemEvent } from "../events.ts";
import { parseColumn } from "./column.ts";
import type { Row } from "./db.ts";
import type { Ground } from "./ground.ts";
import { wakeOn } from "./wake.ts";

/** How many events are kept: enough for days of history, small enough to never matter. */
const keep = 10_000;

/** What a prune gave back, in bytes. */
export function emitPrune(ground: Ground, type: SystemEvent["Type"], reclaimed: number): void {
  emit(ground, type, "prune", "", { reclaimed: String(reclaimed) });
}

/** Records that something happened: after the change itself, or in its transaction. `time` in ms defaults to now. */
export function emit(
  ground: Ground,
  type: SystemEvent["Type"],
  action: string,
  actor: string,
  attributes: Record<string, string> = {},
  time = Date.now(),
): void {
  ground.db.insert("events", { time, type, action, actor, attributes: JSON.stringify(attributes) });
  const last = Number(ground.db.get<{ seq: number }>("SELECT max(seq) AS seq FROM events")?.seq ?? 0);
  if (last % 1000 === 0) ground.db.run("DELETE FROM events WHERE seq <= ?", last - keep);
  ground.db.whenSeen(() => touch(ground.paths.notify));
}

/** Wakes who watches the file, where something changed that is no event. */
export function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    makeNotify(file); // first event since boot
  }
}

/** Makes the file that watchers watch. @returns false where there is no room for it: then watchers cannot be told */
export function makeNotify(file: string): boolean {
  try {
    closeSync(openSync(file, "a", 0o600));
    return true;
  } catch (error) {
    if (!["ENOSPC", "EDQUOT", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return existsSync(file);
  }
}

function toEvent(row: Row): SystemEvent {
  const time = Number(row["time"]);
  return {
    seq: Number(row["seq"]),
    Type: row["type"] as SystemEvent["Type"],
    Action: String(row["action"]),
    Actor: { ID: String(row["actor"]), Attributes: parseColumn<Record<string, string>>(row["attributes"], {}) ?? {} },
    scope: "local",
    time: Math.floor(time / 1000),
    timeNano: time * 1e6,
  };
}

const filterNames = ["type", "event", "container", "image", "volume", "network", "label", "daemon", "scope"];

/** Docker's event filters: `type`, `event`, `container`, `image`, `volume`, `network`, `label`; values OR, keys AND. */
export function matchesEvent(event: SystemEvent, filters: Record<string, string[]> = {}): boolean {
  const { Attributes, ID } = event.Actor;
  const isActor = (type: string, value: string) => event.Type === type && (ID.startsWith(value) || Attributes["name"] === value);
  const tests: Record<string, (value: string) => boolean> = {
    type: (value) => event.Type === value,
    event: (value) => event.Action === value || event.Action.startsWith(`${value}:`),
    container: (value) => isActor("container", value),
    image: (value) => {
      const name = Attributes[event.Type === "image" ? "name" : "image"] ?? "";
      return isActor("image", value) || name === value || withoutTag(name) === value;
    },
    volume: (value) => isActor("volume", value),
    network: (value) => isActor("network", value),
    daemon: (value) => isActor("daemon", value),
    scope: (value) => event.scope === value,
    label: (value) => {
      const [key = "", wanted] = value.split(/=(.*)/s);
      return key in Attributes && (wanted === undefined || Attributes[key] === wanted);
    },
  };
  return Object.entries(filters).every(([key, values]) => values.length === 0 || values.some((value) => tests[key]?.(value) ?? false));
}

/** "registry:5000/app:1@sha256:…" is "registry:5000/app". */
const withoutTag = (name: string) => name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");

/** Past events after `since`, then new ones while `follow`. A follower without `since` and `until` starts at now, as docker's does. */
export async function* readEvents(ground: Ground, options: EventsOptions): AsyncGenerator<SystemEvent> {
  const { since, until, filters = {}, follow, signal } = options;
  const unknown = Object.keys(filters).find((key) => !filterNames.includes(key));
  if (unknown !== undefined)
    throw new EngineError("invalid", `invalid filter '${unknown}'`, { hint: `known filters: ${filterNames.join(", ")}` });
  if (since !== undefined && until !== undefined && since > until)
    throw new EngineError("invalid", `\`since\` time (${since}) cannot be after \`until\` time (${until})`, {
      hint: "a duration counts back from now: the earlier time is the longer one",
    });
  let seq = since === undefined && until === undefined && follow ? lastSeq(ground) : 0;
  options.onListening?.();
  const from = Math.floor((since ?? 0) * 1000);
  const to = until === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(until * 1000);
  const drain = function* (): Generator<SystemEvent> {
    for (const row of ground.db.all("SELECT * FROM events WHERE seq > ? AND time >= ? AND time <= ? ORDER BY seq", seq, from, to)) {
      const event = toEvent(row);
      seq = event.seq;
      if (matchesEvent(event, filters)) yield event;
    }
  };
  if (!follow) return yield* drain();
  void ground.db; // makes the run directory
  using changes = wakeOn(makeNotify(ground.paths.notify) ? [ground.paths.notify] : [], { signal, until });
  while (!changes.over) {
    yield* drain();
    await changes.next();
  }
  yield* drain();
}

function lastSeq(ground: Ground): number {
  return Number(ground.db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events")?.seq ?? 0);
}

/**
 * The attributes of the last event of a kind that was recorded of something; undefined when there is none any more.
 * @param exec of this exec of a container only
 */
export function lastAttributes(ground: Ground, actor: string, action: string, exec?: string): Record<string, string> | undefined {
  const ofExec = exec === undefined ? "" : "AND json_extract(attributes, '$.execID') = ?";
  const sql = `SELECT attributes FROM events WHERE actor = ? AND action = ? ${ofExec} ORDER BY seq DESC LIMIT 1`;
  const row = ground.db.get<{ attributes: string }>(sql, actor, action, ...(exec === undefined ? [] : [exec]));
  return row && (parseColumn<Record<string, string>>(row.attributes, {}) ?? {});
}
