/** `exec`: a further process in a running container, through the runtime's exec. */
import { existsSync, fstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants as os } from "node:os";
import { join } from "node:path";
import { parseDetachKeys } from "../../detach-keys.ts";
import { EngineError } from "../../errors.ts";
import { findProgram } from "../../process/spawn.ts";
import { boundRuntime } from "../../runtime/bound.ts";
import { cgroupProcesses, expectMove } from "../../runtime/cgroup.ts";
import { loggedError, runtimeFailure } from "../../runtime/failure.ts";
import { hostFacts } from "../../runtime/host-facts.ts";
import type { Runtime } from "../../runtime/index.ts";
import { spawnRuntime } from "../../runtime/launch.ts";
import { withoutOwnWords } from "../../runtime/own-words.ts";
import { feedInput, type PipedProcess, spawnPiped } from "../../runtime/piped.ts";
import { runtimeFor } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import type { Child } from "../../sys/child.ts";
import { isAlive, startOf } from "../../sys/owner.ts";
import { signalProcess } from "../../sys/pidfd.ts";
import { randomHex } from "../../sys/random.ts";
import { defaultSize } from "../../sys/terminal.ts";
import { execEnvironment } from "../plan/index.ts";
import { groupOf, processOf } from "../process/index.ts";
import {
  type ContainerRecord,
  emitContainer,
  filesOf,
  findContainer,
  refuseDamaged,
  refuseRestarting,
  stopPatience,
} from "../record/index.ts";
import { capabilitySets, encodeSpec, type OciProcess, type OciSpec, type ResolvedUser, resolveUser } from "../spec/index.ts";
import type { ExecConfig, SessionEnd, Streams } from "../types.ts";
import { deliver } from "./pour.ts";

/** How the runtime is asked for a process. */
export interface ExecCall {
  runtime: Runtime;
  /** Before the container's id, which comes last. */
  args: string[];
  id: string;
  /** Its control group. */
  group: string;
  env: Record<string, string>;
  log: string;
  /** Where the runtime writes the pid of the process. */
  pidfile: string;
  /** Called when the user leaves it: returns once this process may end. */
  left(runtime: Child): Promise<void>;
}

/** Cancelling the process: when, and the signal that it gets then. */
export interface Abort {
  signal: AbortSignal;
  end: "SIGTERM" | "SIGKILL";
  /** Milliseconds after which one that takes no notice is killed; undefined: never. */
  patience?: number | undefined;
}

/**
 * See index.ts.
 * @param end what the process gets when the signal aborts
 * @throws EngineError `not-running`, `command-not-found`, `command-not-executable`, `runtime-failed`
 */
export async function execInContainer(
  ground: Ground,
  ref: string,
  config: ExecConfig,
  streams: Streams,
  signal?: AbortSignal,
  end: "SIGTERM" | "SIGKILL" = "SIGTERM",
): Promise<SessionEnd> {
  const record = containerForExec(ground, ref);
  checkCommand(config);
  expectMove();
  const execId = randomHex(32);
  emitContainer(ground, record, `exec_create: ${wordsOf(config.Cmd)}`, { execID: execId });
  const ended = await runExec(ground, record, execId, config, streams, signal && { signal, end, patience: stopPatience(record) });
  return config.Detach ? { detached: true } : ended;
}

/** @throws EngineError `conflict` for a paused container, `not-running`, `corrupt` */
export function containerForExec(ground: Ground, ref: string): ContainerRecord {
  const record = findContainer(ground, ref);
  if (record.status === "paused")
    throw new EngineError("conflict", `Container ${ref} is paused, unpause the container before exec`, {
      hint: `let it go on with 'berth unpause ${record.name}'`,
    });
  refuseRestarting(record);
  if (record.status !== "running") throw notRunning(record);
  refuseDamaged(record);
  return record;
}

const notRunning = ({ id, name }: ContainerRecord) =>
  new EngineError("not-running", `container ${id} is not running`, { hint: `start it with 'berth start ${name}'` });

/** What an exec failed of: where its container has ended or gone meanwhile, runtimes tell of files that are not there. */
function reasonOf(ground: Ground, record: ContainerRecord, error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code !== "runtime-failed") return error;
  try {
    containerForExec(ground, record.id);
  } catch (reason) {
    return reason;
  }
  const first = processOf(ground, record);
  return first && isAlive(first.pid, first.start) ? error : notRunning(record);
}

