/** `exec` with a terminal: the process's, which the runtime makes, coupled to the real one, a pane, a test, or plain streams. */
import type { Duplex } from "node:stream";
import { DetachKeys } from "../../detach-keys.ts";
import { boundRuntime } from "../../runtime/bound.ts";
import { spawnRuntime } from "../../runtime/launch.ts";
import { spawnOnTerminal, spawnWithConsole, type TerminalProcess } from "../../runtime/on-terminal.ts";
import { withoutOwnWords } from "../../runtime/own-words.ts";
import { pour } from "../../sys/pipe.ts";
import { defaultSize, type TerminalSize } from "../../sys/terminal.ts";
import type { ExecConfig, SessionEnd, Streams } from "../types.ts";
import { type ExecCall, killStarted } from "./exec.ts";
import { hand } from "./pour.ts";

/** Runs it to its end, or until the user detaches; an aborted signal hangs up. */
export async function onTerminal(
  call: ExecCall,
  config: ExecConfig,
  streams: Streams,
  signal: AbortSignal | undefined,
): Promise<SessionEnd> {
  const { terminal } = streams;
  const keys = new DetachKeys(config.DetachKeys, terminal?.hasWayOut);
  const started = start(call, terminal ?? defaultSize);
  boundRuntime(call.runtime, started.child, call.pidfile, () => killStarted(call));
  const left = Promise.withResolvers<SessionEnd>();
  const detach = () => void leave().then(() => left.resolve({ detached: true }), left.reject);
  const leave = async () => {
    await started.leave();
    await call.left(started.child);
  };
  const undo: (() => void)[] = [];
  if (terminal) undo.push(terminal.onResize(() => started.resize(terminal)));
  const words = withoutOwnWords(call.log, (chunk) => hand(terminal?.output ?? streams.stdout, chunk));
  const ended = Promise.all([started.closed, pour(started.stream, words.feed)]).finally(words.end);
  if (config.AttachStdin) undo.push(typeInto(started.stream, streams, keys, detach));
  const abort = () => started.child.kill("SIGHUP");
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await Promise.race([left.promise, ended.then(([exitCode]) => ({ detached: false, exitCode }))]);
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const step of undo) step();
    started.stream.destroy();
  }
}

function start({ runtime, args, id, env, pidfile }: ExecCall, size: TerminalSize): TerminalProcess {
  if (runtime.kind !== "crun")
    return spawnOnTerminal(size, (streams) => spawnRuntime(runtime, [...args, id], { streams, env, ownSession: true }));
  const streams = [undefined, undefined, undefined] as const;
  return spawnWithConsole(size, `${pidfile}.console`, (socket) =>
    spawnRuntime(runtime, [...args, "--console-socket", socket, id], { streams, env, ownSession: true }),
  );
}

/** Returns what stops it. */
function typeInto(to: Duplex, { terminal, stdin }: Streams, keys: DetachKeys, detach: () => void): () => void {
  const input = terminal?.input ?? stdin;
  terminal?.setRaw(true);
  const onData = (chunk: Buffer) => {
    const { pass, detached } = keys.feed(chunk);
    if (pass.length > 0 && !to.write(pass)) {
      input?.pause();
      to.once("drain", () => input?.resume());
    }
    if (detached) detach();
  };
  input?.on("data", onData);
  input?.resume();
  return () => {
    input?.off("data", onData);
    input?.pause();
    terminal?.setRaw(false);
  };
}
