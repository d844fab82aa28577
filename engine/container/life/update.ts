/** `update`: limits and restart policy of a container, at once when it runs. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfig } from "../../docker.ts";
import { hasSecurityLabels } from "../../dockerfile/security-label-names.ts";
import { EngineError } from "../../errors.ts";
import { liftLimit } from "../../runtime/cgroup.ts";
import { loggedError, runtimeFailure } from "../../runtime/failure.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import { runRuntime } from "../../runtime/launch.ts";
import { runtimeFor } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import { checkLimits, thisHost } from "../plan/index.ts";
import { groupOf, prepareGroup } from "../process/index.ts";
import {
  type ContainerRecord,
  emitContainer,
  filesOf,
  findById,
  findContainer,
  isRunning,
  keepContainer,
  lockContainer,
  refuseDamaged,
} from "../record/index.ts";
import { limitsOf } from "../spec/index.ts";
import type { UpdateConfig } from "../types.ts";

/** See index.ts. @throws EngineError `invalid`, `conflict`, `runtime-failed` */
export async function updateContainer(ground: Ground, ref: string, config: UpdateConfig): Promise<{ Warnings: string[] }> {
  const { id } = findContainer(ground, ref);
  ground.db.requireRoom();
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id);
  if (!record) throw new EngineError("not-found", `No such container: ${ref}`);
  refuseDamaged(record);
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as UpdateConfig;
  const host: HostConfig = { ...record.host, ...given };
  const conflict = conflictOf(record.host, given);
  if (conflict) throw new EngineError("conflict", `Cannot update container ${id}: ${conflict}`);
  if (hasLimits(given)) checkLimits(host, thisHost);
  if (isRunning(record) && record.status !== "restarting" && hasLimits(given)) {
    await applyLimits(ground, record, host);
    liftLimits(groupOf(ground, record.id), given);
  }
  ground.db.update("containers", "id", id, { host_config: JSON.stringify(host) });
  keepContainer(ground, id);
  emitContainer(ground, record, "update");
  const labels = record.config.Labels ?? {};
  if (!hasSecurityLabels(labels)) return { Warnings: [] };
  const { looserLimits } = await import("../plan/image-defaults.ts");
  return { Warnings: looserLimits(labels, given, hostFacts()) };
}

/** What contradicts what the container has, in docker's words; contradictions within what is asked for are `checkLimits`'. */
function conflictOf(has: HostConfig, given: UpdateConfig): string | undefined {
  const { Memory = 0, MemorySwap = 0, NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, RestartPolicy } = given;
  const blocked = (what: string, by: string) => `Conflicting options: ${what} cannot be updated as ${by} has already been set`;
  if (NanoCpus > 0 && (has.CpuPeriod ?? 0) > 0) return blocked("Nano CPUs", "CPU Period");
  if (NanoCpus > 0 && (has.CpuQuota ?? 0) > 0) return blocked("Nano CPUs", "CPU Quota");
  if (CpuPeriod > 0 && (has.NanoCpus ?? 0) > 0) return blocked("CPU Period", "NanoCPUs");
  if (CpuQuota > 0 && (has.NanoCpus ?? 0) > 0) return blocked("CPU Quota", "NanoCPUs");
  const swap = has.MemorySwap ?? 0;
  if (MemorySwap === 0 && swap > 0 && Memory > swap)
    return "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time";
  if (has.AutoRemove && RestartPolicy && RestartPolicy.Name !== "no")
    return "Restart policy cannot be updated because AutoRemove is enabled for the container";
  return undefined;
}

const hasLimits = (given: UpdateConfig) => Object.keys(given).some((key) => key !== "RestartPolicy");

/** What is to have no limit from now on: crun writes -1 into files that want another word, and docker means that by 0 processes, too. */
function liftLimits(group: string, { PidsLimit = 1, CpuQuota = 0 }: UpdateConfig): void {
  if (PidsLimit <= 0) liftLimit(group, "pids");
  if (CpuQuota < 0) liftLimit(group, "cpu");
}

async function applyLimits(ground: Ground, record: ContainerRecord, host: HostConfig): Promise<void> {
  const runtime = runtimeFor(ground, record.host.Runtime);
  await prepareGroup(groupOf(ground, record.id), host);
  const { bundle } = filesOf(ground, record.id);
  const [file, log] = [join(bundle, "update.json"), join(bundle, "update.log")];
  try {
    writeFileSync(file, JSON.stringify(limitsOf(host, hostFacts())), { mode: 0o600 });
    const { status, stderr } = await runRuntime(runtime, [...runtime.globalArgs(log), "update", "--resources", file, record.id]);
    if (status !== 0) throw runtimeFailure(loggedError(log) ?? stderr, `update container "${record.name}"`);
  } finally {
    for (const path of [file, log]) rmSync(path, { force: true });
  }
}
