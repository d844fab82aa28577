/**
 * A session over a connection that a host has handed over: what a face types and what a process writes, at the pace of the slower side;
 * the terminal's size, the keys that leave it, and the signals that the face received.
 */
import type { Duplex, Readable } from "node:stream";
import type { AttachOptions, Streams, Terminal } from "../../container/index.ts";
import { DetachKeys } from "../../detach-keys.ts";
import { hand, type Kind, pour } from "./demux.ts";

export interface Conversation {
  connection: Duplex;
  tty: boolean;
  streams: Streams;
  options: AttachOptions;
  /** What the face types goes to the process. */
  takesInput: boolean;
  /** The end of it, too: where it does not, the connection stays whole. */
  endsInput: boolean;
  resize(size: { columns: number; rows: number }): Promise<unknown>;
  kill?(signal: string): Promise<unknown>;
  /** In place of the face's streams. */
  give?(stream: Kind, data: Buffer): Promise<void>;
}

/** Resolves when the host has no more to say, the user has left, or the caller aborted. @throws what broke the connection */
export async function converse(conversation: Conversation): Promise<{ detached: boolean }> {
  const { connection, tty, streams, options } = conversation;
  const { terminal } = streams;
  using undo = new DisposableStack();
  const left = Promise.withResolvers<{ detached: boolean }>();
  const leave = () => left.resolve({ detached: true });
  undo.defer(() => connection.destroy());
  connection.on("error", () => {}); // `pour` tells
  if (options.signal?.aborted) return { detached: true };
  options.signal?.addEventListener("abort", leave, { once: true });
  undo.defer(() => options.signal?.removeEventListener("abort", leave));
  if (tty && terminal) undo.defer(followSize(terminal, conversation.resize));
  const input = conversation.takesInput ? (terminal?.input ?? streams.stdin) : undefined;
  if (input) {
    if (tty && terminal) undo.defer(rawMode(terminal));
    const keys = tty ? new DetachKeys(options.detachKeys, terminal?.hasWayOut) : undefined;
    undo.defer(sendInput(conversation, input, keys, leave));
  }
  if (options.sigProxy ?? true) undo.defer(passSignals(conversation));
  const shown = pour(connection, !tty, conversation.give ?? giver(streams, options)).then(() => ({ detached: false }));
  shown.catch(() => {}); // whoever has left does not hear of it
  return await Promise.race([shown, left.promise]);
}

/** To the face's streams, those that it wants. */
export function giver(streams: Streams, { stdout = true, stderr = true }: AttachOptions): (stream: Kind, data: Buffer) => Promise<void> {
  const { terminal } = streams;
  const wanted = { stdout, stderr };
  return async (stream, data) => {
    if (!wanted[stream]) return;
    if (terminal) await hand(terminal.output, data);
    else if (streams.put) await streams.put(stream, data).catch(() => {});
    else await hand(streams[stream], data);
  };
}

function rawMode(terminal: Terminal): () => void {
  terminal.setRaw(true);
  return () => terminal.setRaw(false);
}

/** One size at a time: on a slow line those that are over by then are never sent. */
function followSize(terminal: Terminal, resize: Conversation["resize"]): () => void {
  let isBusy = false;
  let isStale = false;
  const tell = () => {
    isStale = isBusy;
    if (isBusy) return;
    isBusy = true;
    const { columns, rows } = terminal;
    // A process that has ended, or is not there yet, has no size; its own end tells what went wrong.
    void resize({ columns, rows })
      .catch(() => {})
      .then(() => {
        isBusy = false;
        if (isStale) tell();
      });
  };
  tell();
  return terminal.onResize(tell);
}

/** What is typed, with back pressure. Its end is told, and the other direction goes on. */
function sendInput({ connection, endsInput }: Conversation, input: Readable, keys: DetachKeys | undefined, leave: () => void): () => void {
  const onDrain = () => void input.resume();
  const onData = (chunk: Buffer) => {
    const { pass, detached } = keys ? keys.feed(chunk) : { pass: chunk, detached: false };
    if (pass.length > 0 && connection.writable && !connection.write(pass)) input.pause();
    if (detached) leave();
  };
  const onEnd = () => void (endsInput && connection.writable && connection.end());
  connection.on("drain", onDrain);
  input.on("data", onData).once("end", onEnd).once("error", onEnd);
  input.resume();
  return () => {
    connection.off("drain", onDrain);
    input.off("data", onData).off("end", onEnd).off("error", onEnd);
    input.pause();
  };
}

/** Those that are about the face itself stay here. */
function passSignals({ options, kill }: Conversation): () => void {
  const undo = options.onSignal?.((signal) => {
    if (["SIGCHLD", "SIGPIPE", "SIGWINCH"].includes(signal)) return;
    void kill?.(signal).catch(() => {}); // the session's own end tells what went wrong
  });
  return undo ?? (() => {});
}
