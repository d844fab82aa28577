/**
 * `run --rm` without a monitor: the container's process is a child of this one, which pumps its streams to the face and into
 * the log, so that `ps`, `logs`, `stop` in other processes find nothing unusual. If this process is killed, the next
 * command removes the container.
 */
import { closeSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import { runtimeLog } from "../../runtime/direct.ts";
import { type MadeProcess, makeDirect } from "../../runtime/make.ts";
import { withoutOwnWords } from "../../runtime/own-words.ts";
import { feedInput } from "../../runtime/piped.ts";
import type { Ground } from "../../state/ground.ts";
import type { Lease } from "../../state/leases.ts";
import { startOf, thisOwner } from "../../sys/owner.ts";
import { createContainer, keepRuntime, prepareBundle } from "../life/index.ts";
import type { LogWriter } from "../logs/index.ts";
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
    return { Id, detached: false, exitCode: await attend(ground, Id, image, streams, options) };
  } catch (error) {
    // Started or not: it is gone with the error.
    using _ = await lockContainer(ground, Id);
    if (findById(ground, Id)) await (await ending()).destroyContainer(ground, Id, { volumes: true });
    throw error;
  } finally {
    lease?.release();
  }
}

const ending = () => import("../life/end.ts");

/** A container that runs, and what this process holds for it. */
interface Begun {
  child: MadeProcess;
  coupling: Coupling;
  reserved: readonly number[];
}

async function attend(ground: Ground, id: string, image: ResolvedImage, streams: Streams, options: AttachOptions): Promise<number> {
  const { child, coupling, reserved } = await begin(ground, id, image, streams, options);
  const stopSignals = (options.sigProxy ?? true) ? forwardSignals(ground, id, options) : undefined;
  try {
    const [status] = await Promise.all([child.exited, coupling.shown]);
    stopSignals?.();
    using _ = await lockContainer(ground, id);
    const now = findById(ground, id);
    if (now) await (await ending()).recordExit(ground, now, { status, error: "" });
    if (options.signal?.aborted) throw new EngineError("cancelled", "cancelled");
    return status;
  } finally {
    stopSignals?.();
    coupling[Symbol.dispose]();
    reserved.forEach(closeSync);
  }
}

/** Makes the container, and its network meanwhile; then from "created" to "running" in the records, and the process goes. */
async function begin(ground: Ground, id: string, image: ResolvedImage, streams: Streams, options: AttachOptions): Promise<Begun> {
  using _ = await lockContainer(ground, id);
  const record = findById(ground, id); // others may have renamed it, or connected it to a network, meanwhile
  if (!record) throw new EngineError("not-found", `No such container: ${id.slice(0, 12)}`);
  const bundle = await prepareBundle(ground, record, { image });
  let network = setsInterfaces(record) ? await bundle.connect() : undefined;
  let child: MadeProcess | undefined;
  let coupling: Coupling | undefined;
  try {
    child = await make(ground, record, streams, options);
    coupling = await couple(ground, record, child, streams, options);
    network ??= await bundle.connect();
    await ending(); // loaded while the runtime works
    recordStart(ground, record, await child.made);
    await child.start();
    return { child, coupling, reserved: network.reserved };
  } catch (error) {
    coupling?.hush(); // a runtime that is ended complains
    await child?.undo();
    await coupling?.shown.catch(() => {}); // `error` came first
    coupling?.[Symbol.dispose]();
    network?.reserved.forEach(closeSync);
    throw options.signal?.aborted ? new EngineError("cancelled", "cancelled") : error;
  }
}

/** A sysctl of a network may name an interface, or be meant for all there are: the runtime writes it, and must find them. */
function setsInterfaces({ host }: ContainerRecord): boolean {
  return Object.keys(host.Sysctls ?? {}).some((name) => name.startsWith("net."));
}

function make(ground: Ground, { id, host, config }: ContainerRecord, streams: Streams, options: AttachOptions): Promise<MadeProcess> {
  const wantsStdin = (options.stdin ?? false) && (config.OpenStdin ?? false) && streams.stdin !== undefined;
  return makeDirect(ground, {
    id,
    group: groupOf(ground, id),
    bundle: filesOf(ground, id).bundle,
    stdio: [wantsStdin ? "pipe" : "ignore", "pipe", "pipe"],
    ...(options.signal && { signal: options.signal }),
    ...(host.Runtime && { runtime: host.Runtime }),
  });
}

function recordStart(ground: Ground, record: ContainerRecord, pid: number): void {
  const { pid: monitor_pid, start: monitor_start } = thisOwner();
  ground.db.transaction(() => {
    keepRuntime(ground, record);
    const running = { status: "running", started: timestamp(), direct: 1, pid, pid_start: startOf(pid), monitor_pid, monitor_start };
    ground.db.update("containers", "id", record.id, running);
    emitContainer(ground, record, "attach");
    emitContainer(ground, record, "start");
  });
}

/** The process's streams at the face and in the log. */
interface Coupling extends Disposable {
  /** Resolves when all of its output was handed over. */
  shown: Promise<unknown>;
  /** What comes on standard error from now on is not the container's. */
  hush(): void;
}

async function couple(
  ground: Ground,
  record: ContainerRecord,
  child: MadeProcess,
  streams: Streams,
  options: AttachOptions,
): Promise<Coupling> {
  const { log: path, bundle } = filesOf(ground, record.id);
  const { LogConfig } = record.host;
  const open = async () => new (await import("../logs/log-writer.ts")).LogWriter(path, limitOf(LogConfig));
  const log = LogConfig?.Type === "none" ? undefined : await open();
  const words = withoutOwnWords(runtimeLog(bundle), deliverTo((options.stderr ?? true) ? streams : undefined, "stderr", log));
  const poured = Promise.all([
    child.stdout!.pour(deliverTo((options.stdout ?? true) ? streams : undefined, "stdout", log)),
    child.stderr!.pour(words.feed),
  ]);
  const shown = poured.finally(words.end);
  shown.catch(() => {}); // the caller awaits it, perhaps later than it settles
  const stopInput = child.stdin && feedInput(streams.stdin!, child.stdin);
  return {
    shown,
    hush: words.hush,
    [Symbol.dispose]() {
      stopInput?.();
      log?.[Symbol.dispose]();
    },
  };
}

/** Every chunk goes to the log, then to the face; a face that does not keep up holds the container, as docker's pipes do. */
function deliverTo(streams: Streams | undefined, to: "stdout" | "stderr", log: LogWriter | undefined): (chunk: Buffer) => Promise<void> {
  return (chunk) => {
    log?.write(to, chunk);
    return streams ? deliver(streams, to, chunk) : Promise.resolve();
  };
}
