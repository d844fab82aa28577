/**
 * The monitor of containers that must outlive berth: conmon (366 kB each). It creates the container through the
 * runtime, holds its terminal or pipes, writes the log, serves attach and writes the exit file. See conmon(8).
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { EngineError } from "../errors.ts";
import { findProgram, spawnProcess } from "../process/spawn.ts";
import type { Ground } from "../state/ground.ts";
import { commandOf, loggedError, runtimeFailure } from "./failure.ts";
import type { Runtime } from "./index.ts";
import { commandFor, type RuntimeCommand } from "./launch.ts";
import { lockStarting } from "./leftovers.ts";

export interface MonitorRequest {
  id: string;
  name: string;
  /** Directory with config.json; conmon's own files go there too. */
  bundle: string;
  /** k8s-file log; undefined keeps none. */
  log?: string;
  terminal: boolean;
  /** The container's standard input is a pipe that attached clients write to. */
  stdin: boolean;
  /** The end of a client's input does not close the container's. */
  leaveStdinOpen: boolean;
  /** Started when the container's process has ended, and when it never started. */
  exitCommand: string[];
  /** Descriptors of reserved host ports, for the monitor to hold. */
  reserved: number[];
}

export interface MonitoredProcess {
  /** The container's first process, waiting to be started. */
  pid: number;
  monitorPid: number;
  /** Lets go of the monitor, so that this process can end before it. */
  release(): void;
}

/** A further process in a container that runs. */
export interface ExecMonitorRequest extends Pick<MonitorRequest, "id" | "name" | "exitCommand"> {
  /** Of this exec alone, for all files of the monitor and the runtime; the process's status comes into `exit`. */
  directory: string;
  /** File with the process, as the runtime's exec takes it. */
  process: string;
}

/** Attach socket and control pipe, below the bundle (--full-attach). */
export const attachSocket = (bundle: string) => join(bundle, "attach");
export const controlPipe = (bundle: string) => join(bundle, "ctl");

/** What conmon itself keeps of a container; gone with the bundle. */
const persistDirectory = (bundle: string) => join(bundle, "persist");

/** Pure. */
function monitorArguments(
  ground: Ground,
  runtime: Runtime,
  command: Pick<RuntimeCommand, "path" | "args">,
  request: MonitorRequest,
): string[] {
  const { bundle, log, terminal, stdin, leaveStdinOpen } = request;
  return [
    ...commonArguments(runtime, command, request, bundle),
    ...["--exit-dir", ground.paths.exits, "--persist-dir", persistDirectory(bundle)],
    ...["-l", log === undefined ? "none" : `k8s-file:${log}`, "--no-sync-log"],
    ...(terminal ? ["-t"] : []),
    ...(stdin ? ["-i"] : []),
    ...(leaveStdinOpen ? ["--leave-stdin-open"] : []),
  ];
}

/** Pure. */
function execMonitorArguments(runtime: Runtime, command: Pick<RuntimeCommand, "path" | "args">, request: ExecMonitorRequest): string[] {
  const { directory, process } = request;
  return [
    ...commonArguments(runtime, command, request, directory),
    ...["--exit-dir", directory, "--persist-dir", directory, "-l", "none", "-e", "--exec-process-spec", process],
  ];
}

function commonArguments(
  runtime: Runtime,
  command: Pick<RuntimeCommand, "path" | "args">,
  { id, name, exitCommand }: Pick<MonitorRequest, "id" | "name" | "exitCommand">,
  directory: string,
): string[] {
  const [program, ...args] = exitCommand;
  const runtimeArgs = [...command.args, ...runtime.globalArgs(join(directory, "runtime.log"))];
  return [
    ...["--api-version", "1", "-c", id, "-u", id, "-n", name, "-r", command.path, "-b", directory],
    ...["-p", join(directory, "pidfile"), "-P", join(directory, "conmon.pid"), "--full-attach", "--log-level", "error"],
    ...runtimeArgs.flatMap((arg) => ["--runtime-arg", arg]),
    ...(program ? ["--exit-command", program, ...args.flatMap((arg) => ["--exit-command-arg", arg])] : []),
  ];
}

