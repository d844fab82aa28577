/** What the containers of a service, and of a project, come to in a word. Pure. */
import type { Seen } from "../../engine/compose/index.ts";
import type { Tone } from "../theme.ts";

/** "done" has ended with 0 while others run: a one-shot. */
export type ServiceState = "none" | "created" | "up" | "part" | "paused" | "done" | "stopped" | "failed";

const exitStatus = ({ status }: Seen) => Number(/\((\d+)\)/.exec(status)?.[1] ?? 0);

/** What SIGINT, SIGKILL and SIGTERM end with: whoever stops a service may have sent them. */
const stopped = new Set([130, 137, 143]);

const hasFailed = (seen: Seen) => exitStatus(seen) !== 0 && !stopped.has(exitStatus(seen));

/** @param isAnyUp whether the project runs at all: what was stopped with it is not done */
export function stateOf(containers: readonly Seen[], isAnyUp: boolean): ServiceState {
  if (containers.length === 0) return "none";
  const running = containers.filter(({ state }) => state === "running").length;
  if (running === containers.length) return "up";
  if (running > 0) return "part";
  if (containers.some(({ state }) => state === "paused")) return "paused";
  if (containers.every(({ state }) => state === "created")) return "created";
  if (!isAnyUp) return containers.some(hasFailed) ? "failed" : "stopped";
  return containers.every((each) => exitStatus(each) === 0) ? "done" : "failed";
}

const looks: Record<ServiceState, { symbol: string; tone: Tone }> = {
  none: { symbol: "·", tone: "dim" },
  created: { symbol: "○", tone: "info" },
  up: { symbol: "●", tone: "good" },
  part: { symbol: "◐", tone: "busy" },
  paused: { symbol: "‖", tone: "busy" },
  done: { symbol: "✓", tone: "good" },
  stopped: { symbol: "■", tone: "dim" },
  failed: { symbol: "✗", tone: "bad" },
};

export const lookOf = (state: ServiceState) => looks[state];

/** "web-1" of "PROJECT-web-1"; a name of its own as it is. */
export function shortName(name: string, project: string): string {
  return name.startsWith(`${project}-`) ? name.slice(project.length + 1) : name;
}

/** How many services are as they should be. */
export function sumOf(services: readonly { state: ServiceState }[]): number {
  return services.filter(({ state }) => state === "up" || state === "done").length;
}

/** "exited (1)", "2 of 3 failed"; undefined where none has. */
export function failureText(services: readonly { state: ServiceState; containers: readonly Seen[] }[]): string | undefined {
  const failed = services.filter(({ state }) => state === "failed");
  if (failed.length > 1) return `${failed.length} of ${services.length} failed`;
  const status = failed[0]?.containers.map(exitStatus).find((each) => each !== 0);
  return status === undefined ? undefined : `exited (${status})`;
}

export type Health = Record<"healthy" | "unhealthy" | "starting", number>;

export function health(containers: readonly Seen[]): Health {
  const sum: Health = { healthy: 0, unhealthy: 0, starting: 0 };
  for (const { status } of containers) {
    const found = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1] as keyof Health | undefined;
    if (found) sum[found]++;
  }
  return sum;
}

/** "3 healthy", "2 healthy 1 unhealthy"; "" where nobody checks. */
export function healthText(sum: Health): string {
  return Object.entries(sum)
    .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
    .join(" ");
}

export function healthTone({ unhealthy, starting }: Health): Tone {
  return unhealthy > 0 ? "bad" : starting > 0 ? "busy" : "good";
}
