/**
 * `run --rm` without a monitor: the runtime is a child of this process, which pumps its streams to the face and into
 * the log, so that `ps`, `logs`, `stop` in other processes find nothing unusual. If this process is killed, the next
 * command removes the container.
 */
import { closeSync, existsSync, readFileSync, watch } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import { runDirect, runtimeLog } from "../../runtime/direct.ts";
import { withoutOwnWords } from "../../runtime/own-words.ts";
import { feedInput } from "../../runtime/piped.ts";
import type { Ground } from "../../state/ground.ts";
import type { Lease } from "../../state/leases.ts";
import { startOf, thisOwner } from "../../sys/owner.ts";
import { createContainer, destroyContainer, keepRuntime, prepareBundle, recordExit } from "../life/index.ts";
import { LogWriter } from "../logs/index.ts";
import { limitOf } from "../plan/index.ts";
import { groupOf } from "../process/index.ts";
import { type ContainerRecord, emitContainer, filesOf, findById, lockContainer, timestamp } from "../record/index.ts";
import type { AttachOptions, ContainerCreate, SessionEnd, Streams } from "../types.ts";
import { forwardSignals } from "./forward-signals.ts";
import { deliver } from "./pour.ts";
import { isMute } from "./run.ts";

export async function* runDirectly(
  ground: Ground,
  spec: ContainerCreate,
  streams: Streams,
  options: AttachOptions,
): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd> {
  using _ = ground.db.changesPass("containers", "endpoints", "ports");
  let lease: Lease | undefined;
  const keep = (taken: Lease) => void (lease = taken);
  const { Id, Warnings, image } = yield* createContainer(ground, spec, options.signal, { keep });
  for (const text of Warnings) yield { type: "warning", text };
  if (isMute(options)) yield { type: "row", value: Id };
  try {
    const { record, reserved } = await begin(ground, Id, image);
    try {
      const exitCode = await attend(ground, record, streams, options);
      return { Id, detached: false, exitCode };
    } finally {
      for (const fd of reserved) closeSync(fd);
    }
  } catch (error) {
    // Started or not: it is gone with the error.
    using _ = await lockContainer(ground, Id);
    if (findById(ground, Id)) await destroyContainer(ground, Id, { volumes: true });
    throw error;
  } finally {
    lease?.release();
  }
}

/** From "created" to "running" in the records; the process follows at once. */
async function begin(
  ground: Ground,
  id: string,
  image: ResolvedImage | undefined,
): Promise<{ record: ContainerRecord; reserved: number[] }> {
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id); // others may have renamed it, or connected it to a network, meanwhile
  if (!record) throw new EngineError("not-found", `No such container: ${id.slice(0, 12)}`);
  const { reserved } = await prepareBundle(ground, record, { image });
  const owner = thisOwner();
  record.started = timestamp();
  record.status = "running";
  record.direct = true;
  keepRuntime(ground, record);
  ground.db.transaction(() => {
    ground.db.update("containers", "id", record.id, {
      status: "running",
      started: record.started,
      direct: 1,
      monitor_pid: owner.pid,
      monitor_start: owner.start,
    });
    emitContainer(ground, record, "attach");
  });
  return { record, reserved };
}

async function attend(ground: Ground, record: ContainerRecord, streams: Streams, options: AttachOptions): Promise<number> {
  const { id, config, host } = record;
  const files = filesOf(ground, id);
  const wantsStdin = (options.stdin ?? false) && (config.OpenStdin ?? false) && streams.stdin !== undefined;
  using started = announceStart(ground, record);
  const { exited, ...pipes } = await runDirect(ground, {
    id,
    group: groupOf(ground, id),
    bundle: files.bundle,
    stdio: [wantsStdin ? "pipe" : "ignore", "pipe", "pipe"],
    ...(options.signal && { signal: options.signal }),
    ...(host.Runtime && { runtime: host.Runtime }),
  });
  const log = host.LogConfig?.Type === "none" ? undefined : new LogWriter(files.log, limitOf(host.LogConfig));
  const words = withoutOwnWords(runtimeLog(files.bundle), deliverTo((options.stderr ?? true) ? streams : undefined, "stderr", log));
  const shown = Promise.all([
    pipes.stdout!.pour(deliverTo((options.stdout ?? true) ? streams : undefined, "stdout", log)),
    pipes.stderr!.pour(words.feed),
  ]);
  const stopInput = wantsStdin ? feedInput(streams.stdin!, pipes.stdin!) : undefined;
  const stopSignals = (options.sigProxy ?? true) ? forwardSignals(ground, id, options) : undefined;
  try {
    const [status] = await Promise.all([exited, shown]).finally(words.end);
    started.now();
    stopSignals?.();
    using _ = await lockContainer(ground, id);
    const now = findById(ground, id);
    if (now) await recordExit(ground, now, { status, error: "" });
    if (options.signal?.aborted) throw new EngineError("cancelled", "cancelled");
    return status;
  } finally {
    stopInput?.();
    stopSignals?.();
    log?.[Symbol.dispose]();
  }
}

/** Every chunk goes to the log, then to the face; a face that does not keep up holds the container, as docker's pipes do. */
function deliverTo(streams: Streams | undefined, to: "stdout" | "stderr", log: LogWriter | undefined): (chunk: Buffer) => Promise<void> {
  return (chunk) => {
    log?.write(to, chunk);
    return streams ? deliver(streams, to, chunk) : Promise.resolve();
  };
}

/** Records the pid and emits "start" when the runtime has written its pidfile: the process exists from then on. */
function announceStart(ground: Ground, record: ContainerRecord): Disposable & { now(): void } {
  const { bundle, pidfile } = filesOf(ground, record.id);
  let told = false;
  const tell = () => {
    if (told || !existsSync(pidfile)) return;
    const pid = Number(readFileSync(pidfile, "latin1"));
    if (!pid) return;
    told = true;
    watcher.close();
    ground.db.transaction(() => {
      ground.db.update("containers", "id", record.id, { pid, pid_start: startOf(pid) });
      emitContainer(ground, record, "start");
    });
  };
  const watcher = watch(bundle, tell);
  return { now: tell, [Symbol.dispose]: () => watcher.close() };
}
