/** What a container has of the kernel unless it asks for something else. Apart from the specification, as `inspect` tells of it, too. */
import type { HostFacts } from "../../runtime/host-facts.ts";

/** Hidden, since they tell about the host or reach its hardware. */
export const maskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
export const readonlyPaths: readonly string[] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** docker: a group of its own where groups are unified, also for a privileged container. */
export const defaultCgroupns = ({ cgroup }: Pick<HostFacts, "cgroup">) => (cgroup === "v2" ? "private" : "host");
