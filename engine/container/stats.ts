/**
 * `stats`: what containers use, read from their control groups and network namespaces without a process of their own.
 * CPU percent is docker's: share of one CPU since the previous sample, so a container on two CPUs can show 200 %.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { House } from "../house.ts";
import { readUsage, type Usage } from "../runtime/usage.ts";
import { type ContainerRecord, findContainer, isRunning, timestamp, toRecord } from "./record.ts";
import type { StatsSample } from "./types.ts";

/** Time between the two looks that a percentage needs, and between two samples of a stream. */
const firstInterval = 100;
const interval = 1000;

interface Look {
  usage: Usage;
  /** Milliseconds, monotonic. */
  at: number;
}

/** The host's part of a sample. */
type HostLook = Pick<StatsSample["cpu"], "system" | "online">;

export interface StatsOptions {
  /** One list of samples every second instead of one. */
  stream?: boolean;
  /** Stopped containers too, with zeros. */
  all?: boolean;
  signal?: AbortSignal;
}

/** See `Containers.stats`. @throws EngineError `not-found`, `ambiguous` */
export async function* sampleStats(house: House, refs: string[], options: StatsOptions = {}): AsyncGenerator<StatsSample[]> {
  let previous = new Map<string, Look>();
  for (let round = 0; !options.signal?.aborted; round++) {
    const records = choose(house, refs, options.all === true);
    const current = lookAt(records);
    if (round > 0 || records.every((record) => !isRunning(record))) {
      const host = lookAtHost();
      yield records.map((record) => toSample(record, host, current.get(record.id), previous.get(record.id)));
      if (!options.stream) return;
    }
    previous = current;
    if (!(await pause(round === 0 ? firstInterval : interval, options.signal))) return;
  }
}

function choose(house: House, refs: string[], all: boolean): ContainerRecord[] {
  if (refs.length > 0) return refs.map((ref) => findContainer(house, ref));
  const records = house.db.all("SELECT * FROM containers WHERE status <> 'creating' ORDER BY created DESC").map(toRecord);
  return all ? records : records.filter(isRunning);
}

function lookAt(records: ContainerRecord[]): Map<string, Look> {
  return new Map(records.filter(isRunning).map((record) => [record.id, { usage: readUsage(record.id), at: performance.now() }]));
}

/** Resolves true after the time, false when the caller gave up. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    const finish = (whole: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve(whole);
    };
    signal?.addEventListener("abort", end, { once: true });
  });
}

function toSample(record: ContainerRecord, host: HostLook, now: Look | undefined, before: Look | undefined): StatsSample {
  const usage = now?.usage;
  const elapsed = now && before ? (now.at - before.at) * 1e6 : 0;
  const percent = usage && before && elapsed > 0 ? ((usage.cpu - before.usage.cpu) / elapsed) * 100 : 0;
  const limit = usage ? Math.min(usage.memoryLimit ?? hostMemory(), hostMemory()) : 0;
  return {
    ID: record.id,
    Name: record.name,
    read: timestamp(),
    cpu: { usage: usage?.cpu ?? 0, ...host, percent: Math.max(0, percent) },
    memory: { usage: usage?.memory ?? 0, limit, percent: limit > 0 ? ((usage?.memory ?? 0) / limit) * 100 : 0 },
    pids: { current: usage?.pids ?? 0, ...(usage?.pidsLimit !== undefined && { limit: usage.pidsLimit }) },
    blkio: { read: usage?.blockRead ?? 0, write: usage?.blockWrite ?? 0 },
    network: usage ? networkOf(record) : { rx: 0, tx: 0 },
  };
}

/** What is the same for all containers of one round: looked at once, as each look reads files of every CPU. */
function lookAtHost(): HostLook {
  return { system: hostCpu(), online: cpus().length };
}

/** Nanoseconds that all CPUs have spent, idle or not: the first line of proc(5) /proc/stat, in ticks of 10 ms. */
function hostCpu(): number {
  const [, ...ticks] = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!.trim().split(/\s+/);
  return ticks.slice(0, 8).reduce((sum, each) => sum + Number(each), 0) * 1e7;
}

let memory: number | undefined;

/** Bytes of RAM: what an unlimited container is measured against. */
function hostMemory(): number {
  memory ??= Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "latin1"))?.[1] ?? 0) * 1024;
  return memory;
}

/** Bytes through all interfaces but loopback; nothing of its own when it shares the host's network. */
function networkOf(record: ContainerRecord): { rx: number; tx: number } {
  const none = { rx: 0, tx: 0 };
  if (record.host.NetworkMode === "host") return none;
  try {
    return parseNetDev(readFileSync(`/proc/${record.pid}/net/dev`, "latin1"));
  } catch {
    return none; // ended meanwhile
  }
}

/** Sums proc(5) /proc/PID/net/dev: receive bytes are the first column, transmit bytes the ninth. */
export function parseNetDev(text: string): { rx: number; tx: number } {
  const sum = { rx: 0, tx: 0 };
  for (const line of text.split("\n").slice(2)) {
    const [name, rest] = line.split(":");
    if (!rest || name?.trim() === "lo") continue;
    const columns = rest.trim().split(/\s+/).map(Number);
    sum.rx += columns[0] ?? 0;
    sum.tx += columns[8] ?? 0;
  }
  return sum;
}
