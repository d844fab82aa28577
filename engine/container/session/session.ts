/**
 * An attached session: the streams of a face and those of a container, coupled. Input goes to the monitor with back
 * pressure; a terminal's size and the detach keys are looked after; received signals go to the process. Output is
 * session-output.ts's business.
 */
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { DetachKeys } from "../../detach-keys.ts";
import { EngineError } from "../../errors.ts";
import { attachSocket } from "../../runtime/conmon.ts";
import type { Ground } from "../../state/ground.ts";
import { connectPackets } from "../../sys/socket.ts";
import { LogReader } from "../logs/index.ts";
import { type ContainerRecord, emitContainer, filesOf, never } from "../record/index.ts";
import type { AttachOptions, Streams, Terminal } from "../types.ts";
import { forwardSignals } from "./forward-signals.ts";
import { sizeTerminal } from "./resize.ts";
import { canFollowLog, hasMonitor, showLog, showPackets } from "./session-output.ts";

export interface Session {
  /** Resolves when the container's process ended and all it wrote was shown, the user detached, or the caller aborted. */
  ended: Promise<{ detached: boolean }>;
}

/** Bytes of a log that bring a terminal's screen back: some full ones of colour. */
const recalled = 512 * 1024;
/** Bytes per packet that conmon reads at once. */
const packetSize = 32 * 1024;

/**
 * @param log where to read on in the log; default what comes from now on
 * @throws EngineError `invalid` (detach keys), `system` when the monitor cannot be reached
 */
export function openSession(ground: Ground, record: ContainerRecord, streams: Streams, options: AttachOptions, log?: LogReader): Session {
  const { bundle } = filesOf(ground, record.id);
  const keys = new DetachKeys(options.detachKeys, streams.terminal?.hasWayOut);
  const tty = record.config.Tty ?? false;
  const input = (options.stdin ?? true) && record.config.OpenStdin ? (streams.terminal?.input ?? streams.stdin) : undefined;
  const byLog = canFollowLog(ground, record);
  if (!hasMonitor(ground, record)) throw unreachable(record, "its monitor is gone");
  const socket = input || !byLog ? connect(record, bundle, byLog) : undefined;
  emitContainer(ground, record, "attach");
  const over = new AbortController();
  const undo: (() => void)[] = [];
  const finish = Promise.withResolvers<{ detached: boolean }>();
  const end = (detached: boolean) => {
    over.abort();
    for (const step of undo.splice(0)) step();
    socket?.destroy();
    finish.resolve({ detached });
  };
  if (options.signal) {
    const abort = () => end(true);
    options.signal.addEventListener("abort", abort, { once: true });
    undo.push(() => options.signal?.removeEventListener("abort", abort));
  }
  // The log of an earlier life would leave the modes of a program that is no more.
  const isFirstLife = record.finished === never;
  const recall = byLog && tty && !log && !options.past && isFirstLife ? streams.terminal?.recall?.() : undefined;
  const from = recall ? new LogReader(filesOf(ground, record.id).log, { bytes: recalled }) : log;
  const shown = byLog ? showLog(ground, record, streams, options, over.signal, from, recall) : showPackets(socket!, streams, options);
  options.onAttached?.();
  shown.then(() => end(false), finish.reject);
  if (tty && streams.terminal) undo.push(followSize(ground, record, streams.terminal));
  if (input && socket) {
    if (tty) undo.push(rawMode(streams.terminal));
    const detach = () => {
      emitContainer(ground, record, "detach");
      end(true);
    };
    undo.push(sendInput(socket, input, tty ? keys : undefined, detach));
  }
  if (options.sigProxy ?? true) undo.push(forwardSignals(ground, record.id, options));
  if (options.signal?.aborted) end(true);
  return { ended: finish.promise };
}

function connect(record: ContainerRecord, bundle: string, onlyWrites: boolean): Socket {
  try {
    const socket = connectPackets(attachSocket(bundle), { onlyWrites });
    socket.on("error", () => {}); // EPIPE: the monitor is gone, which the output's end tells
    return socket;
  } catch (cause) {
    throw unreachable(record, (cause as Error).message, cause);
  }
}

function unreachable({ name }: ContainerRecord, why: string, cause?: unknown): EngineError {
  return new EngineError("system", `cannot attach to container "${name}": ${why}`, { cause });
}

function rawMode(terminal: Terminal | undefined): () => void {
  terminal?.setRaw(true);
  return () => terminal?.setRaw(false);
}

/** Bytes of the face to the container. Returns what stops it. */
function sendInput(socket: Socket, input: Readable, keys: DetachKeys | undefined, detach: () => void): () => void {
  const pending: Uint8Array[] = [];
  let busy = false;
  let over = false;
  let left = false;
  // One write at a time: Node would join queued ones into a single packet, of which conmon reads the first 32 KiB only.
  const next = () => {
    const packet = pending.shift();
    busy = packet !== undefined;
    if (packet) socket.write(packet, (error) => error || next());
    else if (over) socket.end();
    else if (!left) input.resume();
  };
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += packetSize) pending.push(bytes.subarray(at, at + packetSize));
    if (pending.length === 0) return;
    input.pause();
    if (!busy) next();
  };
  const onData = (chunk: Buffer) => {
    if (!keys) return write(chunk);
    const { pass, detached } = keys.feed(chunk);
    write(pass);
    if (detached) detach();
  };
  // Half closed: the container reads the end of its input while its output goes on.
  const onEnd = () => {
    over = true;
    if (!busy) socket.end();
  };
  input.on("data", onData);
  input.once("end", onEnd);
  input.once("error", onEnd);
  input.resume();
  return () => {
    left = true;
    input.off("data", onData);
    input.off("end", onEnd);
    input.off("error", onEnd);
    input.pause();
  };
}

function followSize(ground: Ground, record: ContainerRecord, terminal: Terminal): () => void {
  const tell = () => sizeTerminal(ground, record, terminal);
  tell();
  return terminal.onResize(tell);
}
