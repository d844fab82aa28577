/**
 * `run --rm` without a monitor: the runtime is a child of this process, which pumps its streams to the face and into
 * the log, so that `ps`, `logs`, `stop` in other processes find nothing unusual. If this process is killed, the next
 * command removes the container.
 */
import { closeSync, existsSync, openSync, readFileSync, watch, writeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { EngineError } from "../errors.ts";
import type { ProgressEvent } from "../events.ts";
import type { House } from "../house.ts";
import { runDirect } from "../runtime/direct.ts";
import { ownLine } from "../runtime/failure.ts";
import type { Lease } from "../state/leases.ts";
import { startOf, thisOwner } from "../state/owner.ts";
import { prepareBundle } from "./bundle.ts";
import { createContainer } from "./create.ts";
import { destroyContainer } from "./destroy.ts";
import { encodeLog } from "./k8s-log.ts";
import { type ContainerRecord, emitContainer, filesOf, findById, lockContainer, timestamp } from "./record.ts";
import { recordExit } from "./settle.ts";
import { forwardSignals } from "./signals.ts";
import type { AttachOptions, ContainerCreate, SessionEnd, Streams } from "./types.ts";

export async function* runDirectly(
  house: House,
  spec: ContainerCreate,
  streams: Streams,
  options: AttachOptions,
): AsyncGenerator<ProgressEvent, { Id: string } & SessionEnd> {
  let lease: Lease | undefined;
  const keep = (taken: Lease) => void (lease = taken);
  const { Id, Warnings, record, image } = yield* createContainer(house, spec, options.signal, { keep });
  for (const text of Warnings) yield { type: "warning", text };
  try {
    const reserved = await begin(house, record, image);
    try {
      const exitCode = await attend(house, record, streams, options);
      return { Id, detached: false, exitCode };
    } finally {
      for (const fd of reserved) closeSync(fd);
    }
  } catch (error) {
    // Started or not: it is gone with the error.
    using _ = await lockContainer(house, Id);
    if (findById(house, Id)) await destroyContainer(house, Id, { volumes: true });
    throw error;
  } finally {
    lease?.release();
  }
}

/** From "created" to "running" in the records; the process follows at once. */
async function begin(house: House, record: ContainerRecord, image: Parameters<typeof prepareBundle>[2]): Promise<number[]> {
  using _ = await lockContainer(house, record.id);
  const { reserved } = await prepareBundle(house, record, image);
  const owner = thisOwner();
  record.started = timestamp();
  record.status = "running";
  record.direct = true;
  house.db.update("containers", "id", record.id, {
    status: "running",
    started: record.started,
    direct: 1,
    monitor_pid: owner.pid,
    monitor_start: owner.start,
  });
  return reserved;
}

async function attend(house: House, record: ContainerRecord, streams: Streams, options: AttachOptions): Promise<number> {
  const { id, config, host } = record;
  const files = filesOf(house, id);
  const wantsStdin = (options.stdin ?? false) && (config.OpenStdin ?? false) && streams.stdin !== undefined;
  emitContainer(house, record, "attach");
  using started = announceStart(house, record);
  const { child, exited } = await runDirect(house, {
    id,
    bundle: files.bundle,
    stdio: [wantsStdin ? "pipe" : "ignore", "pipe", "pipe"],
    ...(options.signal && { signal: options.signal }),
    ...(host.Runtime && { runtime: host.Runtime }),
  });
  const log = host.LogConfig?.Type === "none" ? undefined : openSync(files.log, "a", 0o640);
  pump(child.stdout!, (options.stdout ?? true) ? streams.stdout : undefined, "stdout", log);
  // The runtime's word about a command that it could not start: berth's error says it, should it come to that.
  const held: Buffer[] = [];
  const keep = (chunk: Buffer) => !existsSync(files.pidfile) && ownLine.test(chunk.toString("latin1")) && held.push(chunk) > 0;
  const say = pump(child.stderr!, (options.stderr ?? true) ? streams.stderr : undefined, "stderr", log, keep);
  const stopInput = wantsStdin ? feed(streams.stdin!, child.stdin!) : undefined;
  const stopSignals = (options.sigProxy ?? true) ? forwardSignals(house, id, options) : undefined;
  try {
    const status = await exited;
    held.forEach(say);
    started.now();
    stopSignals?.();
    using _ = await lockContainer(house, id);
    const now = findById(house, id);
    if (now) await recordExit(house, now, { status, error: "" });
    if (options.signal?.aborted) throw new EngineError("cancelled", "cancelled");
    return status;
  } finally {
    stopInput?.();
    stopSignals?.();
    if (log !== undefined) closeSync(log);
  }
}

/** Every chunk goes to the log, then to the face; a face that does not keep up holds the container, as docker's pipes do. */
function pump(
  from: Readable,
  to: Writable | undefined,
  stream: "stdout" | "stderr",
  log: number | undefined,
  keep?: (chunk: Buffer) => boolean,
): (chunk: Buffer) => void {
  const deliver = (chunk: Buffer) => {
    if (log !== undefined) writeSync(log, encodeLog(stream, chunk, timestamp()));
    if (!to || to.destroyed || to.write(chunk)) return;
    from.pause();
    const resume = () => {
      to.off("drain", resume);
      to.off("close", resume);
      from.resume();
    };
    to.on("drain", resume);
    to.on("close", resume);
  };
  from.on("data", (chunk: Buffer) => void (keep?.(chunk) || deliver(chunk)));
  return deliver;
}

function feed(from: Readable, to: Writable): () => void {
  to.on("error", () => from.unpipe(to)); // EPIPE: the container does not read any more
  from.pipe(to);
  return () => {
    from.unpipe(to);
    from.pause();
  };
}

/** Records the pid and emits "start" when the runtime has written its pidfile: the process exists from then on. */
function announceStart(house: House, record: ContainerRecord): Disposable & { now(): void } {
  const { bundle, pidfile } = filesOf(house, record.id);
  let told = false;
  const tell = () => {
    if (told || !existsSync(pidfile)) return;
    const pid = Number(readFileSync(pidfile, "latin1"));
    if (!pid) return;
    told = true;
    watcher.close();
    house.db.update("containers", "id", record.id, { pid, pid_start: startOf(pid) });
    emitContainer(house, record, "start");
  };
  const watcher = watch(bundle, tell);
  return { now: tell, [Symbol.dispose]: () => watcher.close() };
}
