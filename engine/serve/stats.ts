/** A sample of measurements in docker's shape (Engine API, "Get container stats based on resource usage"). Pure. */
import type { StatsSample } from "../container/index.ts";

const never = "0001-01-01T00:00:00Z";

function toCpu(sample: StatsSample | undefined): object {
  const { usage = 0, system = 0, online = 0 } = sample?.cpu ?? {};
  return {
    cpu_usage: { total_usage: usage, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    ...(sample && { system_cpu_usage: system, online_cpus: online }),
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}

/** Of all devices together: the engine does not tell them apart. */
const toBlocks = (op: string, value: number) => ({ major: 0, minor: 0, op, value });

/** @param before the sample before it, of which a client takes the difference */
export function toStats(sample: StatsSample, before?: StatsSample): object {
  const { ID, Name, read, memory, pids, blkio, network } = sample;
  const runs = pids.current > 0;
  const packets = { rx_packets: 0, rx_errors: 0, rx_dropped: 0, tx_packets: 0, tx_errors: 0, tx_dropped: 0 };
  return {
    id: ID,
    name: `/${Name}`,
    read: runs ? read : never,
    preread: before ? before.read : never,
    num_procs: 0,
    pids_stats: runs ? { current: pids.current, ...(pids.limit !== undefined && { limit: pids.limit }) } : {},
    cpu_stats: toCpu(runs ? sample : undefined),
    precpu_stats: toCpu(runs ? before : undefined),
    memory_stats: runs ? { usage: memory.usage, limit: memory.limit, stats: {} } : {},
    blkio_stats: {
      io_service_bytes_recursive: runs ? [toBlocks("read", blkio.read), toBlocks("write", blkio.write)] : null,
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
    storage_stats: {},
    ...(runs && { networks: { eth0: { rx_bytes: network.rx, tx_bytes: network.tx, ...packets } } }),
  };
}
