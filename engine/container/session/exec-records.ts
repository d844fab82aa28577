/**
 * The execs that were made by id, as docker's daemon keeps them: in the memory of the engine that made them, until some time
 * after they have ended. `containers.exec`, which makes, runs and forgets one in a single call, has no use for them.
 */
import type { Ground } from "../../state/ground.ts";
import type { TerminalSize } from "../../sys/terminal.ts";
import type { ContainerRecord } from "../record/index.ts";
import type { ExecConfig } from "../types.ts";

export interface ExecRecord {
  id: string;
  container: ContainerRecord;
  config: ExecConfig;
  /** "left" with the detach keys: it goes on, and another process waits for its end. */
  status: "created" | "running" | "left" | "ended";
  exitCode: number | null;
  /** Of the process, on the host; 0 before there is one. */
  pid: number;
  /** Milliseconds since the epoch. */
  ended: number;
  /** While it runs on a terminal. */
  resize?: (size: TerminalSize) => void;
}

/** Milliseconds for which docker, too, still tells how one has ended. */
const keptFor = 5 * 60 * 1000;

const known = new WeakMap<Ground, Map<string, ExecRecord>>();

/** By id; those that ended long ago are forgotten. */
export function execRecords(ground: Ground): Map<string, ExecRecord> {
  let records = known.get(ground);
  if (!records) known.set(ground, (records = new Map()));
  for (const { id, status, ended } of records.values()) if (status === "ended" && Date.now() - ended > keptFor) records.delete(id);
  return records;
}

/** Ids of a container's execs, as `inspect` shows them: null when it has none. */
export function execIdsOf(ground: Ground, container: string): string[] | null {
  const ids = [...(known.get(ground)?.values() ?? [])].filter((each) => each.container.id === container && each.status !== "ended");
  return ids.length > 0 ? ids.map(({ id }) => id) : null;
}
