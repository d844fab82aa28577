/** A sample of measurements in docker's shape (Engine API, "Get container stats based on resource usage"). Pure. */
import type { StatsDetail, StatsSample } from "../container/index.ts";

const never = "0001-01-01T00:00:00Z";

function toCpu(sample: StatsSample | undefined): object {
  const { usage = 0, system = 0, online = 0 } = sample?.cpu ?? {};
  const { user = 0, kernel = 0, perCpu, periods = 0, throttled = 0, throttledTime = 0 } = sample?.detail?.cpu ?? {};
  return {
    cpu_usage: {
      total_usage: usage,
      ...(perCpu && { percpu_usage: perCpu }),
      usage_in_kernelmode: kernel,
      usage_in_usermode: user,
    },
    ...(sample && { system_cpu_usage: system, online_cpus: online }),
    throttling_data: { periods, throttled_periods: throttled, throttled_time: throttledTime },
  };
}

/** Clients take the page cache off the usage themselves, by the counters. */
function toMemory({ memory, detail }: StatsSample): object {
  const { usage = memory.usage, max, failures, stats = {} } = detail?.memory ?? {};
  return { usage, ...(max && { max_usage: max }), stats, ...(failures && { failcnt: failures }), limit: memory.limit };
}

/** Without the detail: of all devices together. */
function toBlocks({ blkio, detail }: StatsSample): object[] {
  if (detail) return detail.blocks;
  return [
    { major: 0, minor: 0, op: "read", value: blkio.read },
    { major: 0, minor: 0, op: "write", value: blkio.write },
  ];
}

function toNetworks({ network, detail }: StatsSample): StatsDetail["interfaces"] {
  if (detail) return detail.interfaces;
  const others = { rx_packets: 0, rx_errors: 0, rx_dropped: 0, tx_packets: 0, tx_errors: 0, tx_dropped: 0 };
  return { eth0: { rx_bytes: network.rx, tx_bytes: network.tx, ...others } };
}

/** @param before the sample before it, of which a client takes the difference */
export function toStats(sample: StatsSample, before?: StatsSample): object {
  const { ID, Name, read, pids } = sample;
  const runs = pids.current > 0;
  const networks = runs ? toNetworks(sample) : {};
  return {
    id: ID,
    name: `/${Name}`,
    read: runs ? read : never,
    preread: before ? before.read : never,
    num_procs: 0,
    pids_stats: runs ? { current: pids.current, ...(pids.limit !== undefined && { limit: pids.limit }) } : {},
    cpu_stats: toCpu(runs ? sample : undefined),
    precpu_stats: toCpu(runs ? before : undefined),
    memory_stats: runs ? toMemory(sample) : {},
    blkio_stats: {
      io_service_bytes_recursive: runs ? toBlocks(sample) : null,
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
    storage_stats: {},
    ...(Object.keys(networks).length > 0 && { networks }),
  };
}
