/** Health checks: one probe of a container, and what its result means for the record (docker's rules). */
import { Writable } from "node:stream";
import type { House } from "../house.ts";
import { execVerb } from "./exec.ts";
import { type ContainerRecord, emitContainer, findById, timestamp } from "./record.ts";
import type { HealthcheckConfig, HealthState } from "./types.ts";

/** Nanoseconds, as the configuration counts. */
const defaults = { Interval: 30e9, Timeout: 30e9, StartPeriod: 0, StartInterval: 5e9, Retries: 3 };
/** Bytes of a probe's output, and probes, that the record keeps. */
const longestOutput = 4096;
const keptProbes = 5;
const unhealthyExit = 1;

export type Health = Required<HealthcheckConfig>;

/** The check with docker's defaults; undefined when there is none. Pure. */
export function healthOf(record: Pick<ContainerRecord, "config">): Health | undefined {
  const { Test, ...rest } = record.config.Healthcheck ?? {};
  if (!Test || Test.length === 0 || Test[0] === "NONE") return undefined;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
  return { ...defaults, ...given, Test };
}

/** ["CMD-SHELL", "curl …"] → the container's shell with it. */
function probeCommand({ config }: Pick<ContainerRecord, "config">, [kind, ...words]: string[]): string[] {
  return kind === "CMD" ? words : [...(config.Shell ?? ["/bin/sh", "-c"]), words.join(" ")];
}

/** Milliseconds until the next probe. Pure. */
export function nextProbe(health: Health, state: HealthState | undefined, startedAt: number, now: number): number {
  const starting = state?.Status !== "healthy" && now - startedAt < health.StartPeriod / 1e6;
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

/** Runs one probe and records it. */
export async function probeHealth(house: House, record: ContainerRecord, health: Health): Promise<void> {
  const Start = timestamp();
  const { ExitCode, Output } = await runProbe(house, record, health);
  const now = findById(house, record.id);
  if (now?.status !== "running" || now.started !== record.started) return;
  const inStartPeriod = Date.parse(Start) - Date.parse(now.started) < health.StartPeriod / 1e6;
  const after = judge(health, now.health, { Start, End: timestamp(), ExitCode, Output }, inStartPeriod);
  house.db.run(
    "UPDATE containers SET health = ? WHERE id = ? AND started = ? AND status = 'running'",
    JSON.stringify(after),
    record.id,
    record.started,
  );
  if (after.Status !== (now.health?.Status ?? "starting")) emitContainer(house, now, `health_status: ${after.Status}`);
}

async function runProbe(house: House, record: ContainerRecord, health: Health): Promise<{ ExitCode: number; Output: string }> {
  let text = "";
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (text.length < longestOutput) text += chunk.toString();
        done();
      },
    });
  const timeout = AbortSignal.timeout(Math.max(1, Math.round(health.Timeout / 1e6)));
  try {
    const { exitCode = unhealthyExit } = await execVerb(
      house,
      record.id,
      { Cmd: probeCommand(record, health.Test) },
      { stdout: sink(), stderr: sink() },
      timeout,
    );
    return { ExitCode: exitCode, Output: text.slice(0, longestOutput) };
  } catch (error) {
    if (timeout.aborted) return { ExitCode: -1, Output: `Health check exceeded timeout (${health.Timeout / 1e9}s)` };
    return { ExitCode: unhealthyExit, Output: (error as Error).message };
  }
}
