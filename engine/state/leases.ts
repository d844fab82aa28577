/**
 * Leases: what is being made right now, and by whom. A room takes a lease before it makes anything that would be left
 * behind by a crash, and releases it when the thing is complete (or undone). When the owner died, the next command
 * finds the lease and hands it to the room's cleaner (engine/reconcile.ts), which must be idempotent.
 */

import { isAlive, thisOwner } from "../sys/owner.ts";
import type { Ground } from "./ground.ts";

/** One per kind of thing that can be half made. */
export type LeaseKind = "container" | "endpoint" | "step" | "layer" | "blob" | "temporary";

export interface Lease extends Disposable {
  readonly id: number;
  readonly kind: LeaseKind;
  readonly subject: string;
  /** The thing is complete, or gone: nothing to clean up any more. */
  release(): void;
}

/** @param subject what the cleaner needs: a container id, the ids of a container and a network, a step id, a layer directory's name, a blob's digest, a path under ROOT/tmp */
export function takeLease(ground: Ground, kind: LeaseKind, subject: string): Lease {
  // In a stand-in no other process would see it, and its number may be taken by another lease before it is released.
  if (ground.db.isStandIn) return { id: 0, kind, subject, release() {}, [Symbol.dispose]() {} };
  const { pid, start } = thisOwner();
  ground.db.insert("leases", { kind, subject, owner_pid: pid, owner_start: start, created: Date.now() });
  const id = Number(ground.db.get<{ id: number }>("SELECT last_insert_rowid() AS id")?.id);
  const release = () => void ground.db.run("DELETE FROM leases WHERE id = ?", id);
  return { id, kind, subject, release, [Symbol.dispose]: release };
}

/** Releases all that this process holds on something that is gone. */
export function releaseOwn(ground: Ground, kind: LeaseKind, subject: string): void {
  const { pid, start } = thisOwner();
  const own = "kind = ? AND subject = ? AND owner_pid = ? AND owner_start = ?";
  ground.db.run(`DELETE FROM leases WHERE ${own}`, kind, subject, pid, start);
}

export interface DeadLease {
  id: number;
  kind: LeaseKind;
  subject: string;
}

/** Somebody holds a lease on it, dead or alive. */
export function isLeased(ground: Ground, kind: LeaseKind, subject: string): boolean {
  return ground.db.get("SELECT 1 FROM leases WHERE kind = ? AND subject = ? LIMIT 1", kind, subject) !== undefined;
}

/** What leases of a kind are held on, by whomever. */
export function leasedSubjects(ground: Ground, kind: LeaseKind): string[] {
  return ground.db.all<{ subject: string }>("SELECT subject FROM leases WHERE kind = ?", kind).map(({ subject }) => subject);
}

/** Leases whose owner died without releasing them. */
export function deadLeases(ground: Ground): DeadLease[] {
  const rows = ground.db.all<{ id: number; kind: LeaseKind; subject: string; owner_pid: number; owner_start: string }>(
    "SELECT * FROM leases",
  );
  return rows.filter((row) => !isAlive(row.owner_pid, row.owner_start)).map(({ id, kind, subject }) => ({ id, kind, subject }));
}

export function dropLease(ground: Ground, id: number): void {
  ground.db.run("DELETE FROM leases WHERE id = ?", id);
}
