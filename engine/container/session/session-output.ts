/**
 * What a session shows of a container's output: the log as it grows. The monitor writes to its clients one after the
 * other and waits for each, so that one which is stopped would hold up the container and all the others; a reader of
 * the log holds up nobody. Where there is no log, the monitor's packets have to do.
 */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Ground } from "../../state/ground.ts";
import { wakeOn } from "../../state/wake.ts";
import { isAlive, startOf } from "../../sys/owner.ts";
import { watchExit } from "../../sys/pidfd.ts";
import { pour } from "../../sys/pipe.ts";
import { decodeOutput, LogReader, missedText } from "../logs/index.ts";
import { type ContainerRecord, filesOf, findById } from "../record/index.ts";
import type { AttachOptions, Streams } from "../types.ts";
import { hand } from "./pour.ts";

/** The first byte of a packet. */
const fromStdout = 2;

/** Shown when a reader is so slow that rotation removes output before it is read. */
const missedNotice = Buffer.from(`${missedText}\n`);

type Kind = "stdout" | "stderr";
type Targets = Record<Kind, Writable | undefined>;

function targetsOf({ terminal, stdout, stderr }: Streams, options: AttachOptions): Targets {
  return {
    stdout: (options.stdout ?? true) ? (terminal?.output ?? stdout) : undefined,
    stderr: (options.stderr ?? true) ? (terminal?.output ?? stderr) : undefined,
  };
}

/** A log is kept, and there is room for it: on a full disk the monitor goes on without. */
export function canFollowLog(ground: Ground, { id, host }: ContainerRecord): boolean {
  const { log, directory } = filesOf(ground, id);
  return host.LogConfig?.Type !== "none" && existsSync(log) && statfsSync(directory).bfree > 0;
}

/**
 * Shows what is logged from now on; resolves when the process has ended and all of it was shown, or the signal aborted.
 * @param record as it was before that end
 * @param from where to read on
 * @param onPresent called when all is shown that was there
 */
export async function showLog(
  ground: Ground,
  record: ContainerRecord,
  streams: Streams,
  options: AttachOptions,
  signal: AbortSignal,
  from?: LogReader,
  onPresent?: () => void,
): Promise<void> {
  const { directory } = filesOf(ground, record.id);
  using reader = from ?? logFor(ground, record, options);
  using wake = wakeOn([directory, ground.paths.exits, ground.paths.notify], { signal });
  const monitor = monitorOf(ground, record.id);
  void watchExit(monitor.pid, signal).then(() => wake.now());
  for (;;) {
    const ended = hasWrittenAll(ground, record) || !isAlive(monitor.pid, monitor.start);
    await showLogged(reader, streams, options, signal);
    onPresent?.();
    onPresent = undefined;
    if (ended || wake.over) return;
    await wake.next();
  }
}

/** The log behind its end as it is now; with `past` all of it. */
export function logFor(ground: Ground, { id }: ContainerRecord, { past }: AttachOptions): LogReader {
  return new LogReader(filesOf(ground, id).log, past ? {} : { tail: 0 });
}

/** Shows what is there and was not read yet. */
export async function showLogged(reader: LogReader, streams: Streams, options: AttachOptions, signal: AbortSignal): Promise<void> {
  const targets = targetsOf(streams, options);
  for (let lines = reader.next(); lines && !signal.aborted; lines = reader.next()) {
    if (reader.hasMissed) await hand(targets.stderr ?? targets.stdout, missedNotice);
    for (const { stream, data } of decodeOutput(lines)) await hand(targets[stream], Buffer.from(data)); // a stream may keep what it is given
  }
}

/** The monitor writes the exit file once it has logged everything; when the exit was recorded, that is gone again. */
function hasWrittenAll(ground: Ground, { id, finished }: ContainerRecord): boolean {
  return existsSync(filesOf(ground, id).exit) || findById(ground, id)?.finished !== finished;
}

/** conmon writes its pid down before the container's process runs, and before the record knows it. */
export function monitorOf(ground: Ground, id: string): { pid: number; start: string } {
  const pid = Number(readFileSync(filesOf(ground, id).conmonPid, "latin1"));
  return { pid, start: startOf(pid) };
}

export function hasMonitor(ground: Ground, { id }: ContainerRecord): boolean {
  return monitorOf(ground, id).start !== "";
}

/** Packets of the monitor to the face's streams; what a full stream cannot take stays in the kernel. Resolves at their end. */
export function showPackets(socket: Socket, streams: Streams, options: AttachOptions): Promise<void> {
  const targets = targetsOf(streams, options);
  return pour(socket, (packet) => hand(targets[packet[0] === fromStdout ? "stdout" : "stderr"], packet.subarray(1)));
}