/** Why nothing runs on its own where the monitor is missing. */
export const noConmon = 'cannot find "conmon", which watches over detached containers';

/**
 * Starts a monitor and through it creates the container, whose process then waits (see start-process.ts).
 * @throws EngineError `command-not-found`, `command-not-executable`, `runtime-failed`, `unsupported` (no conmon)
 */
export async function startMonitor(ground: Ground, runtime: Runtime, request: MonitorRequest): Promise<MonitoredProcess> {
  const { bundle: directory, reserved } = request;
  mkdirSync(persistDirectory(directory), { mode: 0o700 });
  using command = commandFor(runtime);
  const failure = (said: string) => runtimeFailure(said, undefined, commandOf(directory));
  return await launchMonitor(ground, monitorArguments(ground, runtime, command, request), { directory, reserved, failure });
}

/**
 * Starts a process in a container that runs, and a monitor that learns how it ends.
 * @param first the first word of its command line
 * @throws EngineError as startMonitor
 */
export async function startExecMonitor(ground: Ground, runtime: Runtime, request: ExecMonitorRequest, first: string): Promise<void> {
  const { directory } = request;
  using command = commandFor(runtime);
  const failure = (said: string) => runtimeFailure(said, `execute "${first}"`, first);
  const started = await launchMonitor(ground, execMonitorArguments(runtime, command, request), { directory, reserved: [], failure });
  started.release();
}

interface Launch {
  /** For the files of the monitor and the runtime. */
  directory: string;
  reserved: number[];
  /** What to make of the last words of either. */
  failure(said: string): EngineError;
}

async function launchMonitor(ground: Ground, args: string[], { directory, reserved, failure }: Launch): Promise<MonitoredProcess> {
  const conmon = findProgram("conmon");
  if (!conmon) throw new EngineError("unsupported", noConmon, { hint: "install the package conmon" });
  const errors = join(directory, "conmon.err");
  const child = await spawnMonitor(ground, conmon, args, { errors, reserved });
  const [sync, start] = [child.stdio[3] as Readable, child.stdio[4] as Writable];
  start.on("error", () => {}); // conmon died: the sync pipe tells
  start.end("\0");
  try {
    // The pid file is written by the process started here, after it has forked the one that creates the container.
    const [pid] = await Promise.all([readPid(child, sync, conmon), once(child, "exit")]);
    return { pid, monitorPid: Number(readFileSync(join(directory, "conmon.pid"), "latin1")), release: () => letGo(child, sync) };
  } catch (cause) {
    letGo(child, sync);
    const logged = loggedError(join(directory, "runtime.log")) ?? readFileSync(errors, "utf8").trim();
    throw failure(logged || (cause as Error).message);
  }
}

async function spawnMonitor(
  ground: Ground,
  conmon: string,
  args: string[],
  { errors, reserved }: { errors: string; reserved: number[] },
): Promise<ChildProcess> {
  using _ = await lockStarting(ground);
  const errorFd = openSync(errors, "w", 0o600);
  try {
    return spawnProcess(conmon, args, {
      stdio: ["ignore", "ignore", errorFd, "pipe", "pipe", ...reserved],
      env: { PATH: process.env["PATH"] ?? "", _OCI_SYNCPIPE: "3", _OCI_STARTPIPE: "4" },
      detached: true,
    });
  } finally {
    closeSync(errorFd);
  }
}

function letGo(child: ChildProcess, sync: Readable): void {
  sync.destroy();
  child.unref();
}

/** The sync pipe's first line: `{"data": PID}`, or a negative number and a message. */
function readPid(child: ChildProcess, sync: Readable, conmon: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("error", (cause) => reject(new Error(`cannot run "${conmon}": ${cause.message}`)));
    sync.on("end", () => reject(new Error("the monitor ended before it started the container")));
    sync.on("error", reject);
    sync.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end < 0) return;
      const { data, message } = JSON.parse(text.slice(0, end)) as { data: number; message?: string };
      if (data > 0) resolve(data);
      else reject(new Error(message ?? `the monitor failed with status ${-data}`));
    });
  });
}
