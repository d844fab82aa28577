/** Measurements: docker's samples in the engine's shape, of several containers side by side. */
import { aborted } from "../../aborted.ts";
import type { StatsOptions, StatsSample } from "../../container/index.ts";
import { jsonLines } from "../link/lines.ts";
import { type Link, segment } from "../link/link.ts";
import { complete, MapOf } from "../link/template.ts";
import { summary } from "./shapes.ts";

const cpu = { cpu_usage: { total_usage: 0, percpu_usage: [0] }, system_cpu_usage: 0, online_cpus: 0 };
const blocks = [{ op: "", value: 0 }];

const sample = {
  id: "",
  name: "",
  read: "",
  preread: "",
  cpu_stats: cpu,
  precpu_stats: cpu,
  memory_stats: { usage: 0, limit: 0, stats: new MapOf(0) },
  pids_stats: { current: 0, limit: 0 },
  blkio_stats: { io_service_bytes_recursive: blocks },
  networks: new MapOf({ rx_bytes: 0, tx_bytes: 0 }),
};

type Sample = ReturnType<typeof complete<typeof sample>>;

/** Milliseconds between samples. */
const pace = 1000;

/** docker's client's: of one CPU, between the two samples that came. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: Sample, online: number): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = now.system_cpu_usage - before.system_cpu_usage;
  return before.system_cpu_usage > 0 && used > 0 && all > 0 ? (used / all) * online * 100 : 0;
}

/** Without what the kernel would give back at once: of control groups v1, of v2. */
function memoryUsed({ usage, stats }: Sample["memory_stats"]): number {
  const cache = stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0;
  return cache < usage ? usage - cache : usage;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** Pure. */
export function toSample(raw: Sample): StatsSample {
  const { id, name, read, cpu_stats, memory_stats, pids_stats, blkio_stats, networks } = raw;
  const online = cpu_stats.online_cpus || cpu_stats.cpu_usage.percpu_usage.length || 1;
  const usage = memoryUsed(memory_stats);
  const { limit } = memory_stats;
  const bytes = (op: string) =>
    sum(blkio_stats.io_service_bytes_recursive.filter((each) => each.op.toLowerCase() === op).map(({ value }) => value));
  return {
    ID: id,
    Name: name.replace(/^\//, ""),
    read,
    cpu: { usage: cpu_stats.cpu_usage.total_usage, system: cpu_stats.system_cpu_usage, online, percent: cpuPercent(raw, online) },
    memory: { usage, limit, percent: limit > 0 ? (usage / limit) * 100 : 0 },
    pids: {
      current: pids_stats.current,
      ...(pids_stats.limit > 0 && pids_stats.limit < Number.MAX_SAFE_INTEGER && { limit: pids_stats.limit }),
    },
    blkio: { read: bytes("read"), write: bytes("write") },
    network: {
      rx: sum(Object.values(networks).map((each) => each.rx_bytes)),
      tx: sum(Object.values(networks).map((each) => each.tx_bytes)),
    },
  };
}

const read = (link: Link, value: unknown) => link.reading(() => toSample(complete(sample, value, "a sample")));

/** See container/index.ts. */
export async function* readStats(link: Link, refs: string[], options: StatsOptions = {}): AsyncGenerator<StatsSample[]> {
  if (options.stream) yield* follow(link, refs, options);
  else yield await Promise.all((await idsOf(link, refs, options)).map((id) => once(link, id, options.signal)));
}

async function idsOf(link: Link, refs: string[], { all = false }: StatsOptions): Promise<string[]> {
  if (refs.length > 0) return refs;
  return (await link.json("GET", "/containers/json", [summary], { query: { all } })).map(({ Id }) => Id);
}

/** The host looks twice, a second apart: of one look there are no shares. */
async function once(link: Link, ref: string, signal: AbortSignal | undefined): Promise<StatsSample> {
  const found = toSample(await link.json("GET", `/containers/${segment(ref)}/stats`, sample, { query: { stream: "0" }, signal }));
  return { ...found, ID: found.ID || ref }; // podman says its name alone
}

/** A stream for each container, those that start meanwhile too; from time to time what they have said last. */
async function* follow(link: Link, refs: string[], options: StatsOptions): AsyncGenerator<StatsSample[]> {
  const over = new AbortController();
  const stop = () => over.abort();
  options.signal?.addEventListener("abort", stop, { once: true });
  const latest = new Map<string, StatsSample | undefined>();
  const gone = aborted(over.signal);
  const failed = Promise.withResolvers<never>();
  const { every = pace } = options;
  failed.promise.catch(() => {});
  const listen = async (ref: string) => {
    const answer = await link.request("GET", `/containers/${segment(ref)}/stats`, { query: { stream: "1" }, signal: over.signal });
    for await (const line of jsonLines(link, answer, "a sample")) latest.set(ref, read(link, line));
  };
  try {
    for (let wait = pace; !options.signal?.aborted; wait = every) {
      const ids = await idsOf(link, refs, options);
      for (const id of latest.keys()) if (!ids.includes(id)) latest.delete(id);
      for (const id of ids.filter((each) => !latest.has(each))) {
        latest.set(id, undefined);
        // One that ends takes its stream along; of those that were named, a name that there is not is an error.
        void listen(id).catch((error) => (refs.length > 0 && !over.signal.aborted ? failed.reject(error) : latest.delete(id)));
      }
      await Promise.race([new Promise((resolve) => setTimeout(resolve, wait)), failed.promise, gone]);
      const found = ids.map((id) => latest.get(id)).filter((each) => each !== undefined);
      if (!over.signal.aborted && (found.length > 0 || ids.length === 0)) yield found;
    }
  } finally {
    options.signal?.removeEventListener("abort", stop);
    over.abort();
  }
}
