/** The list of builds, of all processes: a row from the start of each, so that the TUI shows what runs elsewhere. */
import { rmSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { isAlive, thisOwner } from "../../sys/owner.ts";
import type { BuildSummary } from "../index.ts";
import { recordFile } from "./file.ts";

/** Rows kept. */
const keep = 200;

/** The id that is wished for; undefined when it is none, or another build's: files are called by them. */
export function freeId(ground: Ground, wished: string | undefined): string | undefined {
  if (wished === undefined || !/^[0-9a-z]{20,64}$/.test(wished)) return undefined;
  return ground.db.get("SELECT 1 FROM builds WHERE id = ?", wished) ? undefined : wished;
}

export function beginBuild(ground: Ground, id: string, name: string): void {
  const { pid, start } = thisOwner();
  ground.db.transaction(() => {
    ground.db.insert("builds", {
      id,
      name,
      status: "running",
      created: Date.now(),
      completed: null,
      owner_pid: pid,
      owner_start: start,
      steps: 0,
      cached: 0,
      image: null,
      error: null,
    });
    const old = ground.db.all<{ id: string }>("SELECT id FROM builds ORDER BY created DESC LIMIT -1 OFFSET ?", keep);
    for (const { id } of old) forgetBuild(ground, id);
  });
}

/** Takes a build's row and file away. */
export function forgetBuild(ground: Ground, id: string): void {
  ground.db.run("DELETE FROM builds WHERE id = ?", id);
  rmSync(recordFile(ground, id), { force: true });
}

/** @throws EngineError `in-use` for one that runs, `not-found` */
export function forgetBuilds(ground: Ground, references: readonly string[]): string[] {
  const found = references.map((reference) => findBuild(ground, reference));
  const running = found.find(({ Status }) => Status === "running");
  if (running) throw new EngineError("in-use", `cannot forget build "${running.ID}": it runs`, { hint: "wait for its end, or cancel it" });
  for (const { ID } of found) forgetBuild(ground, ID);
  return found.map(({ ID }) => ID);
}

/** Ids of builds whose processes live. */
export function runningBuilds(ground: Ground): Set<string> {
  const rows = ground.db.all<BuildRow>("SELECT * FROM builds WHERE status = 'running'");
  return new Set(rows.filter((row) => isAlive(row.owner_pid, row.owner_start)).map(({ id }) => id));
}

export interface BuildOutcome {
  status: "completed" | "failed" | "cancelled";
  steps: { total: number; cached: number };
  image?: string;
  error?: string;
}

export function endBuild(ground: Ground, id: string, { status, steps, image, error }: BuildOutcome): void {
  ground.db.update("builds", "id", id, {
    status,
    completed: Date.now(),
    steps: steps.total,
    cached: steps.cached,
    image: image ?? null,
    error: error ?? null,
  });
}

interface BuildRow {
  id: string;
  name: string;
  status: BuildSummary["Status"];
  created: number;
  completed: number | null;
  owner_pid: number;
  owner_start: string;
  steps: number;
  cached: number;
  image: string | null;
  error: string | null;
}

const newestFirst = "SELECT * FROM builds ORDER BY created DESC, rowid DESC";

/** Builds, newest first. */
export function listBuilds(ground: Ground): BuildSummary[] {
  return ground.db.all<BuildRow>(newestFirst).map(summaryOf);
}

/**
 * A build by its id or the beginning of it; "^2" is the one two before the newest, "" the newest.
 * @throws EngineError `not-found`, or `ambiguous`
 */
export function findBuild(ground: Ground, reference: string): BuildSummary {
  const rows = ground.db.all<BuildRow>(newestFirst);
  const [, back] = /^\^(\d*)$/.exec(reference || "^0") ?? [];
  const found = back === undefined ? rows.filter(({ id }) => id.startsWith(reference)) : rows.slice(Number(back || 1)).slice(0, 1);
  if (found.length > 1) throw new EngineError("ambiguous", `cannot find build "${reference}": it begins the ids of ${found.length} builds`);
  const [row] = found;
  if (row) return summaryOf(row);
  throw new EngineError("not-found", reference ? `no such build: "${reference}"` : "there are no builds yet", {
    hint: "'berth builder history ls' lists builds",
  });
}

/** One whose process died without recording an end was interrupted. */
function summaryOf(row: BuildRow): BuildSummary {
  const abandoned = row.status === "running" && !isAlive(row.owner_pid, row.owner_start);
  return {
    ID: row.id,
    Name: row.name,
    Status: abandoned ? "interrupted" : row.status,
    CreatedAt: new Date(row.created).toISOString(),
    ...(row.completed === null ? {} : { CompletedAt: new Date(row.completed).toISOString() }),
    Steps: { total: row.steps, cached: row.cached },
    ...(row.image === null ? {} : { ImageID: row.image }),
    ...(row.error === null ? {} : { Error: row.error }),
  };
}
