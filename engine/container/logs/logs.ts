/** `logs`: what was logged, the past first, then what is written while the container runs. */
import { EngineError } from "../../errors.ts";
import { nanosecondsOf } from "../../instant.ts";
import type { Ground } from "../../state/ground.ts";
import { wakeOn } from "../../state/wake.ts";
import { type ContainerRecord, filesOf, findById, findContainer, isRunning } from "../record/index.ts";
import type { LogEntry, LogsOptions } from "../types.ts";
import { decodeLog, decodeOutput } from "./k8s-log.ts";
import { LogReader, missedText } from "./log-reader.ts";

/** See index.ts. Following ends with the container's process. */
export async function* readLogs(ground: Ground, ref: string, options: LogsOptions = {}): AsyncGenerator<LogEntry[]> {
  const record = findContainer(ground, ref);
  if (record.host.LogConfig?.Type === "none")
    throw new EngineError("unsupported", 'configured logging driver does not support reading: "none"', {
      exit: 1,
      hint: "run the container without --log-driver none",
    });
  using reader = new LogReader(filesOf(ground, record.id).log, { tail: options.tail });
  if (options.follow) yield* follow(ground, record, reader, options);
  else yield* select(reader, options);
}

function* select(reader: LogReader, options: LogsOptions): Generator<LogEntry[]> {
  const inRange = rangeTest(options);
  for (let lines = reader.next(); lines; lines = reader.next()) {
    if (reader.hasMissed) options.onMissed?.(missedText);
    if (inRange) yield decodeLog(lines).filter(inRange);
    else yield options.joined ? decodeOutput(lines) : decodeLog(lines);
  }
}

async function* follow(ground: Ground, record: ContainerRecord, reader: LogReader, options: LogsOptions): AsyncGenerator<LogEntry[]> {
  using wake = wakeOn([filesOf(ground, record.id).directory, ground.paths.notify], {
    ...(options.signal && { signal: options.signal }),
    ...(options.until !== undefined && { until: Number(options.until) / 1e9 }),
  });
  for (;;) {
    const over = wake.over || !stillWrites(ground, record);
    yield* select(reader, options);
    if (over) return;
    await wake.next();
  }
}

/** Runs, or may be just about to: the log is there a moment before the record says "running". */
function stillWrites(ground: Ground, { id }: ContainerRecord): boolean {
  const now = findById(ground, id);
  return now !== undefined && (isRunning(now) || now.status === "created");
}

function rangeTest({ since, until }: LogsOptions): ((entry: LogEntry) => boolean) | undefined {
  if (since === undefined && until === undefined) return undefined;
  // Lines that were written together have one time.
  let last = "";
  let isIn = false;
  return ({ time }) => {
    if (time === last) return isIn;
    const at = nanosecondsOf(time);
    last = time;
    isIn = (since === undefined || at >= since) && (until === undefined || at <= until);
    return isIn;
  };
}
