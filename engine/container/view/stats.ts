/**
 * `stats`: what containers use, read from their control groups and network namespaces without a process of their own.
 * CPU percent is docker's: share of one CPU since the previous sample, so a container on two CPUs can show 200 %.
 */
import { cpus } from "node:os";
import { readCpu, readDetail, readUsage, type Usage, usedOf } from "../../runtime/usage.ts";
import type { Ground } from "../../state/ground.ts";
import { KeptPseudoFiles, readPseudoFile } from "../../sys/pseudo-file.ts";
import { groupOf } from "../process/index.ts";
import { type ContainerRecord, findContainer, isRunning, timestamp, toRecord } from "../record/index.ts";
import type { InterfaceCounters, StatsOptions, StatsSample } from "../types.ts";

/**
 * Milliseconds between the two looks that a percentage needs. The kernel brings the time of what runs up to date at each
 * of its ticks (4 ms or less): that is how exact the first percentage is.
 */
const firstInterval = 60;
/** Milliseconds between two samples of a stream, unless said otherwise. */
const interval = 1000;

/** CPU time and when it was looked at. */
interface Look {
  cpu: number;
  /** Milliseconds, monotonic. */
  at: number;
}

/** See `Containers.stats`. @throws EngineError `not-found`, `ambiguous` */
export async function* sampleStats(ground: Ground, refs: string[], options: StatsOptions = {}): AsyncGenerator<StatsSample[]> {
  using groups = new Groups(ground);
  let records = choose(ground, refs, options.all === true);
  let before = groups.look(records);
  // The other figures are read between the two looks at the CPU time.
  const first = before.size > 0 ? pause(firstInterval, options.signal) : Promise.resolve(true);
  let usages = groups.usages(records);
  if (!(await first)) return;
  let now = groups.look(records);
  for (;;) {
    const samples = toSamples(records, usages, now, before);
    yield options.detail ? samples.map((sample, at) => withDetail(ground, records[at]!, sample)) : samples;
    if (!options.stream || !(await pause(options.every ?? interval, options.signal))) return;
    before = now;
    records = refs.length > 0 ? present(ground, records) : choose(ground, refs, options.all === true);
    now = usages = groups.usages(records);
    groups.leave(records);
  }
}

function choose(ground: Ground, refs: string[], all: boolean): ContainerRecord[] {
  if (refs.length > 0) return refs.map((ref) => findContainer(ground, ref));
  const records = ground.db.all("SELECT * FROM containers WHERE status <> 'creating' ORDER BY created DESC").map(toRecord);
  return all ? records : records.filter(isRunning);
}

/** Those that were named, a moment later: of what is needed here no more than these columns changes, and the others are slow to read. */
function present(ground: Ground, records: ContainerRecord[]): ContainerRecord[] {
  const now = (id: string) =>
    ground.db.get<Pick<ContainerRecord, "name" | "status" | "pid">>("SELECT name, status, pid FROM containers WHERE id = ?", id);
  return records.map((record) => ({ ...record, ...(now(record.id) ?? findContainer(ground, record.id)) }));
}

