/**
 * The name server of user networks (programs/nameserver.c): it answers on each network's gateways from one file per
 * network. One process per state directory, which is started with the first name and ends with the last one; it is found
 * by its record, which it writes its process id into. Callers hold the "network" lock.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Ground } from "../../state/ground.ts";
import { isAlive } from "../../sys/owner.ts";
import { endProgram, endRunning, findRunning, head, isSignalled, writeNumber } from "../programs/index.ts";

export const directoryOf = (ground: Ground) => join(ground.paths.network, "dns");
export const recordOf = (ground: Ground) => join(directoryOf(ground), ".record");

/** Offsets in the record, whose layout nameserver.c gives: numbers of four bytes. */
export const at = { ...head, asked: 8, done: 12, sockets: 16, error: 20, end: 24 };

export function readRecord(ground: Ground, offset: number): number {
  const record = readOr(recordOf(ground));
  return record.length >= at.end ? record.readInt32LE(offset) : 0;
}

/** Makes the server read the files as they are now, and waits until it has; starts or ends it as there are names or none. */
export async function followNames(ground: Ground): Promise<void> {
  const needed = readdirSync(directoryOf(ground)).some((name) => /^[0-9a-f]{12}(%int)?$/.test(name));
  if (!needed) await stopServer(ground);
  else if (!(await hasRead(ground))) await (await import("./start.ts")).startServer(ground);
}

/** False when there is no server. Its sockets stay open: no question is lost meanwhile. */
async function hasRead(ground: Ground): Promise<boolean> {
  const server = findRunning(readRecord(ground, at.pid), directoryOf(ground));
  if (!server) return false;
  const reading = (readRecord(ground, at.asked) + 1) | 0;
  writeNumber(recordOf(ground), at.asked, reading);
  if (!isSignalled(server, "SIGHUP")) return false;
  for (const end = Date.now() + 10_000; readRecord(ground, at.done) !== reading && Date.now() < end; await setTimeout(1)) {
    if (!isAlive(server.pid, server.start)) return false;
  }
  return true;
}

/** Ends the server and waits for it, as the next one needs its sockets. Idempotent. */
export async function stopServer(ground: Ground): Promise<void> {
  const earlier = join(directoryOf(ground), "aardvark.pid"); // of aardvark-dns, which earlier versions of berth had for it
  await endRunning(findRunning(Number(readOr(earlier)), directoryOf(ground)));
  rmSync(earlier, { force: true });
  await endProgram(recordOf(ground), directoryOf(ground));
}

function readOr(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
