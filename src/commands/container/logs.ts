/** `berth logs`: what a container wrote. */

import { EngineError } from "../../../engine/errors.ts";
import type { LogEntry, OutputEvent } from "../../../engine/index.ts";
import { parseTime } from "../../format/time.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { labelsText } from "./ps-columns.ts";

/** Entries are joined up to this many bytes, so that following 100 MB does not wake the terminal for each line. */
const chunkSize = 64 * 1024;

const spec: CommandSpec<void> = command({
  name: "container logs",
  aliases: ["logs"],
  group: "container",
  summary: "Fetch the logs of a container",
  examples: [
    { line: "berth logs -f --tail 20 web", does: "Print the last 20 lines and follow what comes" },
    { line: "berth logs --since 10m -t web", does: "Print the last ten minutes, with times" },
  ],
  flags: [
    { name: "details", type: "boolean", help: "Show the attributes given by --log-opt labels" },
    { name: "follow", short: "f", type: "boolean", help: "Follow the output" },
    { name: "since", type: "string", placeholder: "TIME", help: "Show logs since a time, or since a duration before now" },
    { name: "tail", short: "n", type: "string", default: "all", placeholder: "LINES", help: "Number of lines to show from the end" },
    { name: "timestamps", short: "t", type: "boolean", help: "Show times" },
    { name: "until", type: "string", placeholder: "TIME", help: "Show logs before a time, or before a duration before now" },
  ],
  args: [{ name: "CONTAINER", subject: "container" }],
  endless: (input) => isSet(input, "follow"),
  async *run({ engine, signal }, input) {
    const name = input.args[0]!;
    const attributes = isSet(input, "details") ? await detailsOf(engine.containers.inspect(name)) : undefined;
    const write = lineWriter(isSet(input, "timestamps"), attributes);
    const options = { ...range(input), follow: isSet(input, "follow"), signal };
    yield* inChunks(engine.containers.logs(name, options), write);
  },
});

function range(input: Input): { since?: number; until?: number; tail?: number } {
  const since = textOf(input, "since");
  const until = textOf(input, "until");
  const tail = textOf(input, "tail") ?? "all";
  if (tail !== "all" && !/^-?\d+$/.test(tail))
    throw new EngineError("usage", `invalid argument "${tail}" for "-n, --tail" flag: must be a number or "all"`);
  return {
    since: since === undefined ? undefined : parseTime(since, "since"),
    until: until === undefined ? undefined : parseTime(until, "until"),
    tail: tail === "all" || Number(tail) < 0 ? undefined : Number(tail),
  };
}

async function detailsOf(
  inspecting: Promise<{ HostConfig: { LogConfig?: { Config: Record<string, string> } }; Config: { Labels?: Record<string, string> } }>,
): Promise<string> {
  const { Config, HostConfig } = await inspecting;
  const wanted = (HostConfig.LogConfig?.Config["labels"] ?? "").split(",").filter(Boolean);
  return labelsText(Object.fromEntries(wanted.flatMap((key) => (Config.Labels?.[key] === undefined ? [] : [[key, Config.Labels[key]]]))));
}

const lineEnd = Buffer.from("\n");

/** Times and details begin a line, not the pieces of a long one. */
function lineWriter(timestamps: boolean, details: string | undefined): (entry: LogEntry) => Uint8Array[] {
  const open = { stdout: false, stderr: false };
  return ({ stream, time, data, partial }) => {
    const head = open[stream] ? "" : `${timestamps ? `${time} ` : ""}${details === undefined ? "" : `${details} `}`;
    open[stream] = partial ?? false;
    const parts: Uint8Array[] = head ? [Buffer.from(head), data] : [data];
    if (!partial) parts.push(lineEnd);
    return parts;
  };
}

/** Joins entries of one stream that are there already; what has to be waited for does not hold back what came before. */
async function* inChunks(entries: AsyncIterable<LogEntry>, write: (entry: LogEntry) => Uint8Array[]): AsyncGenerator<OutputEvent, void> {
  const iterator = entries[Symbol.asyncIterator]();
  let parts: Uint8Array[] = [];
  let size = 0;
  let stream: LogEntry["stream"] = "stdout";
  const flush = (): OutputEvent => {
    const data = Buffer.concat(parts, size);
    parts = [];
    size = 0;
    return { type: "output", stream, data };
  };
  try {
    for (;;) {
      const next = iterator.next();
      if (size > 0 && !(await isReady(next))) yield flush();
      const { done, value } = await next;
      if (done) break;
      if (size > 0 && (value.stream !== stream || size >= chunkSize)) {
        yield flush();
        await nextTurn(); // signals are heard while a long log is printed
      }
      stream = value.stream;
      for (const part of write(value)) {
        parts.push(part);
        size += part.length;
      }
    }
    if (size > 0) yield flush();
  } finally {
    await iterator.return?.();
  }
}

const pending = Symbol("pending");

let turn: Promise<typeof pending> | undefined;

/** One for all who ask before it comes: entries that are there already keep the loop from turning, by the million. */
function nextTurn(): Promise<typeof pending> {
  turn ??= new Promise((resolve) =>
    setImmediate(() => {
      turn = undefined;
      resolve(pending);
    }),
  );
  return turn;
}

/** True when the promise settles before the event loop turns. */
async function isReady(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise, nextTurn()])) !== pending;
}

export default spec;