/** The control groups of running containers, looked at every second: what does not change is looked up once. */
class Groups implements Disposable {
  #ground: Ground;
  #files = new KeptPseudoFiles();
  #names = new Map<string, string>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  #nameOf(id: string): string {
    const name = this.#names.get(id) ?? groupOf(this.#ground, id);
    this.#names.set(id, name);
    return name;
  }

  look(records: ContainerRecord[]): Map<string, Look> {
    return new Map(
      records.filter(isRunning).map(({ id }) => [id, { cpu: readCpu(this.#nameOf(id), this.#files.read), at: performance.now() }]),
    );
  }

  usages(records: ContainerRecord[]): Map<string, Usage & Look> {
    return new Map(
      records.filter(isRunning).map(({ id }) => [id, { ...readUsage(this.#nameOf(id), this.#files.read), at: performance.now() }]),
    );
  }

  /** Lets go of all but these. */
  leave(records: ContainerRecord[]): void {
    this.#files.sweep();
    const ids = new Set(records.map(({ id }) => id));
    for (const id of this.#names.keys()) if (!ids.has(id)) this.#names.delete(id);
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

/** Resolves true after the time, false when the caller gave up. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
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

function toSamples(
  records: ContainerRecord[],
  usages: Map<string, Usage>,
  now: Map<string, Look>,
  before: Map<string, Look>,
): StatsSample[] {
  // Of the whole host, so once for all containers: asking for its CPUs reads several files of each.
  const host = { read: timestamp(), system: hostCpu(), online: cpus().length };
  return records.map((record) => toSample(record, usages.get(record.id), percentOf(now.get(record.id), before.get(record.id)), host));
}

/** Of one CPU. A group that is gone meanwhile reads as nothing, and nothing is less than it had. */
function percentOf(now: Look | undefined, before: Look | undefined): number {
  const elapsed = now && before ? (now.at - before.at) * 1e6 : 0;
  return now && before && elapsed > 0 ? Math.max(0, ((now.cpu - before.cpu) / elapsed) * 100) : 0;
}

function toSample(
  record: ContainerRecord,
  usage: Usage | undefined,
  percent: number,
  { read, system, online }: { read: string; system: number; online: number },
): StatsSample {
  const limit = usage ? Math.min(usage.memoryLimit ?? hostMemory(), hostMemory()) : 0;
  return {
    ID: record.id,
    Name: record.name,
    read,
    cpu: { usage: usage?.cpu ?? 0, system, online, percent },
    memory: memoryUse(usage?.memory ?? 0, limit),
    pids: { current: usage?.pids ?? 0, ...(usage?.pidsLimit !== undefined && { limit: usage.pidsLimit }) },
    blkio: { read: usage?.blockRead ?? 0, write: usage?.blockWrite ?? 0 },
    network: usage ? networkOf(record) : { rx: 0, tx: 0 },
  };
}

function withDetail(ground: Ground, record: ContainerRecord, sample: StatsSample): StatsSample {
  if (sample.pids.current === 0) return sample;
  const detail = readDetail(groupOf(ground, record.id));
  // Of the same look: clients subtract the cache from the usage themselves, and the kernel's figures move from one look to the next.
  const memory = memoryUse(usedOf(detail.memory), sample.memory.limit);
  return { ...sample, memory, detail: { ...detail, interfaces: interfacesOf(record) } };
}

function memoryUse(usage: number, limit: number): StatsSample["memory"] {
  return { usage, limit, percent: limit > 0 ? (usage / limit) * 100 : 0 };
}

/** Nanoseconds that all CPUs have spent, idle or not: the first line of proc(5) /proc/stat, in ticks of 10 ms. */
function hostCpu(): number {
  const [, ...ticks] = readPseudoFile("/proc/stat").split("\n", 1)[0]!.trim().split(/\s+/);
  return ticks.slice(0, 8).reduce((sum, each) => sum + Number(each), 0) * 1e7;
}

let memory: number | undefined;

/** Bytes of RAM: what an unlimited container is measured against. */
function hostMemory(): number {
  memory ??= Number(/^MemTotal:\s+(\d+)/m.exec(readPseudoFile("/proc/meminfo"))?.[1] ?? 0) * 1024;
  return memory;
}

/** Bytes through all interfaces but loopback; nothing of its own when it shares the host's network. */
function networkOf(record: ContainerRecord): { rx: number; tx: number } {
  const sum = { rx: 0, tx: 0 };
  for (const { rx_bytes, tx_bytes } of Object.values(interfacesOf(record))) {
    sum.rx += rx_bytes;
    sum.tx += tx_bytes;
  }
  return sum;
}

function interfacesOf(record: ContainerRecord): Record<string, InterfaceCounters> {
  if (record.host.NetworkMode === "host") return {};
  try {
    return parseNetDev(readPseudoFile(`/proc/${record.pid}/net/dev`));
  } catch {
    return {}; // ended meanwhile
  }
}

/** proc(5) /proc/PID/net/dev: bytes, packets, errors and drops are the first columns of what is received, and of the eight for what is sent. */
export function parseNetDev(text: string): Record<string, InterfaceCounters> {
  const found: Record<string, InterfaceCounters> = {};
  for (const line of text.split("\n").slice(2)) {
    const [name = "", rest] = line.split(":");
    if (!rest || name.trim() === "lo") continue;
    const columns = rest.trim().split(/\s+/).map(Number);
    const counters = (direction: "rx" | "tx", at: number) =>
      ["bytes", "packets", "errors", "dropped"].map((what, index) => [`${direction}_${what}`, columns[at + index] ?? 0]);
    found[name.trim()] = Object.fromEntries([...counters("rx", 0), ...counters("tx", 8)]);
  }
  return found;
}
