/** An exec as an object with an id: made, then started by whoever has the id, looked at and resized meanwhile. */
import { existsSync, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { Readable, Writable } from "node:stream";
import { EngineError, toEngineError } from "../../errors.ts";
import { cgroupProcesses } from "../../runtime/cgroup.ts";
import { lastAttributes } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { randomHex } from "../../sys/random.ts";
import { defaultSize, type TerminalSize } from "../../sys/terminal.ts";
import { groupOf, until } from "../process/index.ts";
import { emitContainer } from "../record/index.ts";
import type { ExecConfig, ExecInspect, ExecStart, SessionEnd, Streams, Terminal } from "../types.ts";
import { checkCommand, containerForExec, execPidFile, resolveExecUser, runExec, wordsOf } from "./exec.ts";
import { type ExecRecord, execRecords } from "./exec-records.ts";

/** See index.ts. */
export async function createExec(ground: Ground, ref: string, config: Omit<ExecConfig, "Detach">): Promise<{ Id: string }> {
  const container = containerForExec(ground, ref);
  checkCommand(config);
  resolveExecUser(ground, container, config);
  const id = randomHex(32);
  execRecords(ground).set(id, { id, container, config, status: "created", exitCode: null, pid: 0, ended: 0 });
  emitContainer(ground, container, `exec_create: ${wordsOf(config.Cmd)}`, { execID: id });
  return { Id: id };
}

/** See index.ts. */
export async function startExec(ground: Ground, id: string, options: ExecStart = {}): Promise<SessionEnd> {
  const exec = findExec(ground, id);
  if (exec.status !== "created") throw new EngineError("conflict", `exec ${id} has already run`, { hint: "make another: each runs once" });
  containerForExec(ground, exec.container.id);
  exec.status = "running";
  const over = new AbortController();
  const begun = pidIn(execPidFile(ground, exec.container, id), over.signal).then((pid) => (exec.pid = pid));
  const ended = runToEnd(ground, exec, options).finally(() => over.abort());
  if (!options.detach) return ended;
  await Promise.race([ended, begun]);
  return { detached: true };
}

/** See index.ts. */
export async function inspectExec(ground: Ground, id: string): Promise<ExecInspect> {
  const exec = findExec(ground, id);
  if (exec.status === "left") await learnEnd(ground, exec);
  const { config, container, exitCode } = exec;
  const [entrypoint = "", ...args] = config.Cmd;
  const Running = exec.status === "running" || exec.status === "left";
  return {
    ID: id,
    ContainerID: container.id,
    Running,
    ExitCode: exitCode,
    Pid: exec.pid,
    OpenStdin: config.AttachStdin ?? false,
    OpenStdout: config.AttachStdout ?? true,
    OpenStderr: config.AttachStderr ?? true,
    CanRemove: false, // docker's: it goes some minutes after its end
    DetachKeys: config.DetachKeys ?? "",
    ProcessConfig: {
      entrypoint,
      arguments: args,
      tty: config.Tty ?? false,
      privileged: config.Privileged ?? false,
      user: config.User ?? "",
    },
  };
}

/** Milliseconds that whoever attends an exec that was left takes at most to record its end. */
const recordPatience = 5000;

/** Of one that was left with the detach keys another process records the end, as an event; without one, nobody will. */
async function learnEnd(ground: Ground, exec: ExecRecord): Promise<void> {
  const { id, container, pid } = exec;
  const isThere = () => pid > 0 && cgroupProcesses(groupOf(ground, container.id)).includes(pid);
  const end = () => lastAttributes(ground, container.id, "exec_die", id);
  if (isThere()) return;
  const attributes = await until(ground, end, { timeout: recordPatience });
  Object.assign(exec, { status: "ended", ended: Date.now(), exitCode: attributes ? Number(attributes["exitCode"]) : null });
}

/** See index.ts. */
export async function resizeExec(ground: Ground, id: string, size: TerminalSize): Promise<void> {
  const exec = findExec(ground, id);
  if (exec.status !== "running" || !exec.resize)
    throw new EngineError("not-running", `cannot resize exec ${id}: it has no terminal now`, { hint: "start it, with Tty, first" });
  exec.resize(size);
}

function findExec(ground: Ground, id: string): ExecRecord {
  const exec = execRecords(ground).get(id);
  if (!exec)
    throw new EngineError("not-found", `No such exec instance: ${id}`, { hint: "make one: it is known to the engine that made it" });
  return exec;
}

/** Notes how it ends; the pid is noted meanwhile, also for when the user leaves it with the detach keys. */
async function runToEnd(ground: Ground, exec: ExecRecord, { streams, detach = false, size, signal }: ExecStart): Promise<SessionEnd> {
  const config = { ...exec.config, Detach: detach };
  const given = streams ?? nowhere();
  const shown = config.Tty && !detach ? resizable(exec, given, size) : given;
  try {
    const end = await runExec(ground, exec.container, exec.id, config, shown, signal && { signal, end: "SIGTERM" }, { waits: true });
    Object.assign(exec, end.detached ? { status: "left" } : { status: "ended", exitCode: end.exitCode ?? null });
    return end;
  } catch (error) {
    Object.assign(exec, { status: "ended", exitCode: toEngineError(error).exit });
    throw error;
  } finally {
    exec.ended = Date.now();
    delete exec.resize;
  }
}

/** The session's terminal, with a size that is set by the exec's id, too. */
function resizable(exec: ExecRecord, streams: Streams, size: TerminalSize | undefined): Streams {
  const { terminal, stdin, stdout } = streams;
  let { columns, rows } = size ?? terminal ?? defaultSize;
  const listeners = new Set<() => void>();
  const resize = (to: TerminalSize) => {
    ({ columns, rows } = to);
    for (const listener of listeners) listener();
  };
  exec.resize = resize;
  const own: Terminal = {
    get columns() {
      return columns;
    },
    get rows() {
      return rows;
    },
    input: terminal?.input ?? stdin ?? Readable.from([]),
    output: terminal?.output ?? stdout,
    onResize(listener) {
      listeners.add(listener);
      const stop = terminal?.onResize(() => resize(terminal));
      return () => {
        listeners.delete(listener);
        stop?.();
      };
    },
    setRaw: (raw) => terminal?.setRaw(raw),
  };
  return { ...streams, terminal: own };
}

function nowhere(): Streams {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { stdout: sink, stderr: sink };
}

/** Resolves with the pid that a runtime writes when it has started the process; with 0 when that is given up. */
function pidIn(file: string, over: AbortSignal): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const watcher = watch(dirname(file));
  const look = () => {
    const pid = existsSync(file) ? Number(readFileSync(file, "latin1")) : 0;
    if (pid > 0) resolve(pid);
  };
  watcher.on("change", (_, name) => name === basename(file) && look());
  over.addEventListener("abort", () => resolve(0), { once: true });
  look();
  return promise.finally(() => watcher.close());
}
