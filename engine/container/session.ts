/**
 * An attached session: the streams of a face and those of a container's monitor, coupled. Bytes go both ways with back
 * pressure; a terminal's size and the detach keys are looked after; received signals go to the process.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { attachSocket, controlPipe } from "../runtime/conmon.ts";
import { connectPackets } from "../sys/socket.ts";
import { DetachKeys } from "./detach-keys.ts";
import { type ContainerRecord, emitContainer, filesOf } from "./record.ts";
import { forwardSignals } from "./signals.ts";
import type { AttachOptions, Streams, Terminal } from "./types.ts";

export interface Session {
  /** Resolves when the container closed its streams (its process ended), the user detached, or the caller aborted. */
  ended: Promise<{ detached: boolean }>;
}

/** Bytes per packet that conmon reads at once. */
const packetSize = 32 * 1024;
const fromStdout = 2;

/**
 * @throws EngineError `invalid` (detach keys), `system` when the monitor cannot be reached
 */
export function openSession(house: House, record: ContainerRecord, streams: Streams, options: AttachOptions): Session {
  const { bundle } = filesOf(house, record.id);
  const keys = new DetachKeys(options.detachKeys);
  let socket: Socket;
  try {
    socket = connectPackets(attachSocket(bundle));
  } catch (cause) {
    throw new EngineError("system", `cannot attach to container "${record.name}": ${(cause as Error).message}`, { cause });
  }
  emitContainer(house, record, "attach");
  const undo: (() => void)[] = [];
  const finish = Promise.withResolvers<{ detached: boolean }>();
  const end = (detached: boolean) => {
    for (const step of undo.splice(0)) step();
    socket.destroy();
    finish.resolve({ detached });
  };
  if (options.signal) {
    const abort = () => end(true);
    options.signal.addEventListener("abort", abort, { once: true });
    undo.push(() => options.signal?.removeEventListener("abort", abort));
  }
  showOutput(socket, streams, options, () => end(false));
  const tty = record.config.Tty ?? false;
  if (tty && streams.terminal) undo.push(followSize(house, record, streams.terminal));
  const input = streams.terminal?.input ?? streams.stdin;
  if ((options.stdin ?? true) && record.config.OpenStdin && input) {
    if (tty) undo.push(rawMode(streams.terminal));
    const detach = () => {
      emitContainer(house, record, "detach");
      end(true);
    };
    undo.push(sendInput(socket, input, tty ? keys : undefined, detach));
  }
  if ((options.sigProxy ?? true) && !tty) undo.push(forwardSignals(house, record.id, options));
  if (options.signal?.aborted) end(true);
  return { ended: finish.promise };
}

function rawMode(terminal: Terminal | undefined): () => void {
  terminal?.setRaw(true);
  return () => terminal?.setRaw(false);
}

/** Packets of the monitor to the face's streams; what a full stream cannot take stays in the kernel. */
function showOutput(socket: Socket, streams: Streams, options: AttachOptions, done: () => void): void {
  const out = streams.terminal?.output ?? streams.stdout;
  const err = streams.terminal?.output ?? streams.stderr;
  let waiting = 0;
  const ended = () => (waiting > 0 ? undefined : done());
  let over = false;
  socket.on("data", (packet: Buffer) => {
    const isOut = packet[0] === fromStdout;
    if (!((isOut ? options.stdout : options.stderr) ?? true)) return;
    const target = isOut ? out : err;
    waiting++;
    const more = target.write(packet.subarray(1), () => {
      waiting--;
      if (over) ended();
    });
    if (more) return;
    socket.pause();
    target.once("drain", () => socket.resume());
  });
  const finish = () => {
    over = true;
    ended();
  };
  socket.once("end", finish);
  socket.once("error", finish); // ECONNRESET: the monitor is gone
  socket.once("close", finish);
  socket.resume();
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

function followSize(house: House, record: ContainerRecord, terminal: Terminal): () => void {
  const tell = () => resize(house, record, terminal.columns, terminal.rows);
  tell();
  return terminal.onResize(tell);
}

/** Sets the size of a container's terminal; conmon(8), the control pipe's message 1. */
export function resize(house: House, record: ContainerRecord, columns: number, rows: number): void {
  let fd: number;
  try {
    fd = openSync(controlPipe(filesOf(house, record.id).bundle), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return; // the container is ending
  }
  try {
    writeSync(fd, `1 ${rows} ${columns}\n`);
  } finally {
    closeSync(fd);
  }
  emitContainer(house, record, "resize", { height: String(rows), width: String(columns) });
}
