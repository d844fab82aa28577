/** Timing whole processes, as a user waits for them: from the start of the program to its end. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** A command line: the program first. */
export type Command = readonly [string, ...string[]];

/** Milliseconds of wall time. A command that fails would measure its failure: that is an error. */
export function timeOf(command: Command, options: { input?: string; env?: NodeJS.ProcessEnv } = {}): number {
  const [program, ...args] = command;
  const started = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(program, args, {
    env: options.env ?? process.env,
    input: options.input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const elapsed = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0)
    throw new Error(`cannot measure "${command.join(" ")}": ${error?.message ?? `status ${status}: ${stderr.trim().slice(-500)}`}`);
  return elapsed;
}

/** The most memory that a command's own process had at a time: MB of resident set. */
export async function peakOf(command: Command, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: "ignore", env });
  let peak = 0;
  const look = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }, 10);
  const [status] = (await once(child, "exit").finally(() => clearInterval(look))) as [number | null];
  if (status !== 0) throw new Error(`cannot measure "${command.join(" ")}": status ${status}`);
  return peak;
}

/** Runs a command that must succeed; gives its standard output. */
export function outputOf(command: Command, options: { env?: NodeJS.ProcessEnv; input?: string } = {}): string {
  const [program, ...args] = command;
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    env: options.env ?? process.env,
    input: options.input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`cannot run "${command.join(" ")}": ${error?.message ?? `status ${status}: ${stderr.trim().slice(-1000)}`}`);
  return stdout;
}

export interface Samples {
  /** Milliseconds, ascending. */
  times: number[];
  median: number;
  /** 10th and 90th percentile. */
  low: number;
  high: number;
}

export function summarise(times: readonly number[]): Samples {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(0.5) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { times: sorted, median, low: at(0.1), high: at(0.9) };
}
