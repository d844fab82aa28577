/** The end of a forwarder. Beside the start, which has the program: this is asked for each container, and most have none. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Ground } from "../../state/ground.ts";
import { startOf } from "../../sys/owner.ts";
import { at, recordOf } from "./record.ts";

/** Ends an owner's forwarder and waits for it, as the next one may need its sockets. Idempotent. */
export async function stopForwarder(ground: Ground, owner: string): Promise<void> {
  const file = recordOf(ground, owner);
  if (!existsSync(file)) return;
  const fd = openSync(file, "r+");
  try {
    writeSync(fd, Buffer.from([1, 0, 0, 0]), 0, 4, at.unwanted);
  } finally {
    closeSync(fd);
  }
  const pid = readFileSync(file).readInt32LE(at.pid);
  if (isForwarderOf(pid, owner)) await end(pid);
  rmSync(file, { force: true });
}

/** A process id may have gone to another since: its command line tells. */
function isForwarderOf(pid: number, owner: string): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[1] === owner;
  } catch {
    return false;
  }
}

async function end(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was faster
  }
  while (startOf(pid) !== "") await setTimeout(1);
}
