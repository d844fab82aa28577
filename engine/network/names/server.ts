/**
 * The name server of user networks (programs/nameserver.c): it answers on each network's gateways from one file per
 * network. One process per state directory, which is started with the first name and ends with the last one; it is found
 * by its record, which it writes its process id into. Callers hold the "network" lock.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Ground } from "../../state/ground.ts";
import { isAlive, startOf } from "../../sys/owner.ts";

export const directoryOf = (ground: Ground) => join(ground.paths.network, "dns");
export const recordOf = (ground: Ground) => join(directoryOf(ground), ".record");

/** Offsets in the record, whose layout nameserver.c gives: numbers of four bytes. */
export const at = { pid: 0, unwanted: 4, asked: 8, done: 12, sockets: 16, error: 20, end: 24 };

export function readRecord(ground: Ground, offset: number): number {
  const record = readOr(recordOf(ground));
  return record.length >= at.end ? record.readInt32LE(offset) : 0;
}

function writeRecord(ground: Ground, offset: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  const fd = openSync(recordOf(ground), "r+");
  try {
    writeSync(fd, bytes, 0, 4, offset);
  } finally {
    closeSync(fd);
  }
}

interface Server {
  pid: number;
  start: string;
}

/** The process that has a state directory's names and wrote its id down, unless the number has gone to another since. */
function serverOf(ground: Ground, pid: number): Server | undefined {
  if (!pid || !readOr(`/proc/${pid}/cmdline`).includes(`\0${directoryOf(ground)}\0`)) return undefined;
  const start = startOf(pid);
  return start ? { pid, start } : undefined;
}

/** Makes the server read the files as they are now, and waits until it has; starts or ends it as there are names or none. */
export async function followNames(ground: Ground): Promise<void> {
  const needed = readdirSync(directoryOf(ground)).some((name) => /^[0-9a-f]{12}(%int)?$/.test(name));
  if (!needed) await stopServer(ground);
  else if (!(await hasRead(ground))) await (await import("./start.ts")).startServer(ground);
}

/** False when there is no server. Its sockets stay open: no question is lost meanwhile. */
async function hasRead(ground: Ground): Promise<boolean> {
  const server = serverOf(ground, readRecord(ground, at.pid));
  if (!server) return false;
  const reading = (readRecord(ground, at.asked) + 1) | 0;
  writeRecord(ground, at.asked, reading);
  if (!isSignalled(server, "SIGHUP")) return false;
  for (const end = Date.now() + 10_000; readRecord(ground, at.done) !== reading && Date.now() < end; await setTimeout(1)) {
    if (!isAlive(server.pid, server.start)) return false;
  }
  return true;
}

/** Ends the server and waits for it, as the next one needs its sockets. Idempotent. */
export async function stopServer(ground: Ground): Promise<void> {
  const earlier = join(directoryOf(ground), "aardvark.pid"); // of aardvark-dns, which earlier versions of berth had for it
  const servers = [serverOf(ground, Number(readOr(earlier)))];
  if (existsSync(recordOf(ground))) {
    // One that is about to start sees the mark, or its id is seen here.
    writeRecord(ground, at.unwanted, 1);
    servers.push(serverOf(ground, readRecord(ground, at.pid)));
  }
  for (const server of servers) if (server) await end(server);
  for (const file of [earlier, recordOf(ground)]) rmSync(file, { force: true });
}

async function end(server: Server): Promise<void> {
  if (!isSignalled(server, "SIGKILL")) return;
  while (isAlive(server.pid, server.start)) await setTimeout(1);
}

/** False when it is gone. */
function isSignalled({ pid }: Server, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}

function readOr(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