/** @throws EngineError `invalid` */
export function checkCommand({ Cmd, DetachKeys: keys }: ExecConfig): void {
  if (Cmd.length === 0) throw new EngineError("invalid", "No exec command specified");
  if (keys) parseDetachKeys(keys);
}

/** Path, without its suffix, of what an exec's runtime reads and writes: short, as a socket's is limited. */
function execFile(ground: Ground, { id }: ContainerRecord, execId: string): string {
  return join(filesOf(ground, id).bundle, `exec-${execId.slice(0, 16)}`);
}

/** Where the runtime writes the pid of an exec's process; there only while it runs. */
export function execPidFile(ground: Ground, record: ContainerRecord, execId: string): string {
  return `${execFile(ground, record, execId)}.pid`;
}

/**
 * Runs the process to its end, with `Detach` to its start.
 * @param options.waits a detached one, too, is waited for: whoever holds it by its id tells how it ended
 */
export async function runExec(
  ground: Ground,
  record: ContainerRecord,
  execId: string,
  config: ExecConfig,
  streams: Streams,
  abort: Abort | undefined,
  { waits = false }: { waits?: boolean } = {},
): Promise<SessionEnd> {
  const file = execFile(ground, record, execId);
  const process_ = planProcess(ground, record, config, streams);
  if (config.Detach && !waits && findProgram("conmon")) {
    const { startAlone } = await import("./exec-alone.ts");
    emitContainer(ground, record, `exec_start: ${wordsOf(config.Cmd)}`, { execID: execId });
    await startAlone(ground, record, { execId, directory: file, process: process_ });
    return { detached: true };
  }
  try {
    writeFileSync(`${file}.json`, encodeSpec(process_), { mode: 0o600 });
    const runtime = runtimeFor(ground, record.host.Runtime);
    const args = [
      ...runtime.globalArgs(`${file}.log`),
      "exec",
      "--process",
      `${file}.json`,
      "--pid-file",
      `${file}.pid`,
      ...(config.Detach && !waits ? ["--detach"] : []), // nobody will learn how it ends
    ];
    const env = { PATH: process.env["PATH"] ?? "" };
    const call: ExecCall = {
      runtime,
      args,
      id: record.id,
      group: groupOf(ground, record.id),
      env,
      log: `${file}.log`,
      pidfile: `${file}.pid`,
      left: async (child) => (await import("./exec-alone.ts")).attendLeft(ground, record, execId, child),
    };
    emitContainer(ground, record, `exec_start: ${wordsOf(config.Cmd)}`, { execID: execId });
    const ended = await carryOut(call, config, streams, abort);
    if (ended.detached) emitContainer(ground, record, "exec_detach", { execID: execId });
    if (ended.exitCode !== undefined && (waits || !config.Detach)) emitExecDie(ground, record, execId, ended.exitCode);
    return ended;
  } catch (error) {
    throw reasonOf(ground, record, error);
  } finally {
    for (const suffix of [".json", ".log", ".pid"]) rmSync(file + suffix, { force: true });
  }
}

export function emitExecDie(ground: Ground, record: ContainerRecord, execId: string, exitCode: number): void {
  emitContainer(ground, record, "exec_die", { execID: execId, exitCode: String(exitCode) });
}

async function carryOut(call: ExecCall, config: ExecConfig, streams: Streams, abort: Abort | undefined): Promise<SessionEnd> {
  const end =
    config.Tty && !config.Detach
      ? await (await import("./exec-terminal.ts")).onTerminal(call, config, streams, abort?.signal)
      : { detached: false, exitCode: await onStreams(call, config, streams, abort) };
  if (end.exitCode) {
    const error = loggedError(call.log);
    // The exit status alone may be the process's own: only the runtime's word tells that it never started.
    if (error) throw runtimeFailure(error, `execute "${config.Cmd[0]}"`, config.Cmd[0]);
  }
  return end;
}

/**
 * Whom the container knows by the name that is asked for: docker tells when the process is made, before anything runs.
 * @throws EngineError `invalid`
 */
export function resolveExecUser(ground: Ground, record: ContainerRecord, { User }: ExecConfig): ResolvedUser | undefined {
  if (!User) return undefined;
  const pid = processOf(ground, record)?.pid;
  try {
    return resolveUser(pid ? `/proc/${pid}/root` : filesOf(ground, record.id).merged, User, record.host.GroupAdd);
  } catch (error) {
    throw error instanceof EngineError ? error.withExit(1) : error;
  }
}

/** What an event tells of a command, as docker writes it: a blank behind one word, too. */
export const wordsOf = ([first = "", ...rest]: readonly string[]) => `${first} ${rest.join(" ")}`;

