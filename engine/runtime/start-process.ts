/** Letting a created container's process go (OCI runtime-spec, "Start"). */
import { closeSync, constants, existsSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as tick } from "node:timers/promises";
import type { Ground } from "../state/ground.ts";
import { startOf } from "../sys/owner.ts";
import { loggedError, runtimeFailure } from "./failure.ts";
import type { Runtime } from "./index.ts";
import { runRuntime } from "./launch.ts";

/**
 * The created process waits at a FIFO in its runtime's state directory. Opening that gate is all that `runc start` and
 * `crun start` do, and costs 12 ms less without their process. Other runtimes are asked.
 * @throws EngineError `runtime-failed`
 */
export async function startProcess(ground: Ground, runtime: Runtime, process: { id: string; pid: number; log: string }): Promise<void> {
  const fifo = join(ground.paths.runtime, process.id, "exec.fifo");
  if (runtime.kind === "runc" && existsSync(fifo)) return readGate(fifo, process.pid);
  if (runtime.kind === "crun" && existsSync(fifo)) return writeGate(fifo);
  const { status, stderr } = await runRuntime(runtime, [...runtime.globalArgs(process.log), "start", process.id]);
  if (status !== 0) throw runtimeFailure(loggedError(process.log) ?? stderr);
}

/** crun's process reads a byte; that the FIFO is gone tells crun that it was started. */
function writeGate(fifo: string): void {
  let fd: number;
  try {
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENXIO") throw cause;
    throw runtimeFailure("the container's process died before it was started");
  }
  try {
    rmSync(fifo);
    writeSync(fd, "\0");
  } finally {
    closeSync(fd);
  }
}

/** runc's process writes a byte. */
async function readGate(fifo: string, pid: number): Promise<void> {
  // Without O_NONBLOCK the open would hang for ever if the process died meanwhile.
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const byte = Buffer.alloc(8);
    while (!readByte(fd, byte)) {
      const isGone = startOf(pid) === "";
      // It may have written, run and ended between the two looks: a last one tells.
      if (isGone && readByte(fd, byte)) break;
      if (isGone) throw runtimeFailure("the container's process died before it was started");
      await tick();
    }
    rmSync(fifo, { force: true });
  } finally {
    closeSync(fd);
  }
}

/** False while the writer has opened nothing (end of file) or written nothing (EAGAIN). */
function readByte(fd: number, into: Buffer): boolean {
  try {
    return readSync(fd, into) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
    throw error;
  }
}
