/** `logs`: the log file as entries, the past first, then what is written while the container runs. */
import { existsSync, watch } from "node:fs";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { LogFile } from "./log-file.ts";
import { type ContainerRecord, filesOf, findById, findContainer, isRunning } from "./record.ts";
import type { LogEntry, LogsOptions } from "./types.ts";

/** See index.ts. Following ends with the container's process. */
export async function* readLogs(house: House, ref: string, options: LogsOptions = {}): AsyncGenerator<LogEntry> {
  const record = findContainer(house, ref);
  if (record.host.LogConfig?.Type === "none")
    throw new EngineError("unsupported", 'configured logging driver does not support reading: "none"', {
      exit: 1,
      hint: "run the container without --log-driver none",
    });
  const { log } = filesOf(house, record.id);
  const inRange = rangeTest(options);
  if (!existsSync(log)) {
    if (!options.follow) return;
    await waitForFile(house, record, log, options.signal);
    if (!existsSync(log)) return;
  }
  using file = new LogFile(log);
  if (options.tail !== undefined) file.seekTail(options.tail);
  yield* select(file, inRange);
  if (options.follow) yield* follow(house, record, file, log, inRange, options);
}

function* select(file: LogFile, inRange: (entry: LogEntry) => boolean): Generator<LogEntry> {
  for (const entry of file.entries()) {
    const plain = { ...entry, time: utc(entry.time) };
    if (inRange(plain)) yield plain;
  }
}

async function* follow(
  house: House,
  record: ContainerRecord,
  file: LogFile,
  log: string,
  inRange: (entry: LogEntry) => boolean,
  options: LogsOptions,
): AsyncGenerator<LogEntry> {
  using changes = watchFiles([log, house.paths.notify], options.signal, options.until);
  for (;;) {
    const over = changes.over || !stillWrites(house, record);
    yield* select(file, inRange);
    if (over) return;
    await changes.next();
  }
}

/** Runs, or may be just about to: the log is there a moment before the record says "running". */
function stillWrites(house: House, { id }: ContainerRecord): boolean {
  const now = findById(house, id);
  return now !== undefined && (isRunning(now) || now.status === "created");
}

async function waitForFile(house: House, record: ContainerRecord, log: string, signal: AbortSignal | undefined): Promise<void> {
  const { until } = await import("./until.ts");
  await until(house, () => existsSync(log) || !stillWrites(house, record) || undefined, { signal });
}

/** Resolves on each change of one of the files, or when it is over; what came before the call counts. */
function watchFiles(paths: string[], signal: AbortSignal | undefined, until: number | undefined) {
  let pending = true;
  let over = signal?.aborted ?? false;
  let wake: (() => void) | undefined;
  const change = () => {
    pending = true;
    wake?.();
  };
  const end = () => {
    over = true;
    change();
  };
  const watchers = paths.map((path) => watch(path, change));
  signal?.addEventListener("abort", end);
  const timer = until === undefined ? undefined : setTimeout(end, Math.max(0, until * 1000 - Date.now()));
  return {
    get over() {
      return over;
    },
    async next(): Promise<void> {
      if (!pending && !over) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    },
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher.close();
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    },
  };
}

function rangeTest({ since, until }: LogsOptions): (entry: LogEntry) => boolean {
  if (since === undefined && until === undefined) return () => true;
  return ({ time }) => {
    const seconds = secondsOf(time);
    return (since === undefined || seconds >= since) && (until === undefined || seconds <= until);
  };
}

function secondsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "0";
  return Math.floor(Date.parse(time.replace(/\.\d+/, "")) / 1000) + Number(`0.${fraction}`);
}

/** conmon writes local time with its offset; docker's notation is UTC. */
function utc(time: string): string {
  if (time.endsWith("Z")) return time;
  if (time.endsWith("+00:00")) return `${time.slice(0, -6)}Z`;
  const fraction = /\.\d+/.exec(time)?.[0] ?? "";
  const whole = new Date(time.replace(/\.\d+/, ""));
  return Number.isNaN(whole.getTime()) ? time : `${whole.toISOString().slice(0, 19)}${fraction}Z`;
}