function readSpec(file: string): OciSpec {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as OciSpec;
  } catch (cause) {
    const message = `cannot read the container's configuration "${file}": ${(cause as Error).message}`;
    throw new EngineError("corrupt", message, { cause, hint: "restart the container: that writes it anew" });
  }
}

/** The process as the container's own, with what the user changes. */
function planProcess(ground: Ground, record: ContainerRecord, config: ExecConfig, streams: Streams): OciProcess {
  const { process: base } = readSpec(join(filesOf(ground, record.id).bundle, "config.json"));
  const user = resolveExecUser(ground, record, config);
  const { uid } = user ?? base.user;
  const tty = (config.Tty ?? false) && !config.Detach;
  const cwd = config.WorkingDir || base.cwd;
  if (!cwd.startsWith("/"))
    throw new EngineError(
      "invalid",
      `cannot execute "${config.Cmd[0]}": the working directory '${cwd}' is invalid, it needs to be an absolute path`,
      {
        exit: 128, // docker's for what a runtime refuses
      },
    );
  const { columns, rows } = streams.terminal ?? defaultSize;
  const bounding = config.Privileged ? [...hostFacts().capabilities] : base.capabilities.bounding;
  return {
    terminal: tty,
    ...(tty && { consoleSize: { height: rows, width: columns } }),
    user: user
      ? { uid: user.uid, gid: user.gid, ...(user.additionalGids.length > 0 && { additionalGids: user.additionalGids }) }
      : base.user,
    args: config.Cmd,
    env: execEnvironment(base.env, record.config, config, user?.home),
    cwd,
    capabilities: capabilitySets(bounding, uid),
    ...(base.rlimits && { rlimits: base.rlimits }),
    noNewPrivileges: base.noNewPrivileges && !config.Privileged,
    ...(base.oomScoreAdj !== undefined && { oomScoreAdj: base.oomScoreAdj }),
  };
}

/** The process is handed a pipe itself, which saves copying; never a file or a terminal of the host, which it could misuse. */
function isPipe(fd: 0 | 1): boolean {
  return fstatSync(fd, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** Plain streams. */
async function onStreams(call: ExecCall, config: ExecConfig, streams: Streams, abort: Abort | undefined): Promise<number> {
  const signal = abort?.signal;
  const handsOver = (fd: 0 | 1) => streams.inherit === true && isPipe(fd);
  const input = !config.AttachStdin || config.Detach ? "ignore" : handsOver(0) ? "inherit" : "pipe";
  const output = config.Detach ? "ignore" : handsOver(1) ? "inherit" : "pipe";
  const started = spawnPiped([input, output, config.Detach ? "ignore" : "pipe"], (ends) =>
    spawnRuntime(call.runtime, [...call.args, call.id], { streams: ends, env: call.env }),
  );
  const { closed, stdin, stdout, stderr } = started;
  boundRuntime(call.runtime, started.child, call.pidfile, () => killStarted(call));
  const kill = () => endProcess(started, call, abort!);
  signal?.addEventListener("abort", kill, { once: true });
  const stopInput = stdin && feedInput(streams.stdin, stdin);
  const words = withoutOwnWords(call.log, (chunk) => deliver(streams, "stderr", chunk));
  const shown = [stdout?.pour((chunk) => deliver(streams, "stdout", chunk)), stderr?.pour(words.feed)];
  try {
    const [status] = await Promise.all([closed, ...shown]).finally(words.end);
    if (signal?.aborted) throw new EngineError("cancelled", "cancelled");
    return status;
  } finally {
    signal?.removeEventListener("abort", kill);
    stopInput?.();
  }
}

/** The runtime passes SIGTERM on to the process; SIGKILL it cannot. What the process has started may hold its streams. */
function endProcess({ child, stdout, stderr }: PipedProcess, call: ExecCall, { end, patience }: Abort): void {
  const insist = patience === undefined ? undefined : setTimeout(() => killStarted(call), patience);
  void child.exited.then(() => {
    clearTimeout(insist);
    stdout?.destroy();
    stderr?.destroy();
  });
  child.kill("SIGTERM");
  if (end === "SIGKILL") killStarted(call);
}

/** Kills the process that the runtime has started, if there is one. */
export function killStarted({ group, pidfile }: ExecCall): void {
  const pid = existsSync(pidfile) ? Number(readFileSync(pidfile, "latin1")) : 0;
  if (cgroupProcesses(group).includes(pid)) signalProcess(pid, startOf(pid), os.signals.SIGKILL);
}
