/**
 * Programs that run, and their end. Each has a record (a file that it writes its process id into), and its command line
 * tells it from whoever has the number by now.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isAlive, startOf } from "../../sys/owner.ts";

/** Where every program's record begins: numbers of four bytes. */
export const head = { pid: 0, unwanted: 4 };

export interface Running {
  pid: number;
  start: string;
}

/** The process of this number, if it was started with that argument. */
export function findRunning(pid: number, argument: string): Running | undefined {
  if (!(pid > 0) || !argumentsOf(pid).includes(argument)) return undefined;
  const start = startOf(pid);
  return start ? { pid, start } : undefined;
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(1);
  } catch {
    return []; // it is gone
  }
}

/** Changes a number in a record. */
export function writeNumber(record: string, offset: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  const fd = openSync(record, "r+");
  try {
    writeSync(fd, bytes, 0, 4, offset);
  } finally {
    closeSync(fd);
  }
}

/** False when it is gone. */
export function isSignalled({ pid }: Running, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}

/** Ends a process and waits for that, as the next one needs its sockets. */
export async function endRunning(running: Running | undefined): Promise<void> {
  if (!running || !isSignalled(running, "SIGKILL")) return;
  while (isAlive(running.pid, running.start)) await setTimeout(1);
}

/** Ends the program that has this record and was started with that argument, and takes the record away. Idempotent. */
export async function endProgram(record: string, argument: string): Promise<void> {
  if (!existsSync(record)) return;
  // One that is about to start sees the mark, or its id is seen here.
  writeNumber(record, head.unwanted, 1);
  await endRunning(findRunning(readFileSync(record).readInt32LE(head.pid), argument));
  rmSync(record, { force: true });
}
