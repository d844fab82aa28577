/**
 * Execs that nobody attends to: in the background from the start (`exec -d`), or left with the detach keys. Somebody must be
 * the parent, or trace, to learn how a process ends. For the first it is a monitor, as for containers; for the others, whose
 * runtime is a child of the process that ends now, a process that traces the runtime.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { spawnProcess } from "../../process/spawn.ts";
import { startExecMonitor } from "../../runtime/conmon.ts";
import { runtimeFor } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import type { Child } from "../../sys/child.ts";
import { traceToEnd } from "../../sys/trace.ts";
import { type ContainerRecord, findById } from "../record/index.ts";
import { encodeSpec, type OciProcess } from "../spec/index.ts";
import { emitExecDie } from "./exec.ts";

/** $1 is the file with the status, the rest a command. Without it nothing ran, or the container is gone. */
const ifThere = '[ ! -f "$1" ] || { shift; exec "$@"; }';

/** Of the monitor, in the exec's directory. */
const statusName = "exit";

/** @throws EngineError as exec */
export async function startAlone(
  ground: Ground,
  record: ContainerRecord,
  { execId, directory, process }: { execId: string; directory: string; process: OciProcess },
): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  try {
    const file = join(directory, "process.json");
    writeFileSync(file, encodeSpec(process), { mode: 0o600 });
    const exited = selfCall(ground, "exec-exited", record.id, execId, directory);
    const request = {
      id: record.id,
      name: record.name,
      directory,
      process: file,
      exitCommand: exited.length > 0 ? ["/bin/sh", "-c", ifThere, "sh", join(directory, statusName), ...exited] : [],
    };
    await startExecMonitor(ground, runtimeFor(ground, record.host.Runtime), request, process.args[0]!);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** What the monitor of such an exec starts at its end. */
export function execExited(ground: Ground, container: string, execId: string, directory: string): void {
  const file = join(directory, statusName);
  if (!existsSync(file)) return;
  recordEnd(ground, container, execId, Number(readFileSync(file, "latin1")));
  rmSync(directory, { recursive: true, force: true });
}

/** Returns when another process has taken over, or it has ended; only then may this one end, whose child the runtime is. */
export async function attendLeft(ground: Ground, record: ContainerRecord, execId: string, runtime: Child): Promise<void> {
  const [program, ...args] = selfCall(ground, "exec-left", record.id, execId, String(runtime.pid));
  if (!program) return;
  const other = spawnProcess(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe"], detached: true });
  other.on("error", () => {}); // then nobody has taken over
  const sign = other.stdio[3] as Readable;
  const taken = new Promise<boolean>((resolve) => sign.once("data", () => resolve(true)).once("close", () => resolve(false)));
  if (await taken) {
    sign.destroy();
    other.unref();
  } else emitExecDie(ground, record, execId, await runtime.exited);
}

/** The process that has taken over. */
export function execLeft(ground: Ground, container: string, execId: string, runtimePid: number): void {
  let status: number;
  try {
    status = traceToEnd(runtimePid, () => writeSync(3, "\n"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return; // its parent still waits for this process, and knows
    throw error;
  }
  recordEnd(ground, container, execId, status);
}

function recordEnd(ground: Ground, container: string, execId: string, status: number): void {
  const record = findById(ground, container);
  if (record) emitExecDie(ground, record, execId, status);
}

/** Command line of a hidden command of this program; empty where there is no program. */
function selfCall(ground: Ground, command: string, ...args: string[]): string[] {
  const { self } = ground.options;
  return self ? [...self, "--root", ground.paths.root, "internal", command, ...args] : [];
}
