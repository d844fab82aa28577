/** Health checks: when to probe, and what a probe's result means for the record (docker's rules). Pure. */

import type { HealthcheckConfig } from "../../docker.ts";
import type { HealthState } from "../types.ts";
import type { ContainerRecord } from "./record.ts";

/** Nanoseconds, as the configuration counts. */
const defaults = { Interval: 30e9, Timeout: 30e9, StartPeriod: 0, StartInterval: 5e9, Retries: 3 };
/** Probes that the record keeps. */
const keptProbes = 5;

export type Health = Required<HealthcheckConfig>;

/** The check with docker's defaults; undefined when there is none. Pure. */
export function healthOf(record: Pick<ContainerRecord, "config">): Health | undefined {
  const { Test, ...rest } = record.config.Healthcheck ?? {};
  if (!Test || Test.length === 0 || Test[0] === "NONE") return undefined;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
  return { ...defaults, ...given, Test };
}

/** Of a container that has just been started. */
export const newHealth: HealthState = { Status: "starting", FailingStreak: 0, Log: [] };

/** Milliseconds until the next probe. Pure. */
export function nextProbe(health: Health, state: HealthState | undefined, startedAt: number, now: number): number {
  const starting = (state?.Status ?? "starting") === "starting" && now - startedAt < health.StartPeriod / 1e6;
  return (starting ? health.StartInterval : health.Interval) / 1e6;
}

/**
 * The record's health after a probe. Failures during the start period do not count; the first success ends it. Pure.
 */
export function judge(
  health: Health,
  before: HealthState | undefined,
  probe: HealthState["Log"][number],
  inStartPeriod: boolean,
): HealthState {
  const Log = [...(before?.Log ?? []), probe].slice(-keptProbes);
  if (probe.ExitCode === 0) return { Status: "healthy", FailingStreak: 0, Log };
  const status = before?.Status ?? "starting";
  if (status === "starting" && inStartPeriod) return { Status: "starting", FailingStreak: 0, Log };
  const FailingStreak = (before?.FailingStreak ?? 0) + 1;
  return { Status: FailingStreak >= health.Retries ? "unhealthy" : status, FailingStreak, Log };
}
