/** The list of builds, of all processes: a row from the start of each, so that the TUI shows what runs elsewhere. */
import type { Ground } from "../state/ground.ts";
import { isAlive, thisOwner } from "../sys/owner.ts";
import type { BuildSummary } from "./index.ts";

/** Rows kept. */
const keep = 200;

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
    ground.db.run("DELETE FROM builds WHERE id IN (SELECT id FROM builds ORDER BY created DESC LIMIT -1 OFFSET ?)", keep);
  });
}

/** The build goes on under another id. */
export function forgetBuild(ground: Ground, id: string): void {
  ground.db.run("DELETE FROM builds WHERE id = ?", id);
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

/** Builds, newest first. One whose process died without recording an end counts as cancelled. */
export function listBuilds(ground: Ground): BuildSummary[] {
  return ground.db.all<BuildRow>("SELECT * FROM builds ORDER BY created DESC, rowid DESC").map((row) => {
    const abandoned = row.status === "running" && !isAlive(row.owner_pid, row.owner_start);
    return {
      ID: row.id,
      Name: row.name,
      Status: abandoned ? "cancelled" : row.status,
      CreatedAt: new Date(row.created).toISOString(),
      ...(row.completed === null ? {} : { CompletedAt: new Date(row.completed).toISOString() }),
      Steps: { total: row.steps, cached: row.cached },
      ...(row.image === null ? {} : { ImageID: row.image }),
      ...(row.error === null ? {} : { Error: row.error }),
    };
  });
}
